/// Why a JSON Patch cannot be read or applied.
///
/// The wording is that of the library Kubernetes applies patches with; an API server tells clients of `application`
/// with a text of its own.
public struct JSONPatchError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The patch is no list of operations.
        case decoding
        /// More operations than `JSONPatch.maximumOperations`.
        case tooManyOperations
        /// An operation does not apply to the document.
        case application
        /// A `test` found another value.
        case testFailed
        /// Copies added more than `JSONPatch.maximumCopiedBytes`.
        case copiedTooMuch
    }

    public var kind: Kind
    public var message: String

    public var description: String { message }
}

/// A list of changes to a document (RFC 6902), applied all or not at all.
///
/// Applies as Kubernetes does, which is a little more than the RFC: `replace` sets a member that is not there, and a
/// negative index counts from an array's end.
public struct JSONPatch: Sendable, Hashable {
    /// Operations in a patch (Kubernetes' limit).
    public static let maximumOperations = 10_000
    /// Bytes that the copies of a patch may add to a document (Kubernetes' limit).
    public static let maximumCopiedBytes = 3 * 1024 * 1024

    public struct Operation: Sendable, Hashable {
        public var op: String
        /// `nil` where the operation has none, which is found when it is applied.
        public var path: String?
        public var from: String?
        /// `nil` where it is left out, which reads as `null`.
        public var value: JSON?

        public init(op: String, path: String?, from: String? = nil, value: JSON? = nil) {
            self.op = op
            self.path = path
            self.from = from
            self.value = value
        }
    }

    public var operations: [Operation]

    /// Members of operations that mean nothing, as `[0].why`, for strict decoding.
    public private(set) var unknownFields: [String] = []

    public init(_ operations: [Operation]) { self.operations = operations }

    /// Reads a patch document.
    public init(_ document: JSON) throws(JSONPatchError) {
        operations = []
        guard case .array(let items) = document else {
            if document.isNull { return }
            throw Self.undecodable(document, as: "[]handlers.jsonPatchOp")
        }
        if items.count > Self.maximumOperations {
            throw JSONPatchError(
                kind: .tooManyOperations,
                message:
                    "The allowed maximum operations in a JSON patch is \(Self.maximumOperations), got \(items.count)")
        }
        for (index, item) in items.enumerated() { operations.append(try operation(item, index)) }
    }

    private mutating func operation(_ item: JSON, _ index: Int) throws(JSONPatchError) -> Operation {
        guard case .object(let object) = item else { throw Self.undecodable(item, as: "handlers.jsonPatchOp") }
        var operation = Operation(op: "", path: nil)
        for member in object.members {
            switch member.key {
            case "op": operation.op = try Self.text(member) ?? ""
            case "path": operation.path = try Self.text(member)
            case "from": operation.from = try Self.text(member)
            case "value": operation.value = member.value
            default: unknownFields.append("[\(index)].\(member.key)")
            }
        }
        return operation
    }

    private static func text(_ member: JSONObject.Member) throws(JSONPatchError) -> String? {
        switch member.value {
        case .string(let text): return text
        case .null: return nil
        default: throw undecodable(member.value, as: "string", field: "jsonPatchOp.\(member.key)")
        }
    }

    private static func undecodable(_ value: JSON, as type: String, field: String? = nil) -> JSONPatchError {
        let place = field.map { "Go struct field \($0) of type " } ?? "Go value of type "
        return JSONPatchError(
            kind: .decoding, message: "json: cannot unmarshal \(value.goTypeName) into \(place)\(type)")
    }

    /// The document with all operations applied in order.
    /// - Parameter maximumDepth: levels that the operations may build: each may put a deep value below the one before it.
    public func apply(
        to document: JSON, maximumDepth: Int = JSONParseOptions().maximumDepth
    ) throws(JSONPatchError) -> JSON {
        var application = JSONPatchApplication(document: document, maximumDepth: maximumDepth)
        for operation in operations { try application.apply(operation) }
        return application.document
    }
}
