package import APIMachinery
package import JSON

/// Random values that a schema allows: right types, canonical scalars, distinct keys in lists that have keys.
///
/// What validation asks for beyond that, such as the form of a name, is not looked after.
package struct RandomObject {
    /// Values that one object has at most, so that types of many fields stay small.
    package var budget: Int
    /// Levels below which only what is always written is filled in.
    package var maximumDepth: Int
    private var count = 0

    package init(budget: Int = 120, maximumDepth: Int = 12) {
        self.budget = budget
        self.maximumDepth = maximumDepth
    }

    /// An object of a kind, with its name.
    package static func make(
        _ kind: GroupVersionKind, _ schema: Schema, name: String = "a", budget: Int = 120,
        using random: inout SeededGenerator
    ) -> JSON {
        var maker = RandomObject(budget: budget)
        var object = maker.value(of: schema, at: 0, using: &random)
        object["kind"] = .string(kind.kind)
        object["apiVersion"] = .string(kind.groupVersion.description)
        if schema.field("metadata") != nil { object["metadata"] = metadata(name, using: &random) }
        return object
    }

    private static func metadata(_ name: String, using random: inout SeededGenerator) -> JSON {
        var metadata: JSONObject = ["name": .string(name)]
        if !random.chance(oneIn: 3) { metadata["labels"] = ["a": .string(random.pick(["x", "y", ""]))] }
        if !random.chance(oneIn: 3) { metadata["annotations"] = ["example.com/b": "text"] }
        if random.chance(oneIn: 4) { metadata["finalizers"] = ["example.com/f"] }
        return .object(metadata)
    }

    package mutating func value(of schema: Schema, at depth: Int, using random: inout SeededGenerator) -> JSON {
        count += 1
        switch schema.form {
        case .string, .bytes, .quantity, .time, .microTime, .duration:
            return .string(random.pick(Self.texts(of: schema.form)))
        case .int32, .int64: return .int(random.pick([1, 2, 7, 80, 443, 65535, -1, 2_147_483_647]))
        case .number: return random.pick([.double(0.5), .int(3)])
        case .boolean: return .bool(true)
        case .intOrString: return random.pick([.int(8080), .string("50%"), .string("http")])
        case .any: return random.pick([.string("any"), .int(1), ["a": [1, "b"]]])
        case .rawExtension: return ["kind": "Other", "apiVersion": "example.com/v1", "a": [1, "b"]]
        case .fieldsV1: return ["f:spec": ["f:a": [:]]]
        case .schema(let schema, _): return value(of: schema, at: depth, using: &random)
        case .array(let items):
            return .array((0..<size(at: depth, &random)).map { _ in value(of: items, at: depth + 1, using: &random) })
        case .map(let values):
            var object = JSONObject()
            for key in ["a", "b", "c"].prefix(size(at: depth, &random)) {
                object[key] = value(of: values, at: depth + 1, using: &random)
            }
            return .object(object)
        case .object(let shape): return object(of: shape, at: depth, using: &random)
        case .structural:
            // What a custom resource's schema demands of values beyond their types is no matter of this.
            return schema.shape.map { object(of: $0, at: depth, using: &random) } ?? ["a": 1]
        }
    }

    private func size(at depth: Int, _ random: inout SeededGenerator) -> Int {
        count > budget || depth > maximumDepth ? 0 : Int.random(in: 1...3, using: &random)
    }

    private mutating func object(of shape: ObjectShape, at depth: Int, using random: inout SeededGenerator) -> JSON {
        var object = JSONObject()
        let isWholeObject = shape.field(named: "metadata") != nil
        // In any order, so that the budget is not always spent on the first fields.
        for field in shape.fields.shuffled(using: &random) {
            if field.name == "managedFields" || !isFilled(field, at: depth, &random) { continue }
            // Protobuf has no place for the kind of an object within another (`volumeClaimTemplates`).
            if isWholeObject, field.name == "kind" || field.name == "apiVersion" { continue }
            object[field.name] = value(of: field, at: depth + 1, using: &random)
        }
        return .object(object)
    }

    private func isFilled(_ field: Field, at depth: Int, _ random: inout SeededGenerator) -> Bool {
        if field.details.isRequired || !field.details.listMapKeys.isEmpty { return depth <= maximumDepth }
        if count > budget || depth > maximumDepth { return false }
        return depth < 3 ? !random.chance(oneIn: 5) : random.chance(oneIn: 3)
    }

    private mutating func value(of field: Field, at depth: Int, using random: inout SeededGenerator) -> JSON {
        let details = field.details
        if !details.enumeration.isEmpty { return .string(random.pick(details.enumeration)) }
        if case .string = field.schema.form, !details.knownValues.isEmpty {
            return .string(random.pick(details.knownValues))
        }
        let value = value(of: field.schema, at: depth, using: &random)
        guard case .array(let items) = value else { return value }
        if !details.itemEnumeration.isEmpty { return .array([.string(random.pick(details.itemEnumeration))]) }
        return .array(distinct(items, field))
    }

    /// The items of a list without those that lack a key, or have the keys of an earlier one.
    private func distinct(_ items: [JSON], _ field: Field) -> [JSON] {
        var keys = field.details.listMapKeys
        if keys.isEmpty, let key = field.details.patchMergeKey { keys = [key] }
        if keys.isEmpty, field.details.listType != .set, !field.details.patchStrategy.contains(.merge) { return items }
        var seen: Set<[JSON]> = []
        // What a strategic merge patch merges of plain values comes out sorted.
        let items = keys.isEmpty ? items.sorted { ($0.stringValue ?? "") < ($1.stringValue ?? "") } : items
        return items.filter { item in
            guard keys.allSatisfy({ item[$0] != nil }) else { return false }
            // The key that a patch goes by may be one of several.
            let telling = field.details.patchMergeKey.map { [$0] } ?? keys
            return seen.insert(telling.isEmpty ? [item] : telling.map { item[$0] ?? .null }).inserted
        }
    }

    private static func texts(of form: Schema.Form) -> [String] {
        switch form {
        case .bytes: ["aGk=", "AAEC/w=="]
        case .quantity: ["1", "500m", "1Gi", "128Mi", "2k"]
        case .time: ["2026-01-02T03:04:05Z", "1999-12-31T23:59:59Z"]
        case .microTime: ["2026-01-02T03:04:05.123456Z"]
        case .duration: ["1h30m0s", "5s"]
        default: ["a", "b", "web", "example.com/x", "10.0.0.1", "*/5 * * * *", "Always"]
        }
    }
}
