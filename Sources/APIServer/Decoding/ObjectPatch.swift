import APIMachinery
import JSON

/// A patch that a client sent, read once and applied to an object as often as a race for it takes.
struct ObjectPatch {
    enum Kind: String, Sendable, CaseIterable {
        case json = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
    }

    private enum Change {
        case operations(JSONPatch)
        case merge(JSON)
        case strategic(JSON)
    }

    private let change: Change
    private let validation: FieldValidation
    /// What strict decoding has against the patch itself.
    private let strictErrors: [StrictError]

    /// - Throws: 400 where the patch cannot be read.
    init(_ kind: Kind, _ bytes: [UInt8], validation: FieldValidation) throws(APIStatus) {
        self.validation = validation
        let prefix = kind == .strategic ? "" : "error decoding patch: "
        var duplicates: [String] = []
        let document: JSON
        do {
            document = try BodyCodec.parseJSON(bytes, duplicates: &duplicates)
        } catch {
            throw .badRequest(prefix + error.message)
        }
        var strictErrors = duplicates.map { StrictError.duplicateField($0) }
        switch kind {
        case .json:
            let patch = try Self.operations(document, prefix)
            strictErrors += patch.unknownFields.map { .unknownField($0) }
            strictErrors = strictErrors.map { .inPatch($0.message) }
            change = .operations(patch)
        case .merge:
            if document.isNull { throw .badRequest("Invalid JSON Patch") }
            try Self.checkIsObject(document, prefix)
            change = .merge(document)
        case .strategic:
            if !document.isNull { try Self.checkIsObject(document, prefix) }
            change = .strategic(document.isNull ? [:] : document)
        }
        self.strictErrors = validation == .ignore ? [] : strictErrors
    }

    private static func operations(_ document: JSON, _ prefix: String) throws(APIStatus) -> JSONPatch {
        do {
            return try JSONPatch(document)
        } catch {
            guard error.kind == .tooManyOperations else { throw .badRequest(prefix + error.message) }
            throw APIStatus(
                code: 413, reason: .requestEntityTooLarge, message: "Request entity too large: " + error.message)
        }
    }

    private static func checkIsObject(_ document: JSON, _ prefix: String) throws(APIStatus) {
        if case .object = document { return }
        throw .badRequest(
            prefix + "json: cannot unmarshal \(document.goTypeName) into Go value of type map[string]interface {}")
    }

    struct Patched {
        var document: JSON
        var warnings: [String]
    }

    /// The object with the patch applied, canonical.
    /// - Parameters:
    ///   - current: in the version of the request.
    ///   - kind: what the object must still be.
    func apply(to current: JSON, of kind: GroupVersionKind, _ schema: Schema) throws(APIStatus) -> Patched {
        switch change {
        case .operations(let patch):
            let document: JSON
            do {
                document = try patch.apply(to: current, maximumDepth: BodyCodec.maximumDepth)
            } catch {
                throw Self.rejected
            }
            return try canonical(document, of: kind, schema) { text(of: document, after: patch, schema) }
        case .merge(let patch):
            let document = current.applying(mergePatch: patch)
            return try canonical(document, of: kind, schema) { text(of: document, after: patch, schema) }
        case .strategic(let patch):
            var document = try StrategicPatching.apply(patch, to: current, schema)
            // Here the type stays what it is, whatever the patch says of it.
            document["kind"] = .string(kind.kind)
            document["apiVersion"] = .string(kind.groupVersion.description)
            return try canonical(document, of: kind, schema) { patch.goDescription }
        }
    }

    /// Kubernetes tells no more of an operation that does not apply.
    private static let rejected = APIStatus(
        code: 422, reason: .invalid, message: "the server rejected our request due to an error in our request",
        details: .init())

    private func canonical(
        _ document: JSON, of kind: GroupVersionKind, _ schema: Schema, shown: () -> String
    ) throws(APIStatus) -> Patched {
        var document = document
        let unknown: [String]
        if case .structural = schema.form { try Self.checkCustomKind(of: document, kind) }
        do {
            try Self.checkKind(of: document, kind)
            FieldOwnership.keepReset(in: &document)
            unknown = try schema.canonicalize(&document, keepsEmpty: true)
        } catch let problem as BodyCodec.Failure {
            throw Self.invalid(shown(), problem.message)
        } catch let problem as SchemaDecodingError {
            throw Self.invalid(shown(), problem.message)
        } catch {
            throw .internalError("\(error)")
        }
        if validation == .ignore { return Patched(document: document, warnings: []) }
        let errors = strictErrors + unknown.map { .unknownField($0) }
        if validation == .strict, !errors.isEmpty { throw Self.invalid(shown(), StrictError.refusal(errors)) }
        return Patched(document: document, warnings: errors.flatMap(\.warnings))
    }

    /// A custom object's kind and version stay what they are.
    private static func checkCustomKind(of document: JSON, _ kind: GroupVersionKind) throws(APIStatus) {
        let given = document["kind"]?.stringValue ?? ""
        let version = document["apiVersion"]?.stringValue ?? ""
        var problems: [FieldError] = []
        let wanted = kind.groupVersion.description
        if version != wanted {
            problems.append(.invalid(FieldPath("apiVersion"), .string(version), "must be \(wanted)"))
        }
        if given != kind.kind { problems.append(.invalid(FieldPath("kind"), .string(given), "must be \(kind.kind)")) }
        if problems.isEmpty { return }
        let group = GroupVersion(apiVersion: version)?.group ?? ""
        throw .invalid(GroupKind(group: group, kind: given), name: document.metadataText("name"), problems)
    }

    private static func checkKind(of document: JSON, _ kind: GroupVersionKind) throws(BodyCodec.Failure) {
        let given = try TypeMeta(of: document)
        guard !given.kind.isEmpty, !given.apiVersion.isEmpty else { return }
        guard let groupVersion = GroupVersion(apiVersion: given.apiVersion) else {
            throw .init(message: "unexpected GroupVersion string: \(given.apiVersion)")
        }
        if given.kind == kind.kind, groupVersion == kind.groupVersion { return }
        let other = GroupVersionKind(group: groupVersion.group, version: groupVersion.version, kind: given.kind)
        throw .init(message: ObjectDecoder.conversionProblem(other, to: kind))
    }

    private static func invalid(_ shown: String, _ why: String) -> APIStatus {
        .invalid(GroupKind(group: "", kind: ""), name: "", [.invalid(FieldPath("patch"), .string(shown), why)])
    }
}

// The text of a patched object in an error. Where a patch has gone through an object, Kubernetes' patch libraries write
// its members in the order of their keys; the rest stays as the API writes it, which for custom objects is that order too.
extension ObjectPatch {
    private func text(of document: JSON, after patch: JSON, _ schema: Schema) -> String {
        if case .structural = schema.form { return document.sortedByKeys.description }
        return Self.sorted(document, where: patch).description
    }

    private static func sorted(_ document: JSON, where patch: JSON) -> JSON {
        guard case .object(let object) = document else { return document }
        var members = object.members.sorted { $0.key < $1.key }
        for index in members.indices {
            if let change = patch[members[index].key], case .object = change {
                members[index].value = sorted(members[index].value, where: change)
            }
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    private func text(of document: JSON, after patch: JSONPatch, _ schema: Schema) -> String {
        var touched: JSON = [:]
        for operation in patch.operations {
            for path in [operation.path, operation.from] {
                guard let path, let pointer = JSONPointer(parsing: path) else { continue }
                // An operation need not have looked where it says, and no document goes deeper.
                touched = Self.mark(touched, along: pointer.tokens.dropLast().prefix(BodyCodec.maximumDepth))
            }
        }
        return text(of: document, after: touched, schema)
    }

    private static func mark(_ touched: JSON, along tokens: ArraySlice<String>) -> JSON {
        guard let first = tokens.first else { return touched }
        var touched = touched
        touched[first] = mark(touched[first] ?? [:], along: tokens.dropFirst())
        return touched
    }
}

extension JSON {
    /// The document with the members of all objects in the order of their keys.
    fileprivate var sortedByKeys: JSON {
        switch self {
        case .array(let items): .array(items.map(\.sortedByKeys))
        case .object(let object):
            .object(
                JSONObject(
                    uniqueMembers: object.members.sorted { $0.key < $1.key }.map {
                        .init(key: $0.key, value: $0.value.sortedByKeys)
                    }))
        default: self
        }
    }
}
