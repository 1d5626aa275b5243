/// What goes around a Kubernetes protobuf message: `k8s\0`, then the message `runtime.Unknown`, which says of which
/// kind the bytes in it are (API concepts, "Protobuf encoding").
public struct ProtobufEnvelope: Sendable, Hashable {
    /// The bytes that every enveloped message begins with.
    public static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// Field numbers of `runtime.Unknown` and of the `runtime.TypeMeta` in it.
    private enum Number {
        static let typeMeta: UInt32 = 1
        static let raw: UInt32 = 2
        static let contentEncoding: UInt32 = 3
        static let contentType: UInt32 = 4
        static let apiVersion: UInt32 = 1
        static let kind: UInt32 = 2
    }

    public var apiVersion: String
    public var kind: String
    /// The message itself.
    public var raw: ArraySlice<UInt8>
    public var contentEncoding: String
    public var contentType: String

    public init(
        apiVersion: String, kind: String, raw: ArraySlice<UInt8>, contentEncoding: String = "", contentType: String = ""
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.raw = raw
        self.contentEncoding = contentEncoding
        self.contentType = contentType
    }

    /// Reads an envelope. Fields that are not known are skipped.
    public init(parsing bytes: ArraySlice<UInt8>) throws(ProtobufError) {
        self.init(apiVersion: "", kind: "", raw: [])
        guard bytes.starts(with: Self.magic) else {
            throw ProtobufError(
                message: "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
        }
        try bytes.dropFirst(Self.magic.count).readProtobuf { (reader, body) throws(ProtobufError) in
            try read(&reader, body)
        }
    }

    public init(parsing bytes: [UInt8]) throws(ProtobufError) { try self.init(parsing: bytes[...]) }

    private mutating func read(_ reader: inout ProtobufReader, _ body: ArraySlice<UInt8>) throws(ProtobufError) {
        while let key = try reader.nextKey() {
            switch key.number {
            case Number.typeMeta:
                var inner = try reader.message(key)
                while let key = try inner.nextKey() {
                    switch key.number {
                    case Number.apiVersion: apiVersion = try inner.text(key)
                    case Number.kind: kind = try inner.text(key)
                    default: try inner.skip(key)
                    }
                }
            case Number.raw:
                let range = try reader.lengthDelimited(key)
                raw = body[(body.startIndex + range.lowerBound)..<(body.startIndex + range.upperBound)]
            case Number.contentEncoding: contentEncoding = try reader.text(key)
            case Number.contentType: contentType = try reader.text(key)
            default: try reader.skip(key)
            }
        }
    }

    // MARK: Writing

    /// The bytes in front of a message of some length.
    public static func start(apiVersion: String, kind: String, rawByteCount: Int) -> [UInt8] {
        var writer = ProtobufWriter()
        writeStart(apiVersion: apiVersion, kind: kind, rawByteCount: rawByteCount, into: &writer)
        return writer.bytes
    }

    /// The bytes behind every message: no encoding and no other content type.
    public static let end: [UInt8] = {
        var writer = ProtobufWriter()
        writeEnd(into: &writer)
        return writer.bytes
    }()

    static func writeStart(apiVersion: String, kind: String, rawByteCount: Int, into writer: inout ProtobufWriter) {
        writer.write(varint: UInt64(rawByteCount))
        writer.write(key: Number.raw, .lengthDelimited)
        let before = writer.count
        writer.write(Number.kind, text: kind)
        writer.write(Number.apiVersion, text: apiVersion)
        writer.finishMessage(Number.typeMeta, since: before)
        writer.write(magic)
    }

    static func writeEnd(into writer: inout ProtobufWriter) {
        writer.write(Number.contentType, text: "")
        writer.write(Number.contentEncoding, text: "")
    }
}

/// An event of a protobuf watch: a `metav1.WatchEvent` whose object is an enveloped message.
public struct ProtobufWatchEvent: Sendable, Hashable {
    public var type: String
    /// The object in its envelope.
    public var object: ArraySlice<UInt8>

    public init(type: String, object: ArraySlice<UInt8>) {
        self.type = type
        self.object = object
    }

    /// The event as it goes over a watch: four bytes of length, the most significant first, and the message.
    public var frame: [UInt8] {
        var writer = ProtobufWriter()
        object.withUnsafeBufferPointer { writer.write($0) }
        writer.write(varint: UInt64(object.count))
        writer.write(key: 1, .lengthDelimited)
        writer.finishMessage(2, since: 0)
        writer.write(1, text: type)
        let length = UInt32(clamping: writer.count)
        for shift in stride(from: UInt32(0), through: 24, by: 8) {
            writer.write(byte: UInt8(truncatingIfNeeded: length >> shift))
        }
        return writer.bytes
    }

    /// Reads the message of one frame, without its length.
    public init(parsing message: ArraySlice<UInt8>) throws(ProtobufError) {
        self.init(type: "", object: [])
        try message.readProtobuf { (reader, body) throws(ProtobufError) in
            while let key = try reader.nextKey() {
                switch key.number {
                case 1: type = try reader.text(key)
                case 2:
                    var inner = try reader.message(key)
                    while let key = try inner.nextKey() {
                        guard key.number == 1 else {
                            try inner.skip(key)
                            continue
                        }
                        let range = try inner.lengthDelimited(key)
                        object = body[(body.startIndex + range.lowerBound)..<(body.startIndex + range.upperBound)]
                    }
                default: try reader.skip(key)
                }
            }
        }
    }
}
