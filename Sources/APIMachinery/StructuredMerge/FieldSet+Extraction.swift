public import JSON

extension Schema {
    /// The fields that a configuration, once it is applied, is the owner of: its leaves, the items of its lists, the keys
    /// of its maps. Objects with declared fields count only where they are empty or `null`.
    public func fieldSet(of document: JSON) -> FieldSet {
        let parts = try? TreeWalk(members: .owned).parts(of: document, TypeReference(self).atom(for: document))
        return parts?.asFieldSet ?? FieldSet()
    }
}

/// The walk through one document, to the set of its fields.
struct TreeWalk {
    /// Which elements are members of the set.
    enum Members {
        /// Each with something at it: what there is where the other side of a comparison has nothing.
        case all
        /// Those that an applier comes to own. A list whose items cannot be told apart has none.
        case owned
    }

    let members: Members

    /// A value at its element.
    /// - Parameter isOwned: whether the element belongs to the owner even where something is below it.
    func node(
        _ element: PathElement, _ value: JSON, _ type: TypeReference, isOwned: Bool = true
    ) throws(TypedValueError) -> FieldSet.Node {
        let atom = type.atom(for: value)
        let children = try parts(of: value, atom).asFieldSet
        return .init(element, isMember: members == .all || isOwned || Self.isLeaf(value, atom), children: children)
    }

    private static func isLeaf(_ value: JSON, _ atom: TypeReference.Atom) -> Bool {
        switch atom {
        case .scalar, .list(_, .atomic): return true
        case .map(let map) where map.isAtomic: return true
        case .map, .list:
            if case .object(let object) = value { return object.isEmpty }
            return value.isNull
        }
    }

    /// - Throws: where an item of a list has no key, and all are asked for.
    func parts(of value: JSON, _ atom: TypeReference.Atom) throws(TypedValueError) -> [FieldSet.Node] {
        switch (atom, value) {
        case (.map(let map), .object(let object)) where !map.isAtomic: return try parts(of: object, map)
        case (.list(_, .atomic), _): return []
        case (.list(let items, let list), .array(let array)): return try parts(of: array, items, list)
        default: return []
        }
    }

    private func parts(of object: JSONObject, _ map: TypeReference.Map) throws(TypedValueError) -> [FieldSet.Node] {
        var nodes: [FieldSet.Node] = []
        nodes.reserveCapacity(object.count)
        for member in object.members {
            guard let type = map.type(of: member.key) else { continue }
            let isOwned = members == .all || !map.declares(member.key)
            let node = try node(.field(member.key), member.value, type, isOwned: isOwned)
            if !node.isEmpty { nodes.append(node) }
        }
        return nodes
    }

    private func parts(
        of array: [JSON], _ items: TypeReference, _ list: TypeReference.List
    ) throws(TypedValueError) -> [FieldSet.Node] {
        let groups: [ItemGroups.Group]
        do {
            groups = try ItemGroups(array, items, list).groups
        } catch {
            if members == .owned { return [] }
            throw error
        }
        var nodes: [FieldSet.Node] = []
        nodes.reserveCapacity(groups.count)
        for group in groups {
            // Of repeated items only their element is owned.
            let isRepeated = group.items.count > 1
            nodes.append(
                isRepeated ? .init(group.element, isMember: true) : try node(group.element, group.items[0], items))
        }
        return nodes
    }
}
