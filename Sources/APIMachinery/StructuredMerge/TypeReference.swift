import JSON

/// The schema of a value at its place: the field that holds a list or a map tells how its parts are owned.
struct TypeReference {
    let schema: Schema
    /// The field that holds the value itself; `nil` for an item of a list or a map.
    let field: Field?

    init(_ schema: Schema, field: Field? = nil) {
        self.schema = schema
        self.field = field
    }

    /// What nothing is known of: a list is one value, a map is taken apart.
    static let deduced = TypeReference(.any)

    /// How a value is taken apart.
    enum Atom {
        case scalar(Scalar)
        case list(items: TypeReference, List)
        case map(Map)
    }

    enum Scalar {
        case string, number, boolean, any
    }

    enum List {
        case atomic, set
        case map(keys: [String])
    }

    struct Map {
        /// The declared fields; `nil` for a map.
        var shape: ObjectShape?
        /// The values that no field is declared for; `nil` where there are none.
        var values: TypeReference?
        var isAtomic: Bool

        func type(of name: String) -> TypeReference? {
            if let field = shape?.field(named: name) { return TypeReference(field.schema, field: field) }
            return values
        }

        func declares(_ name: String) -> Bool { shape?.ordinal(of: name) != nil }
    }

    /// The way to take a value apart. Where the schema leaves open what it is, the value decides.
    /// - Parameter value: `nil` and `null` take any form: a map's where it is open.
    func atom(for value: JSON?) -> Atom {
        switch schema.form {
        case .string, .bytes, .duration: .scalar(.string)
        case .int32, .int64, .number: .scalar(.number)
        case .boolean: .scalar(.boolean)
        case .quantity, .time, .microTime, .intOrString: .scalar(.any)
        case .array(let items): .list(items: TypeReference(items), list)
        case .map(let values):
            .map(Map(shape: nil, values: TypeReference(values), isAtomic: field?.details.mapType == .atomic))
        case .object(let shape): .map(map(shape))
        case .rawExtension: open(value, isAtomic: true)
        case .any, .fieldsV1, .schema: open(value, isAtomic: false)
        case .structural(let schema): structural(schema, value)
        }
    }

    private func structural(_ schema: StructuralSchema, _ value: JSON?) -> Atom {
        switch schema.type {
        case "string": return .scalar(.string)
        case "integer", "number": return .scalar(.number)
        case "boolean": return .scalar(.boolean)
        case "array": return .list(items: schema.itemsSchema.map { TypeReference($0) } ?? .deduced, list)
        case "object": return .map(map(schema.shape))
        default: return schema.isIntOrString ? .scalar(.any) : open(value, isAtomic: false)
        }
    }

    private var list: List {
        switch field?.details.listType {
        case .set?: .set
        case .map?: .map(keys: field?.details.listMapKeys ?? [])
        case .atomic?, nil: .atomic
        }
    }

    private func map(_ shape: ObjectShape) -> Map {
        // What the field says of an object goes before what its type says.
        let isAtomic = (field?.details.mapType ?? shape.mapType) == .atomic
        var values = shape.additional.map { TypeReference($0) }
        if values == nil, shape.preservesUnknownFields || shape.fields.isEmpty { values = .deduced }
        return Map(shape: shape, values: values, isAtomic: isAtomic)
    }

    private func open(_ value: JSON?, isAtomic: Bool) -> Atom {
        switch value {
        case .bool?, .int?, .double?, .string?: .scalar(.any)
        case .array?: .list(items: .deduced, .atomic)
        case .object?, .null?, nil: .map(Map(shape: nil, values: .deduced, isAtomic: isAtomic))
        }
    }

    /// The element that an item of a list goes by.
    /// - Throws: where it cannot have one.
    static func element(
        of item: JSON, in list: List, of items: TypeReference
    ) throws(TypedValueError) -> PathElement {
        switch list {
        case .atomic: throw TypedValueError("invalid indexing of an atomic list")
        case .set: return try setElement(of: item)
        case .map(let keys): return try keyedElement(of: item, keys, items)
        }
    }

    private static func setElement(of item: JSON) throws(TypedValueError) -> PathElement {
        switch item {
        case .object: throw TypedValueError("associative list without keys has an element that's a map type")
        case .array: throw TypedValueError("not supported: associative list with lists as elements")
        case .null: throw TypedValueError("associative list without keys has an element that's an explicit null")
        case .bool, .int, .double, .string: return .value(item)
        }
    }

    private static func keyedElement(
        of item: JSON, _ keys: [String], _ items: TypeReference
    ) throws(TypedValueError) -> PathElement {
        switch item {
        case .object(let object):
            var fields: [PathElement.KeyField] = []
            fields.reserveCapacity(keys.count)
            for key in keys {
                guard let value = object[key] ?? items.schema.field(key)?.details.defaultValue else {
                    throw TypedValueError(
                        "associative list with keys has an element that omits key field \"\(key)\" "
                            + "(and doesn't have default value)")
                }
                fields.append(.init(name: key, value: value))
            }
            return .key(sorted: fields)
        case .null: throw TypedValueError("associative list with keys may not have a null element")
        default: throw TypedValueError("associative list with keys may not have non-map elements")
        }
    }
}

/// Why a value is not of its type, or cannot be taken apart.
public struct TypedValueError: Error, Sendable {
    /// Where; empty for the value as a whole.
    public var path: [PathElement] = []
    public var message: String

    init(_ message: String) { self.message = message }

    public var description: String {
        path.isEmpty ? message : path.map(\.description).joined() + ": " + message
    }
}
