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

    /// The value as Go's `%v` prints decoded JSON: `map[a:1 b:[x y]]`, keys in order.
    package var goDescription: String {
        switch self {
        case .null: return "<nil>"
        case .string(let text): return text
        case .array(let items): return "[" + items.map(\.goDescription).joined(separator: " ") + "]"
        case .object(let object):
            let members = object.members.sorted { $0.key < $1.key }
            return "map[" + members.map { $0.key + ":" + $0.value.goDescription }.joined(separator: " ") + "]"
        default: return description
        }
    }
}
