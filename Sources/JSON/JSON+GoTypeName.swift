extension JSON {
    /// What Go's decoder calls a value's type in its errors.
    package var goTypeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The type that Go gives the value once it is read, as its `%T` prints it: `map[string]interface {}`.
    package var goDynamicTypeName: String {
        switch self {
        case .null: "<nil>"
        case .bool: "bool"
        case .int: "int64"
        case .double: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
