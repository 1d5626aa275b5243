import APIMachinery
import JSON

/// How the bytes of a request's body are read: chosen by its media type (API concepts, "Alternate representations of
/// resources").
enum BodyCodec: Sendable, Hashable {
    case json
    case yaml
    case protobuf

    /// The media types that the server says it takes, in Kubernetes' order.
    static let acceptedMediaTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

    /// - Parameter contentType: as the header has it; without one a body is JSON.
    /// - Throws: 415 for any other type.
    init(contentType: String?) throws(APIStatus) {
        if contentType == "application/json" {
            self = .json
            return
        }
        switch MediaType.essence(of: contentType ?? "") {
        case "", "application/json": self = .json
        case "application/yaml": self = .yaml
        case "application/vnd.kubernetes.protobuf": self = .protobuf
        default: throw Self.unsupported(accepted: Self.acceptedMediaTypes)
        }
    }

    /// What kinds without protobuf messages take, custom resources' among them.
    static let mediaTypesWithoutProtobuf = "application/json, application/yaml"

    static func unsupported(accepted: String) -> APIStatus {
        APIStatus(
            code: 415, reason: .unsupportedMediaType,
            message: "the body of the request was in an unknown format - accepted media types include: " + accepted)
    }
}

enum MediaType {
    /// A media type without its parameters, in small letters.
    static func essence(of contentType: String) -> String {
        var bytes = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
        while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(Substring(bytes)).lowercased()
    }
}

/// A body once read: the document, and what strict decoding would say of the text itself.
struct ParsedBody: Sendable {
    var document: JSON
    /// `duplicate field "data.k"`, in the order of the text; of YAML the lines as its reader words them.
    var strictErrors: [StrictError] = []
}

/// What strict decoding has against a body (`fieldValidation`).
enum StrictError: Sendable, Hashable {
    case duplicateField(String)
    case unknownField(String)
    /// The lines of a YAML reader's complaint about repeated keys: `line 6: key "k" already set in map`.
    case repeatedKeys([String])
    case inPatch(String)

    var message: String {
        switch self {
        case .duplicateField(let path): "duplicate field \"\(path)\""
        case .unknownField(let path): "unknown field \"\(path)\""
        case .repeatedKeys(let lines): "yaml: unmarshal errors:\n  " + lines.joined(separator: "\n  ")
        case .inPatch(let text): "json patch " + text
        }
    }

    /// As `Warning` headers tell it: a line each.
    var warnings: [String] {
        if case .repeatedKeys(let lines) = self { lines } else { [message] }
    }

    /// What a refusal says of all of them.
    static func refusal(_ errors: [StrictError]) -> String {
        "strict decoding error: " + errors.map(\.message).joined(separator: ", ")
    }
}

extension BodyCodec {
    /// Levels of nesting that a body may have. Kubernetes takes 10 000; documents are walked recursively here, on threads
    /// with half a mebibyte of stack, and no kind of the API goes deeper than a few dozen.
    static let maximumDepth = 256

    /// Why a body cannot be read, in the words of the reader.
    struct Failure: Error, Sendable {
        var message: String
        /// The kind of the body, where that much of it could be read.
        var typeMeta: TypeMeta?
    }

    /// Reads a body. A protobuf message of another kind than the expected one is not read, for want of its type: its
    /// document has kind and version alone, by which it is refused.
    func parse(_ bytes: [UInt8], expecting kind: String, _ schema: Schema) throws(Failure) -> ParsedBody {
        switch self {
        case .json:
            var duplicates: [String] = []
            let document = try Self.parseJSON(bytes, duplicates: &duplicates)
            return ParsedBody(document: document, strictErrors: duplicates.map { .duplicateField($0) })
        case .yaml:
            return try YAMLReader.read(bytes)
        case .protobuf:
            return ParsedBody(document: try Self.parseProtobuf(bytes, expecting: kind, schema))
        }
    }

    private static func parseProtobuf(
        _ bytes: [UInt8], expecting kind: String, _ schema: Schema
    ) throws(Failure) -> JSON {
        var typeMeta: TypeMeta?
        do throws(ProtobufError) {
            let envelope = try ProtobufEnvelope(parsing: bytes)
            typeMeta = TypeMeta(apiVersion: envelope.apiVersion, kind: envelope.kind)
            if envelope.kind.isEmpty || envelope.kind == kind { return try ProtobufDecoder(schema).document(envelope) }
            return ["kind": .string(envelope.kind), "apiVersion": .string(envelope.apiVersion)]
        } catch {
            throw Failure(message: error.message, typeMeta: typeMeta)
        }
    }

    /// - Throws: the text of Go's JSON decoder.
    static func parseJSON(_ bytes: [UInt8], duplicates: inout [String]) throws(Failure) -> JSON {
        var options = JSONParseOptions()
        options.maximumDepth = maximumDepth
        do {
            return try JSON(parsing: bytes, options: options, duplicates: &duplicates)
        } catch {
            throw Failure(message: error.message)
        }
    }
}
