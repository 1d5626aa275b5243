/// Bytes of a protobuf message as it is written (Protocol Buffers encoding: varints, length-delimited fields).
struct ProtobufBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A message of a stream of messages, behind its length.
    mutating func append(delimited message: [UInt8]) {
        append(varint: UInt64(message.count))
        bytes.append(contentsOf: message)
    }

    private mutating func appendTag(_ number: Int, wireType: UInt64) {
        append(varint: UInt64(number) << 3 | wireType)
    }

    mutating func append(_ number: Int, string: String) { append(number, bytes: string.utf8) }

    mutating func append(_ number: Int, bytes content: some Collection<UInt8>) {
        appendTag(number, wireType: 2)
        append(varint: UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func append(_ number: Int, boolean: Bool) {
        appendTag(number, wireType: 0)
        append(varint: boolean ? 1 : 0)
    }

    mutating func append(_ number: Int, integer: Int64) {
        appendTag(number, wireType: 0)
        append(varint: UInt64(bitPattern: integer))
    }

    mutating func append(_ number: Int, double: Double) {
        appendTag(number, wireType: 1)
        withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
