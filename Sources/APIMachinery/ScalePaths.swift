public import JSON

/// Names of members that lead to what a `Scale` shows.
public struct ScalePaths: Sendable, Hashable {
    public var specReplicas: [String]
    public var statusReplicas: [String]
    /// To the text of a label selector.
    public var selector: [String]?

    public init(specReplicas: [String], statusReplicas: [String], selector: [String]? = nil) {
        self.specReplicas = specReplicas
        self.statusReplicas = statusReplicas
        self.selector = selector
    }

    /// A path as a definition has it: `.spec.replicas`.
    public static func text(of path: some Sequence<String>) -> String { path.map { "." + $0 }.joined() }

    /// What stands at a path is of another type: `.spec.replicas accessor error: x is of the type string, expected int64`.
    public struct AccessError: Error, Sendable {
        public var message: String
    }

    /// The number at a path; `nil` where nothing stands there.
    public static func count(at path: [String], in object: JSON) -> Result<Int64?, AccessError> {
        value(at: path, in: object).flatMap { value in
            switch value {
            case nil: .success(nil)
            case .int(let count)?: .success(count)
            case let value?: .failure(error(path[...], value, "int64"))
            }
        }
    }

    /// The text at a path; `nil` where nothing stands there.
    public static func text(at path: [String], in object: JSON) -> Result<String?, AccessError> {
        value(at: path, in: object).flatMap { value in
            switch value {
            case nil: .success(nil)
            case .string(let text)?: .success(text)
            case let value?: .failure(error(path[...], value, "string"))
            }
        }
    }

    private static func value(at path: [String], in object: JSON) -> Result<JSON?, AccessError> {
        var value = object
        for (index, name) in path.enumerated() {
            switch value {
            case .null: return .success(nil)
            case .object(let members):
                guard let member = members[name] else { return .success(nil) }
                value = member
            default: return .failure(error(path[...index], value, "map[string]interface {}"))
            }
        }
        return .success(value)
    }

    private static func error(_ path: ArraySlice<String>, _ value: JSON, _ wanted: String) -> AccessError {
        AccessError(
            message: "\(text(of: path)) accessor error: \(value.goDescription) is of the type "
                + "\(value.goDynamicTypeName), expected \(wanted)")
    }
}
