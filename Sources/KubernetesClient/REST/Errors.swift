public import APIMachinery
import JSON

extension Error {
    /// The reason of an `APIStatus`; `nil` for any other error.
    public var statusReason: APIStatus.Reason? { (self as? APIStatus)?.reason }

    /// The HTTP status code of an `APIStatus`; `nil` for any other error.
    public var statusCode: Int? { (self as? APIStatus)?.code }

    public var isNotFound: Bool { statusReason == .notFound }
    public var isAlreadyExists: Bool { statusReason == .alreadyExists }

    /// A compare-and-set lost: read again, and try again.
    public var isConflict: Bool { statusReason == .conflict }

    public var isForbidden: Bool { statusReason == .forbidden }
    public var isInvalid: Bool { statusReason == .invalid }

    /// The asked-for resource version is too old: list again.
    public var isExpired: Bool { statusCode == 410 || statusReason == .expired || statusReason == .gone }

    public var isTooManyRequests: Bool { statusCode == 429 }
}

/// Turns the answers of a server that mean failure into an `APIStatus`.
enum StatusDecoding {
    /// Text of an answer that is no `Status`, shown in an error at most.
    private static let maximumShownBytes = 2048

    /// A `Status` document; `nil` where the document is another kind.
    static func status(_ json: JSON) -> APIStatus? {
        guard json["kind"]?.stringValue == "Status" else { return nil }
        return APIStatus(
            code: json["code"]?.intValue.flatMap { Int(exactly: $0) } ?? 0,
            reason: json["reason"]?.stringValue.flatMap(APIStatus.Reason.init) ?? .unknown,
            message: json["message"]?.stringValue ?? "", details: json["details"].map(details),
            isSuccess: json["status"]?.stringValue == "Success")
    }

    static func failure(code: Int, body: [UInt8]) -> APIStatus {
        if let json = try? JSON(parsing: body), var status = status(json) {
            if status.code == 0 { status.code = code }
            return status
        }
        let text = String(decoding: body.prefix(maximumShownBytes), as: UTF8.self)
        return APIStatus(
            code: code, reason: reason(code: code),
            message: text.isEmpty ? "the server answered with status \(code)" : text)
    }

    private static func details(_ json: JSON) -> APIStatus.Details {
        let causes = json["causes"]?.arrayValue ?? []
        return APIStatus.Details(
            name: json["name"]?.stringValue, group: json["group"]?.stringValue, kind: json["kind"]?.stringValue,
            uid: json["uid"]?.stringValue,
            causes: causes.map { cause in
                APIStatus.Cause(
                    reason: cause["reason"]?.stringValue ?? "", message: cause["message"]?.stringValue ?? "",
                    field: cause["field"]?.stringValue)
            },
            retryAfterSeconds: json["retryAfterSeconds"]?.intValue.flatMap { Int(exactly: $0) })
    }

    private static func reason(code: Int) -> APIStatus.Reason {
        switch code {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 405: .methodNotAllowed
        case 406: .notAcceptable
        case 409: .conflict
        case 410: .gone
        case 413: .requestEntityTooLarge
        case 415: .unsupportedMediaType
        case 422: .invalid
        case 429: .tooManyRequests
        case 500: .internalError
        case 503: .serviceUnavailable
        case 504: .timeout
        default: .unknown
        }
    }
}
