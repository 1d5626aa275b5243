public import JSON

/// One thing wrong with one field of an object, in the words of Kubernetes' `field.Error`.
public struct FieldError: Error, Sendable {
    public enum Kind: Sendable, Hashable {
        case required, invalid, notSupported, forbidden, duplicate, tooLong, tooMany, notFound, typeInvalid, `internal`
    }

    public var kind: Kind
    public var path: String
    /// What stands there; part of the message of the kinds that show it.
    public var value: JSON?
    public var detail: String

    public init(_ kind: Kind, _ path: FieldPath, value: JSON? = nil, detail: String = "") {
        self.kind = kind
        self.path = path.description
        self.value = value
        self.detail = detail
    }

    public static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
        FieldError(.required, path, detail: detail)
    }
    public static func invalid(_ path: FieldPath, _ value: JSON, _ detail: String) -> FieldError {
        FieldError(.invalid, path, value: value, detail: detail)
    }
    /// `supported`, quoted, in the order in which the message is to list them.
    public static func notSupported(_ path: FieldPath, _ value: JSON, supported: [String]) -> FieldError {
        let list = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        return FieldError(.notSupported, path, value: value, detail: list.isEmpty ? "" : "supported values: " + list)
    }
    public static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(.forbidden, path, detail: detail)
    }
    public static func duplicate(_ path: FieldPath, _ value: JSON) -> FieldError {
        FieldError(.duplicate, path, value: value)
    }
    public static func tooLong(_ path: FieldPath, maximumBytes: Int) -> FieldError {
        FieldError(.tooLong, path, detail: "may not be more than \(maximumBytes) bytes")
    }
    public static func tooMany(_ path: FieldPath, count: Int, maximum: Int) -> FieldError {
        FieldError(
            .tooMany, path, value: .int(Int64(count)),
            detail: "must have at most \(maximum) " + (maximum == 1 ? "item" : "items"))
    }
}

extension FieldError: CustomStringConvertible {
    /// `metav1.CauseType` of the error.
    public var causeReason: String {
        switch kind {
        case .required: "FieldValueRequired"
        case .invalid: "FieldValueInvalid"
        case .notSupported: "FieldValueNotSupported"
        case .forbidden: "FieldValueForbidden"
        case .duplicate: "FieldValueDuplicate"
        case .tooLong: "FieldValueTooLong"
        case .tooMany: "FieldValueTooMany"
        case .notFound: "FieldValueNotFound"
        case .typeInvalid: "FieldValueTypeInvalid"
        case .internal: "InternalError"
        }
    }

    /// The message without the path, as a cause carries it: `Invalid value: "x": must be …`.
    public var body: String {
        let name =
            switch kind {
            case .required: "Required value"
            case .invalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .forbidden: "Forbidden"
            case .duplicate: "Duplicate value"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .notFound: "Not found"
            case .typeInvalid: "Invalid value"
            case .internal: "Internal error"
            }
        var text = name
        switch kind {
        case .required, .forbidden, .tooLong, .internal: break
        default: if let value { text += ": " + Self.shown(value) }
        }
        return detail.isEmpty ? text : text + ": " + detail
    }

    public var description: String { path + ": " + body }

    /// A value as Go's `%#v` and JSON have it: strings quoted, numbers bare, the rest as JSON.
    private static func shown(_ value: JSON) -> String {
        if case .string(let text) = value { return quoted(text) }
        return String(decoding: value.encoded, as: UTF8.self)
    }

    /// As Go's `%q` has it: unlike in JSON, `<`, `>` and `&` stand as they are.
    package static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
