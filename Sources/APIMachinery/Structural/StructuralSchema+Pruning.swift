public import JSON

// Bringing a custom object into the form that its schema allows.
extension SchemaDecoder {
    /// Drops what the schema does not know, and brings the metadata of the resource and of embedded ones into their form.
    /// - Returns: `nil` where nothing changes.
    mutating func prune(_ value: JSON, as schema: StructuralSchema?, keepsUnknown: Bool = false) -> JSON? {
        switch value {
        case .object(let object):
            return pruneMembers(object, schema, keepsUnknown || schema?.preservesUnknownFields == true)
        case .array(let items):
            var result: [JSON]?
            let keeps = keepsUnknown || schema?.preservesUnknownFields == true
            for index in items.indices {
                let changed = nested(.index(index)) { $0.prune(items[index], as: schema?.items, keepsUnknown: keeps) }
                guard let changed else { continue }
                if result == nil { result = items }
                result?[index] = changed
            }
            return result.map { .array($0) }
        default: return nil
        }
    }

    private mutating func pruneMembers(_ object: JSONObject, _ schema: StructuralSchema?, _ keeps: Bool) -> JSON? {
        var result: JSONObject?
        for member in object {
            let name = member.key
            if let metadata = schema?.metadata, ["apiVersion", "kind", "metadata"].contains(name) {
                guard name == "metadata", !member.value.isNull else { continue }
                let changed = nested(.member(name)) { $0.decode(member.value, as: metadata) }
                if let changed {
                    if result == nil { result = object }
                    result?[name] = changed
                }
                continue
            }
            let memberSchema = schema?.member(name)
            if memberSchema == nil, !keeps, !(schema?.allowsAny ?? false) {
                report(unknown: name)
                if result == nil { result = object }
                result?[name] = nil
                continue
            }
            // What is kept without a schema is kept whole; a schema within it prunes its own part again.
            if memberSchema == nil, keeps { continue }
            let keepsWithin = keeps && memberSchema == nil
            let changed = nested(.member(name)) { $0.prune(member.value, as: memberSchema, keepsUnknown: keepsWithin) }
            if let changed {
                if result == nil { result = object }
                result?[name] = changed
            }
        }
        return result.map { .object($0) }
    }
}

extension StructuralSchema {
    /// Whether members without a schema are let through: as soon as there is an `additionalProperties`, which says whether
    /// they are valid.
    var allowsAny: Bool { additional != nil }

    /// Fills in defaults, and takes away each `null` that is not allowed to be one.
    public func applyDefaults(to value: inout JSON) {
        switch value {
        case .object(var object):
            value = .null  // leaves `object` the only owner, so that it changes in place
            for (name, property) in properties {
                guard let fallback = property.defaultValue else { continue }
                if object[name] == nil || property.refusesNull(object[name]) { object[name] = fallback }
            }
            for name in object.members.map(\.key) {
                guard let schema = member(name), let index = object.index(of: name) else { continue }
                if schema.refusesNull(object[name]) {
                    object[name] = schema.defaultValue
                    if schema.defaultValue == nil { continue }
                }
                if schema.isLeaf || (metadata != nil && name == "metadata") { continue }
                object.update(at: index) { schema.applyDefaults(to: &$0) }
            }
            value = .object(object)
        case .array(var list):
            guard let items else { return }
            value = .null
            for index in list.indices {
                if items.refusesNull(list[index]), let fallback = items.defaultValue { list[index] = fallback }
                items.applyDefaults(to: &list[index])
            }
            value = .array(list)
        default: return
        }
    }

    private func refusesNull(_ value: JSON?) -> Bool {
        guard case .null? = value else { return false }
        return !isNullable
    }
}
