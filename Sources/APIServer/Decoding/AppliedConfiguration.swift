import APIMachinery
import JSON

/// What a client wants to be so: the body of an apply (`application/apply-patch+yaml`), YAML or JSON.
struct AppliedConfiguration {
    static let mediaType = "application/apply-patch+yaml"

    let document: JSON
    /// What strict decoding has against the text.
    private let strictErrors: [StrictError]

    /// - Throws: 400 where the body cannot be read.
    init(_ bytes: [UInt8]) throws(APIStatus) {
        let body: ParsedBody
        do {
            body = try Self.parse(bytes)
        } catch {
            throw .badRequest("error decoding YAML: error converting YAML to JSON: " + error.message)
        }
        switch body.document {
        case .object: document = body.document
        case .null: document = [:]
        default:
            throw .badRequest(
                "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                    + "\(body.document.goTypeName) into Go value of type map[string]interface {}")
        }
        strictErrors = body.strictErrors
    }

    /// Most bodies are JSON, which is read much faster as such. What is wrong with one is told as the YAML that it is, too.
    private static func parse(_ bytes: [UInt8]) throws(BodyCodec.Failure) -> ParsedBody {
        if bytes.first == UInt8(ascii: "{") {
            var duplicates: [String] = []
            if let document = try? BodyCodec.parseJSON(bytes, duplicates: &duplicates), duplicates.isEmpty {
                return ParsedBody(document: document)
            }
        }
        return try YAMLReader.read(bytes)
    }

    // MARK: Checks

    /// - Throws: 400 where the configuration is not one of the kind, or says who owns what; 500, as Kubernetes answers,
    ///   where it does not fit the kind's type.
    func check(against kind: GroupVersionKind, _ schema: Schema) throws(APIStatus) {
        let given = self.kind
        guard given == kind else { throw .badRequest("invalid object type: \(given)") }
        if let managers = document["metadata"]?["managedFields"], !managers.isNull {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let problems = schema.problems(ofApplied: document)
        guard !problems.isEmpty else { return }
        throw .unclassified("failed to create typed patch object (\(name)): " + Self.text(of: problems))
    }

    /// - Returns: warnings about the text.
    /// - Throws: 400 where strict decoding is asked for and the text has faults.
    func checkText(_ validation: FieldValidation) throws(APIStatus) -> [String] {
        guard validation != .ignore, let first = strictErrors.first else { return [] }
        if validation == .strict {
            throw .badRequest("error strict decoding YAML: error converting YAML to JSON: " + first.message)
        }
        return strictErrors.flatMap(\.warnings)
    }

    private var kind: GroupVersionKind {
        let kind = document["kind"]?.stringValue ?? ""
        guard let version = GroupVersion(apiVersion: document["apiVersion"]?.stringValue ?? "") else {
            return GroupVersionKind(group: "", version: "", kind: "")
        }
        return GroupVersionKind(group: version.group, version: version.version, kind: kind)
    }

    /// How messages name what is applied: `default/web; apps/v1, Kind=Deployment`.
    var name: String {
        document.metadataText("namespace") + "/" + document.metadataText("name") + "; \(kind)"
    }

    private static func text(of problems: [TypedValueError]) -> String {
        if problems.count == 1 { return problems[0].description }
        return (["errors:"] + problems.map { "  " + $0.description }).joined(separator: "\n")
    }
}

extension APIStatus {
    /// An apply that others' fields stand against.
    init(_ error: FieldConflicts) {
        let conflicts = error.conflicts.map { (manager: $0.manager.shown, paths: $0.fields.paths) }
        let count = conflicts.reduce(0) { $0 + $1.paths.count }
        let message: String
        if count == 1, let conflict = conflicts.first, let path = conflict.paths.first {
            message = "Apply failed with 1 conflict: conflict with \(conflict.manager): \(path)"
        } else {
            let lines = conflicts.flatMap { conflict in
                ["conflicts with \(conflict.manager):"] + conflict.paths.map { "- " + $0 }
            }
            message = "Apply failed with \(count) conflicts: " + lines.joined(separator: "\n")
        }
        let causes = conflicts.flatMap { conflict in
            conflict.paths.map {
                Cause(reason: "FieldManagerConflict", message: "conflict with \(conflict.manager)", field: $0)
            }
        }
        self.init(code: 409, reason: .conflict, message: message, details: Details(causes: causes))
    }
}

extension ManagedFields.Identity {
    /// As messages about conflicts name a manager.
    fileprivate var shown: String {
        var text = FieldError.quoted(manager)
        if !subresource.isEmpty { text += " with subresource " + FieldError.quoted(subresource) }
        return operation == .update ? text + " using \(version)" : text
    }
}
