/// A place in a protobuf message, and the reading of the fields from there on.
///
/// No bytes make it trap: lengths and numbers are checked before they are used. The bytes must outlive the reader.
struct ProtobufReader {
    struct Key {
        var number: UInt32
        var type: WireType
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private let end: Int

    /// Groups within one another that are skipped.
    private static let maximumGroupDepth = 100

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    /// A reader of a part of the bytes, which the caller has found to be within them.
    private init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset >= end }

    /// The next field's number and wire type; `nil` at the end of the message.
    @inline(__always)
    mutating func nextKey() throws(ProtobufError) -> Key? {
        if offset >= end { return nil }
        let key = try varint()
        let number = key >> 3
        guard let type = WireType(rawValue: UInt32(truncatingIfNeeded: key & 7)) else {
            throw ProtobufError(message: "proto: illegal wireType \(key & 7)")
        }
        guard number > 0, number <= Self.greatestNumber else {
            throw ProtobufError(message: "proto: illegal tag \(number) (wire type \(type.rawValue))")
        }
        return Key(number: UInt32(truncatingIfNeeded: number), type: type)
    }

    /// The greatest field number that protobuf has.
    private static let greatestNumber: UInt64 = (1 << 29) - 1

    // MARK: Values

    @inline(__always)
    mutating func varint() throws(ProtobufError) -> UInt64 {
        if offset < end, bytes[offset] < 0x80 {
            offset += 1
            return UInt64(bytes[offset - 1])
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < end else { throw .unexpectedEnd }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .integerOverflow
    }

    mutating func integer(_ key: Key) throws(ProtobufError) -> Int64 {
        try require(.varint, key)
        return Int64(bitPattern: try varint())
    }

    mutating func double(_ key: Key) throws(ProtobufError) -> Double {
        try require(.fixed64, key)
        guard end - offset >= 8 else { throw .unexpectedEnd }
        let bits = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset += 8
        return Double(bitPattern: UInt64(littleEndian: bits))
    }

    @inline(__always)
    mutating func lengthDelimited(_ key: Key) throws(ProtobufError) -> Range<Int> {
        try require(.lengthDelimited, key)
        return try lengthDelimited()
    }

    @inline(__always)
    private mutating func lengthDelimited() throws(ProtobufError) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(end - offset) else {
            throw length > UInt64(Int64.max)
                ? ProtobufError(message: "proto: negative length found during unmarshaling") : .unexpectedEnd
        }
        let range = offset..<(offset + Int(length))
        offset = range.upperBound
        return range
    }

    @inline(__always)
    mutating func text(_ key: Key) throws(ProtobufError) -> String {
        let range = try lengthDelimited(key)
        if range.isEmpty { return "" }
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw .invalidText
        }
        return text
    }

    /// A reader of the message that a field holds.
    @inline(__always)
    mutating func message(_ key: Key) throws(ProtobufError) -> ProtobufReader {
        ProtobufReader(bytes, try lengthDelimited(key))
    }

    @inline(__always)
    private func require(_ type: WireType, _ key: Key) throws(ProtobufError) {
        guard key.type == type else {
            throw ProtobufError(message: "proto: wrong wireType = \(key.type.rawValue) for field \(key.number)")
        }
    }

    // MARK: Fields that are not known

    mutating func skip(_ key: Key) throws(ProtobufError) {
        var depth = 0
        var type = key.type
        while true {
            switch type {
            case .varint: _ = try varint()
            case .fixed64: try advance(8)
            case .fixed32: try advance(4)
            case .lengthDelimited: _ = try lengthDelimited()
            case .groupStart:
                depth += 1
                guard depth <= Self.maximumGroupDepth else { throw .tooDeep }
            case .groupEnd:
                guard depth > 0 else { throw ProtobufError(message: "proto: unexpected end of group") }
                depth -= 1
            }
            if depth == 0 { return }
            guard let next = try nextKey() else { throw .unexpectedEnd }
            type = next.type
        }
    }

    private mutating func advance(_ count: Int) throws(ProtobufError) {
        guard end - offset >= count else { throw .unexpectedEnd }
        offset += count
    }
}

extension ArraySlice<UInt8> {
    /// Reads the slice as a message.
    func readProtobuf<Result>(
        _ body: (inout ProtobufReader, ArraySlice<UInt8>) throws(ProtobufError) -> Result
    ) throws(ProtobufError) -> Result {
        // The standard library's closure here does not say what it throws.
        let result = withUnsafeBytes { bytes -> Swift.Result<Result, ProtobufError> in
            do throws(ProtobufError) {
                var reader = ProtobufReader(bytes)
                return .success(try body(&reader, self))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
