public import JSON

/// Where in an object the value of a selectable field stands.
public struct SelectableField: Sendable, Hashable {
    /// Names of members, from the object down.
    public var path: [String]
    /// The value of an object that leaves the field out.
    public var missing: String

    /// - Parameter path: members joined by dots, as `spec.nodeName`.
    public init(_ path: String, missing: String = "") {
        self.path = path.split(separator: ".").map(String.init)
        self.missing = missing
    }

    public func value(in object: JSONObject) -> String {
        switch object.value(at: path) {
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .bool(let value)?: value ? "true" : "false"
        default: missing
        }
    }
}
