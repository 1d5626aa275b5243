public import JSON

extension Schema {
    /// The fields that a configuration, once it is applied, is the owner of: its leaves, the items of its lists, the keys
    /// of its maps. Objects with declared fields count only where they are empty or `null`.
    public func fieldSet(of document: JSON) -> FieldSet {
        Extraction.parts(of: document, TypeReference(self).atom(for: document)).asFieldSet
    }
}

private enum Extraction {
    /// A value at its element.
    /// - Parameter isOwned: whether the element belongs to the owner even where something is below it.
    private static func node(
        _ element: PathElement, _ value: JSON, _ type: TypeReference, isOwned: Bool
    ) -> FieldSet.Node {
        let atom = type.atom(for: value)
        let children = parts(of: value, atom).asFieldSet
        return .init(element, isMember: isOwned || isLeaf(value, atom), children: children)
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

    static func parts(of value: JSON, _ atom: TypeReference.Atom) -> [FieldSet.Node] {
        var nodes: [FieldSet.Node] = []
        switch (atom, value) {
        case (.map(let map), .object(let object)) where !map.isAtomic:
            nodes.reserveCapacity(object.count)
            for member in object.members {
                guard let type = map.type(of: member.key) else { continue }
                let node = node(
                    .field(member.key), member.value, type, isOwned: !map.declares(member.key))
                if !node.isEmpty { nodes.append(node) }
            }
        case (.list(_, .atomic), _): break
        case (.list(let items, let list), .array(let array)):
            // Items without an element cannot be owned; a configuration with such is refused before.
            guard let groups = try? ItemGroups(array, items, list).groups else { break }
            for group in groups {
                nodes.append(
                    group.items.count > 1
                        ? .init(group.element, isMember: true)
                        : node(group.element, group.items[0], items, isOwned: true))
            }
        default: break
        }
        return nodes
    }
}
