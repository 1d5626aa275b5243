public import JSON

/// Where in an object the value of a selectable field stands.
public struct SelectableField: Sendable, Hashable {
    /// Names of members, from the object down.
    public var path: [String]
    /// Where the value stands of an object that leaves it empty at `path`.
    public var otherwise: [String]?
    /// The value of an object that leaves the field out.
    public var missing: String

    /// - Parameters:
    ///   - path: members joined by dots, as `spec.nodeName`.
    ///   - otherwise: another path, looked at where nothing stands at the first.
    public init(_ path: String, otherwise: String? = nil, missing: String = "") {
        self.path = Self.names(in: path)
        self.otherwise = otherwise.map(Self.names)
        self.missing = missing
    }

    private static func names(in path: String) -> [String] { path.split(separator: ".").map(String.init) }

    public func value(in object: JSONObject) -> String {
        let text = Self.text(at: path, in: object) ?? ""
        if !text.isEmpty { return text }
        return otherwise.flatMap { Self.text(at: $0, in: object) } ?? missing
    }

    private static func text(at path: [String], in object: JSONObject) -> String? {
        switch object.value(at: path) {
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .bool(let value)?: value ? "true" : "false"
        default: nil
        }
    }
}
