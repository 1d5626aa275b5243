import APIMachinery
import JSON

/// The kind that a document says it is of.
struct TypeMeta: Sendable, Hashable {
    var apiVersion = ""
    var kind = ""

    init(apiVersion: String, kind: String) {
        self.apiVersion = apiVersion
        self.kind = kind
    }

    /// - Throws: what Go's decoder says where the document is no object, or its kind no text.
    init(of document: JSON) throws(BodyCodec.Failure) {
        guard case .object(let object) = document else {
            if document.isNull { return }
            throw BodyCodec.Failure(message: Self.problem(ofNonObject: document))
        }
        apiVersion = try Self.text(object, "apiVersion")
        kind = try Self.text(object, "kind")
    }

    private static func text(_ object: JSONObject, _ name: String) throws(BodyCodec.Failure) -> String {
        switch object[name] {
        case nil, .null?: return ""
        case .string(let text)?: return text
        case let other?:
            throw BodyCodec.Failure(
                message: "json: cannot unmarshal \(other.goTypeName) into Go struct field .\(name) of type string")
        }
    }

    static func problem(ofNonObject document: JSON) -> String {
        "json: cannot unmarshal \(document.goTypeName) into Go value of type struct { "
            + #"APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#
    }
}
