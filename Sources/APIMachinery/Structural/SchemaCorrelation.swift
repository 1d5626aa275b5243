import JSON

/// What stood in place of a value before an update, as far as the two can be told to be the same thing (KEP-4008): members
/// of objects by their names, items of lists that are maps by their keys, items of other lists not at all.
struct SchemaCorrelation {
    let old: JSON
    let schema: StructuralSchema

    /// - Parameter value: the object that the member is one of now.
    /// - Returns: `nil` where nothing can be said of the member.
    func member(_ name: String, of value: JSONObject) -> SchemaCorrelation? {
        guard case .object(let before) = old, let schema = schema.member(name) else { return nil }
        return SchemaCorrelation(old: before[name] ?? .null, schema: schema)
    }

    /// The items that stood in a list before, for those that stand there now.
    func items() -> (JSON) -> SchemaCorrelation? {
        guard schema.listType == .map, let itemSchema = schema.items, case .array(let items) = old else {
            return { _ in nil }
        }
        let schema = schema
        var before: [JSON: JSON] = [:]
        for item in items {
            if let key = schema.wholeKey(of: item), before[key] == nil { before[key] = item }
        }
        return { item in
            schema.wholeKey(of: item).flatMap { before[$0] }.map { SchemaCorrelation(old: $0, schema: itemSchema) }
        }
    }

    /// Whether a value is what stood in its place. Where the schema does not know a member, nobody can say so.
    func isUnchanged(_ value: JSON) -> Bool {
        switch (old, value) {
        case (.array(let before), .array(let now)):
            guard before.count == now.count else { return false }
            if schema.listType != .map { return before == now }
            let item = items()
            return now.allSatisfy { item($0)?.isUnchanged($0) ?? false }
        case (.object(let before), .object(let now)):
            guard before.count == now.count else { return false }
            return now.allSatisfy { member($0.key, of: now)?.isUnchanged($0.value) ?? false }
        default: return old == value
        }
    }
}

extension StructuralSchema {
    /// The members by which an item of a list goes; `nil` where one is missing or is no plain value.
    func wholeKey(of item: JSON) -> JSON? {
        var key = JSONObject()
        for name in listMapKeys {
            switch item[name] {
            case .string?, .bool?, .int?, .double?: key[name] = item[name]
            default: return nil
            }
        }
        return .object(key)
    }
}
