public import JSON

// Lists that are sets or maps.
extension StructuralSchema {
    /// Items that stand twice in lists that are sets, and keys that stand twice in lists that are maps.
    public func checkLists(_ value: JSON, at path: FieldPath = .root, into errors: inout [FieldError]) {
        guard hasListRules else { return }
        switch value {
        case .object(let object):
            for member in object {
                if let property = properties[member.key] {
                    // A path for each value would be most of what this costs.
                    guard property.hasListRules else { continue }
                    property.checkLists(member.value, at: path.child(member.key), into: &errors)
                } else if case .schema(let schema)? = additional {
                    schema.checkLists(member.value, at: path.key(member.key), into: &errors)
                }
            }
        case .array(let list):
            switch listType {
            case .set: Self.checkDuplicates(list, at: path, into: &errors)
            case .map: checkKeys(list, at: path, into: &errors)
            case .atomic: break
            }
            guard let items, items.hasListRules else { return }
            for (index, item) in list.enumerated() { items.checkLists(item, at: path.index(index), into: &errors) }
        default: return
        }
    }

    private func checkKeys(_ list: [JSON], at path: FieldPath, into errors: inout [FieldError]) {
        let other = list.firstIndex { item in
            switch item {
            case .object, .null: false
            default: true
            }
        }
        if let other {
            return errors.append(
                .invalid(path.index(other), list[other], "must be an object for an array of list-type map"))
        }
        let keys = list.map { item in
            var key = JSONObject()
            for name in listMapKeys { key[name] = item[name] }
            return JSON.object(key)
        }
        Self.checkDuplicates(keys, at: path, into: &errors)
    }

    private static func checkDuplicates(_ values: [JSON], at path: FieldPath, into errors: inout [FieldError]) {
        var counts: [JSON: Int] = [:]
        for (index, value) in values.enumerated() {
            counts[value, default: 0] += 1
            // What stands there more often is told once.
            if counts[value] == 2 { errors.append(.duplicate(path.index(index), value)) }
        }
    }
}
