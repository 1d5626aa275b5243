public import JSON

/// Kubernetes' `Status`: how the API says that something failed (or, after a deletion, that it did not).
public struct APIStatus: Error, Sendable {
    /// `metav1.StatusReason`.
    public enum Reason: String, Sendable {
        case unknown = ""
        case unauthorized = "Unauthorized"
        case forbidden = "Forbidden"
        case notFound = "NotFound"
        case alreadyExists = "AlreadyExists"
        case conflict = "Conflict"
        case gone = "Gone"
        case expired = "Expired"
        case invalid = "Invalid"
        case serverTimeout = "ServerTimeout"
        case timeout = "Timeout"
        case tooManyRequests = "TooManyRequests"
        case badRequest = "BadRequest"
        case methodNotAllowed = "MethodNotAllowed"
        case notAcceptable = "NotAcceptable"
        case requestEntityTooLarge = "RequestEntityTooLarge"
        case unsupportedMediaType = "UnsupportedMediaType"
        case internalError = "InternalError"
        case serviceUnavailable = "ServiceUnavailable"
    }

    public struct Cause: Sendable, Hashable {
        public var reason: String
        public var message: String
        public var field: String?

        public init(reason: String, message: String, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public struct Details: Sendable, Hashable {
        public var name: String?
        public var group: String?
        public var kind: String?
        public var uid: String?
        public var causes: [Cause]
        public var retryAfterSeconds: Int?

        public init(
            name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil, causes: [Cause] = [],
            retryAfterSeconds: Int? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    public var isSuccess: Bool
    public var code: Int
    public var reason: Reason
    public var message: String
    /// `nil` leaves `details` out altogether; an empty value is written as `{}`.
    public var details: Details?
    /// A token to go on with a list that has expired (`metadata.continue`).
    public var continuation: String?

    public init(
        code: Int, reason: Reason, message: String, details: Details? = nil, isSuccess: Bool = false
    ) {
        self.isSuccess = isSuccess
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        continuation = nil
    }

    /// The object as it is sent.
    public var json: JSON {
        var object: JSONObject = ["kind": "Status", "apiVersion": "v1", "metadata": [:]]
        if let continuation { object["metadata"] = ["continue": .string(continuation)] }
        object["status"] = isSuccess ? "Success" : "Failure"
        if !message.isEmpty { object["message"] = .string(message) }
        if reason != .unknown { object["reason"] = .string(reason.rawValue) }
        if let details { object["details"] = details.json }
        // A deletion's success carries no code.
        if !isSuccess { object["code"] = .int(Int64(code)) }
        return .object(object)
    }
}

extension APIStatus.Details {
    public var json: JSON {
        var object: JSONObject = [:]
        if let name, !name.isEmpty { object["name"] = .string(name) }
        if let group, !group.isEmpty { object["group"] = .string(group) }
        if let kind, !kind.isEmpty { object["kind"] = .string(kind) }
        if let uid, !uid.isEmpty { object["uid"] = .string(uid) }
        if !causes.isEmpty {
            object["causes"] = .array(
                causes.map { cause in
                    var json: JSONObject = [:]
                    if !cause.reason.isEmpty { json["reason"] = .string(cause.reason) }
                    if !cause.message.isEmpty { json["message"] = .string(cause.message) }
                    if let field = cause.field, !field.isEmpty { json["field"] = .string(field) }
                    return .object(json)
                })
        }
        if let retryAfterSeconds, retryAfterSeconds != 0 {
            object["retryAfterSeconds"] = .int(Int64(retryAfterSeconds))
        }
        return .object(object)
    }
}

// The errors that Kubernetes' `apierrors` package makes, with its texts.
extension APIStatus {
    public static func notFound(_ resource: GroupResource, name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: .notFound, message: "\(resource) \"\(name)\" not found",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    /// An address that stands for nothing the API serves.
    public static let unknownResource = APIStatus(
        code: 404, reason: .notFound, message: "the server could not find the requested resource", details: Details())

    public static let methodNotAllowed = APIStatus(
        code: 405, reason: .methodNotAllowed,
        message: "the server does not allow this method on the requested resource", details: Details())

    /// A verb that no custom resource has.
    public static func methodNotSupported(_ resource: GroupResource, verb: String) -> APIStatus {
        APIStatus(
            code: 405, reason: .methodNotAllowed,
            message: "\(verb) is not supported on resources of kind \"\(resource)\"",
            details: Details(group: resource.group, kind: resource.resource))
    }

    public static func alreadyExists(_ resource: GroupResource, name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: .alreadyExists, message: "\(resource) \"\(name)\" already exists",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    public static func conflict(_ resource: GroupResource, name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 409, reason: .conflict,
            message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    /// A compare-and-set that lost: the text that every client retries on.
    public static func staleResourceVersion(_ resource: GroupResource, name: String) -> APIStatus {
        conflict(
            resource, name: name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    public static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: .badRequest, message: message)
    }

    public static func forbidden(_ resource: GroupResource, name: String, _ why: String) -> APIStatus {
        let subject = name.isEmpty ? "\(resource) is forbidden" : "\(resource) \"\(name)\" is forbidden"
        return APIStatus(
            code: 403, reason: .forbidden, message: subject + ": " + why,
            details: Details(name: name, group: resource.group, kind: resource.resource))
    }

    public static let unauthorized = APIStatus(code: 401, reason: .unauthorized, message: "Unauthorized")

    public static func expired(_ message: String, continuation: String? = nil) -> APIStatus {
        var status = APIStatus(code: 410, reason: .expired, message: message)
        status.continuation = continuation
        return status
    }

    public static func internalError(_ message: String) -> APIStatus {
        APIStatus(
            code: 500, reason: .internalError, message: "Internal error occurred: " + message,
            details: Details(causes: [Cause(reason: "", message: message)]))
    }

    /// An object that breaks rules of its kind: one cause an error.
    public static func invalid(_ kind: GroupKind, name: String, _ errors: [FieldError]) -> APIStatus {
        let causes = errors.map { Cause(reason: $0.causeReason, message: $0.body, field: $0.path) }
        let texts = deduplicated(errors)
        let text =
            switch texts.count {
            case 0: ""
            case 1: ": " + texts[0]
            default: ": [\(texts.joined(separator: ", "))]"
            }
        return APIStatus(
            code: 422, reason: .invalid, message: "\(kind) \"\(name)\" is invalid\(text)",
            details: Details(name: name, group: kind.group, kind: kind.kind, causes: causes))
    }

    private static func deduplicated(_ errors: [FieldError]) -> [String] {
        var seen = Set<String>()
        return errors.map(\.description).filter { seen.insert($0).inserted }
    }
}
