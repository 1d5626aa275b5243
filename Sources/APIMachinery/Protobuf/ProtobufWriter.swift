/// Bytes written from the last to the first, so that a message's length is known where it is to stand.
struct ProtobufWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The first byte written.
    private var start: Int
    /// What could not be written, which came up first.
    private(set) var failure: ProtobufError?

    private static let initialCapacity = 4096

    init() {
        capacity = Self.initialCapacity
        start = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Bytes written so far.
    var count: Int { capacity - start }

    var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: base + start, count: count)) }

    /// Starts anew in the same memory.
    mutating func reset() {
        start = capacity
        failure = nil
    }

    mutating func fail(_ message: String) {
        if failure == nil { failure = ProtobufError(message: message) }
    }

    // MARK: Scalars, each in front of what is there

    @inline(__always)
    mutating func write(byte: UInt8) {
        if start == 0 { grow(by: 1) }
        start -= 1
        base[start] = byte
    }

    @inline(__always)
    mutating func write(varint: UInt64) {
        if varint < 0x80 { return write(byte: UInt8(truncatingIfNeeded: varint)) }
        let length = (70 - (varint | 1).leadingZeroBitCount) / 7
        if start < length { grow(by: length) }
        start -= length
        var rest = varint
        var place = start
        while rest >= 0x80 {
            base[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
        }
        base[place] = UInt8(truncatingIfNeeded: rest)
    }

    @inline(__always)
    mutating func write(key number: UInt32, _ type: WireType) {
        write(varint: UInt64(number) << 3 | UInt64(type.rawValue))
    }

    mutating func write(fixed64 bits: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            write(byte: UInt8(truncatingIfNeeded: bits >> shift))
        }
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        if start < bytes.count { grow(by: bytes.count) }
        start -= bytes.count
        (base + start).update(from: source, count: bytes.count)
    }

    mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { write($0) }
    }

    // MARK: Fields

    @inline(__always)
    mutating func write(_ number: UInt32, integer: Int64) {
        write(varint: UInt64(bitPattern: integer))
        write(key: number, .varint)
    }

    @inline(__always)
    mutating func write(_ number: UInt32, text: String) {
        var text = text
        text.withUTF8 { bytes in
            write(bytes)
            write(varint: UInt64(bytes.count))
        }
        write(key: number, .lengthDelimited)
    }

    mutating func write(_ number: UInt32, bytes: [UInt8]) {
        write(bytes)
        write(varint: UInt64(bytes.count))
        write(key: number, .lengthDelimited)
    }

    /// Ends a message, all of whose fields have been written since there were `countBefore` bytes.
    @inline(__always)
    mutating func finishMessage(_ number: UInt32, since countBefore: Int) {
        write(varint: UInt64(count - countBefore))
        write(key: number, .lengthDelimited)
    }

    private mutating func grow(by needed: Int) {
        let written = count
        let larger = max(capacity * 2, written + needed)
        let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        (storage + (larger - written)).update(from: base + start, count: written)
        base.deallocate()
        base = storage
        capacity = larger
        start = larger - written
    }
}
