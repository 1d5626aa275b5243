import APIMachinery
import HTTPTransport
import JSON

/// Writes a document in the media type that was agreed on.
enum DocumentEncoding {
    static func encode(_ document: JSON, as form: OutputForm) throws -> ByteSegments {
        switch form.mediaType {
        case .json:
            var bytes = form.isPretty ? document.prettyEncoded : document.encoded
            bytes.append(UInt8(ascii: "\n"))
            return ByteSegments(bytes)
        case .yaml: return ByteSegments(YAMLWriter.encode(document))
        case .protobuf: return ByteSegments(try ProtobufEncoding.envelope(document))
        }
    }
}
