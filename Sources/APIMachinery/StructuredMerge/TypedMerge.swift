public import JSON

extension Schema {
    /// A document with a configuration laid over it: what both have is the configuration's, objects, maps and keyed lists
    /// are merged part by part, nothing is taken away (KEP-555). Items of lists come in the order of the configuration,
    /// and between them those of the document that it does not name.
    ///
    /// The document is valid, and the configuration without `problems(ofApplied:)`.
    public func merge(_ document: JSON, applying configuration: JSON) throws(TypedValueError) -> JSON {
        try TypedMerge.merge(document, configuration, TypeReference(self))
    }

    /// A document without the fields of a set. A list or an object of which all parts go is left as `null`.
    public func removing(_ fields: FieldSet, from document: JSON) throws(TypedValueError) -> JSON {
        fields.isEmpty ? document : try TypedRemoval.remove(fields, from: document, TypeReference(self))
    }
}

private enum TypedMerge {
    static func merge(_ old: JSON, _ new: JSON, _ type: TypeReference) throws(TypedValueError) -> JSON {
        switch type.atom(for: new.isNull ? old : new) {
        case .scalar, .list(_, .atomic): return new
        case .map(let map):
            let (before, after) = (old.objectValue ?? [:], new.objectValue ?? [:])
            if map.isAtomic || before.isEmpty && after.isEmpty { return new }
            return .object(try merge(before, after, map))
        case .list(let items, let list):
            let (before, after) = (old.arrayValue ?? [], new.arrayValue ?? [])
            if before.isEmpty && after.isEmpty { return new }
            return .array(try merge(before, after, items, list))
        }
    }

    private static func merge(
        _ old: JSONObject, _ new: JSONObject, _ map: TypeReference.Map
    ) throws(TypedValueError) -> JSONObject {
        var result = old
        for member in new.members {
            guard let type = map.type(of: member.key) else { continue }
            if let before = old[member.key] {
                result[member.key] = try merge(before, member.value, type)
            } else {
                result[member.key] = member.value
            }
        }
        return result
    }

    private static func merge(
        _ old: [JSON], _ new: [JSON], _ items: TypeReference, _ list: TypeReference.List
    ) throws(TypedValueError) -> [JSON] {
        var merge = ListMerge(
            old: try Keyed(old, items, list), new: try Keyed(new, items, list), items: items)
        return try merge.run()
    }

    /// The items of a list with their elements.
    struct Keyed {
        let items: [JSON]
        let elements: [PathElement]
        let groups: ItemGroups

        init(_ items: [JSON], _ type: TypeReference, _ list: TypeReference.List) throws(TypedValueError) {
            self.items = items
            var elements: [PathElement] = []
            for item in items { elements.append(try TypeReference.element(of: item, in: list, of: type)) }
            self.elements = elements
            groups = try ItemGroups(items, type, list)
        }

        func has(_ element: PathElement) -> Bool { groups.index(of: element) != nil }

        /// The item of an element; `nil` where there is none or more than one, which are not merged.
        func item(_ element: PathElement) -> JSON? {
            let found = groups.items(of: element)
            return found.count == 1 ? found[0] : nil
        }
    }

    /// Puts two orders together: that of the new list stands, and items of the old one alone stay where they were between
    /// those that both have, as far as that goes.
    struct ListMerge {
        let old: Keyed
        let new: Keyed
        let items: TypeReference
        private var result: [JSON] = []
        private var (oldPlace, newPlace) = (0, 0)
        /// Elements of both lists that are still to come, in the new order.
        private var shared: ArraySlice<PathElement>
        private var isTaken: [Bool]

        init(old: Keyed, new: Keyed, items: TypeReference) {
            self.old = old
            self.new = new
            self.items = items
            shared = new.elements.filter(old.has)[...]
            isTaken = Array(repeating: false, count: new.items.count)
        }

        mutating func run() throws(TypedValueError) -> [JSON] {
            while oldPlace < old.items.count || newPlace < new.items.count { try step() }
            return result
        }

        private mutating func step() throws(TypedValueError) {
            if oldPlace < old.items.count {
                let element = old.elements[oldPlace]
                if newPlace < new.items.count {
                    if element == new.elements[newPlace] {
                        try takeNew()
                        oldPlace += 1
                        return
                    }
                    if new.has(element), let next = shared.first, next != element {
                        // Shared, but its turn comes elsewhere.
                        oldPlace += 1
                        return
                    }
                }
                if !new.has(element) {
                    result.append(old.items[oldPlace])
                    oldPlace += 1
                    return
                }
                if let place = new.groups.index(of: element), isTaken[place] { oldPlace += 1 }
            }
            if newPlace < new.items.count { try takeNew() }
        }

        private mutating func takeNew() throws(TypedValueError) {
            let element = new.elements[newPlace]
            isTaken[newPlace] = true
            if let before = old.item(element) {
                result.append(try merge(before, new.items[newPlace], items))
            } else {
                result.append(new.items[newPlace])
            }
            if shared.first == element { shared.removeFirst() }
            newPlace += 1
        }
    }
}

private enum TypedRemoval {
    static func remove(
        _ fields: FieldSet, from value: JSON, _ type: TypeReference
    ) throws(TypedValueError) -> JSON {
        switch (type.atom(for: value), value) {
        case (.map(let map), .object(let object)):
            if map.isAtomic || object.isEmpty { return .null }
            var members: [JSONObject.Member] = []
            members.reserveCapacity(object.count)
            for member in object.members {
                guard let node = fields.node(.field(member.key)) else {
                    members.append(member)
                    continue
                }
                if node.isMember { continue }
                let type = map.type(of: member.key) ?? .deduced
                members.append(.init(key: member.key, value: try remove(node.children, from: member.value, type)))
            }
            return members.isEmpty ? .null : .object(JSONObject(uniqueMembers: members))
        case (.list(_, .atomic), _): return .null
        case (.list(let items, let list), .array(let array)):
            var kept: [JSON] = []
            kept.reserveCapacity(array.count)
            for item in array {
                let element = try TypeReference.element(of: item, in: list, of: items)
                guard let node = fields.node(element) else {
                    kept.append(item)
                    continue
                }
                if !node.isMember { kept.append(try remove(node.children, from: item, items)) }
            }
            return kept.isEmpty ? .null : .array(kept)
        default: return value
        }
    }
}
