public import JSON

/// What differs between two documents. No field is in more than one of the sets.
public struct TypedComparison: Sendable {
    public var added = FieldSet()
    public var modified = FieldSet()
    public var removed = FieldSet()

    public var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }
    /// Added or modified.
    public var written: FieldSet { added.union(modified) }

    public func filtered(by filter: FieldFilter?) -> TypedComparison {
        guard let filter else { return self }
        return TypedComparison(
            added: filter.apply(to: added), modified: filter.apply(to: modified), removed: filter.apply(to: removed))
    }
}

/// Fields that a write cannot change, whatever it says of them: they never come to belong to it.
public struct FieldFilter: Sendable {
    /// Left out with all that is below them.
    public var excluded: FieldSet

    public init(excluding excluded: FieldSet) { self.excluded = excluded }

    func apply(to set: FieldSet) -> FieldSet { set.subtractingTrees(excluded) }
}

extension Schema {
    /// Compares two documents field by field, by the types of the fields: what is atomic counts as one value, items of
    /// lists are told apart by their keys and not by their places (KEP-555).
    ///
    /// One walk over both, with no paths made but those that differ.
    /// - Throws: where an item of a list has no key.
    public func compare(_ old: JSON, to new: JSON) throws(TypedValueError) -> TypedComparison {
        let node = try ComparisonWalker.compare(old, new, TypeReference(self))
        return TypedComparison(
            added: node.added.asFieldSet, modified: node.modified.asFieldSet, removed: node.removed.asFieldSet)
    }
}

/// The walk of a comparison.
private enum ComparisonWalker {
    /// What there is where the other side has nothing.
    private static let everything = TreeWalk(members: .all)

    /// What differs at a value and below it.
    struct Difference {
        var added: [FieldSet.Node] = []
        var modified: [FieldSet.Node] = []
        var removed: [FieldSet.Node] = []
        /// Whether the value itself differs, as a leaf.
        var isModified = false

        mutating func add(_ element: PathElement, _ below: Difference) {
            if !below.added.isEmpty {
                added.append(.init(element, isMember: false, children: below.added.asFieldSet))
            }
            if !below.removed.isEmpty {
                removed.append(.init(element, isMember: false, children: below.removed.asFieldSet))
            }
            if below.isModified || !below.modified.isEmpty {
                modified.append(.init(element, isMember: below.isModified, children: below.modified.asFieldSet))
            }
        }
    }

    // MARK: Both sides

    static func compare(_ old: JSON, _ new: JSON, _ type: TypeReference) throws(TypedValueError) -> Difference {
        // What a patch leaves alone is still the same.
        if old.sharesStorage(with: new) { return Difference() }
        let atom = type.atom(for: new.isNull ? old : new)
        if !old.isNull, !new.isNull {
            let oldAtom = type.atom(for: old)
            if !oldAtom.hasForm(of: atom) { return try replace(old, oldAtom, by: new, atom) }
        }
        switch atom {
        case .scalar: return leaf(old, new)
        case .map(let map):
            let (before, after) = (old.objectValue, new.objectValue)
            if map.isAtomic || (before?.isEmpty ?? true) && (after?.isEmpty ?? true) { return leaf(old, new) }
            return try compare(before ?? [:], after ?? [:], map)
        case .list(let items, let list):
            let (before, after) = (old.arrayValue ?? [], new.arrayValue ?? [])
            if case .atomic = list { return leaf(old, new) }
            if before.isEmpty, after.isEmpty { return leaf(old, new) }
            return try compare(before, after, items, list)
        }
    }

    private static func leaf(_ old: JSON, _ new: JSON) -> Difference {
        var difference = Difference()
        difference.isModified = old != new
        return difference
    }

    /// A value of open type that has become another kind of value.
    private static func replace(
        _ old: JSON, _ oldAtom: TypeReference.Atom, by new: JSON, _ newAtom: TypeReference.Atom
    ) throws(TypedValueError) -> Difference {
        let before = try everything.parts(of: old, oldAtom)
        let after = try everything.parts(of: new, newAtom)
        var difference = Difference()
        difference.removed = before
        difference.added = after
        difference.isModified = before.isEmpty || after.isEmpty
        return difference
    }

    private static func compare(
        _ old: JSONObject, _ new: JSONObject, _ map: TypeReference.Map
    ) throws(TypedValueError) -> Difference {
        var difference = Difference()
        for (place, member) in new.members.enumerated() {
            guard let type = map.type(of: member.key) else { continue }
            guard let before = old.value(of: member.key, near: place) else {
                if difference.added.isEmpty { difference.added.reserveCapacity(new.count - place) }
                difference.added.append(try everything.node(.field(member.key), member.value, type))
                continue
            }
            if case .string(let text) = member.value, case .string(let other) = before, text == other { continue }
            difference.add(.field(member.key), try compare(before, member.value, type))
        }
        for (place, member) in old.members.enumerated() where new.value(of: member.key, near: place) == nil {
            guard let type = map.type(of: member.key) else { continue }
            difference.removed.append(try everything.node(.field(member.key), member.value, type))
        }
        return difference
    }

    // MARK: Lists

    private static func compare(
        _ old: [JSON], _ new: [JSON], _ items: TypeReference, _ list: TypeReference.List
    ) throws(TypedValueError) -> Difference {
        var difference = Difference()
        let before = try ItemGroups(old, items, list)
        let after = try ItemGroups(new, items, list)
        for group in before.groups {
            try compare(group.items, after.items(of: group.element), group.element, items, &difference)
        }
        for group in after.groups where before.items(of: group.element).isEmpty {
            try compare([], group.items, group.element, items, &difference)
        }
        return difference
    }

    /// Items with the same element. There is mostly one on each side; of several only the element itself is owned.
    private static func compare(
        _ old: [JSON], _ new: [JSON], _ element: PathElement, _ items: TypeReference, _ difference: inout Difference
    ) throws(TypedValueError) {
        switch (old.count, new.count) {
        case (1, 1): difference.add(element, try compare(old[0], new[0], items))
        case (2..., 2...):
            if old != new { difference.modified.append(.init(element, isMember: true)) }
        case (2..., _):
            if let item = new.first { difference.added.append(try everything.node(element, item, items)) }
            difference.removed.append(.init(element, isMember: true))
        case (_, 2...):
            if let item = old.first { difference.removed.append(try everything.node(element, item, items)) }
            difference.added.append(.init(element, isMember: true))
        case (1, _): difference.removed.append(try everything.node(element, old[0], items))
        default: difference.added.append(try everything.node(element, new[0], items))
        }
    }
}

/// The items of a list by their elements, in the order in which each first comes.
struct ItemGroups {
    struct Group {
        let element: PathElement
        var items: [JSON]
    }

    /// From this number of items on, elements are looked up in order; below, one after another.
    private static let searchedCount = 16

    private(set) var groups: [Group] = []
    /// Places in `groups`, in the order of the elements; empty while there are few.
    private var places: [Int] = []

    init(_ array: [JSON], _ items: TypeReference, _ list: TypeReference.List) throws(TypedValueError) {
        groups.reserveCapacity(array.count)
        if array.count == 1 {
            groups.append(Group(element: try TypeReference.element(of: array[0], in: list, of: items), items: array))
            return
        }
        guard array.count < Self.searchedCount else {
            try collect(array, items, list)
            return
        }
        for item in array {
            let element = try TypeReference.element(of: item, in: list, of: items)
            if let index = groups.firstIndex(where: { $0.element == element }) {
                groups[index].items.append(item)
            } else {
                groups.append(Group(element: element, items: [item]))
            }
        }
    }

    private mutating func collect(
        _ array: [JSON], _ items: TypeReference, _ list: TypeReference.List
    ) throws(TypedValueError) {
        var elements: [PathElement] = []
        elements.reserveCapacity(array.count)
        for item in array { elements.append(try TypeReference.element(of: item, in: list, of: items)) }
        let order = elements.indices.sorted { left, right in
            let order = elements[left].compare(to: elements[right])
            return order == 0 ? left < right : order < 0
        }
        // The first item of each element stands for it; the later ones are added to it.
        var leader = elements.indices.map { $0 }
        for (previous, index) in zip(order, order.dropFirst()) where elements[previous] == elements[index] {
            leader[index] = leader[previous]
        }
        var groupOf = [Int](repeating: 0, count: array.count)
        for index in array.indices {
            if leader[index] == index {
                groupOf[index] = groups.count
                groups.append(Group(element: elements[index], items: [array[index]]))
            } else {
                groups[groupOf[leader[index]]].items.append(array[index])
            }
        }
        places = order.filter { leader[$0] == $0 }.map { groupOf[$0] }
    }

    /// The items that go by an element; none where there is no such.
    func items(of element: PathElement) -> [JSON] { index(of: element).map { groups[$0].items } ?? [] }

    func index(of element: PathElement) -> Int? {
        guard !places.isEmpty else { return groups.firstIndex { $0.element == element } }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            let order = groups[places[middle]].element.compare(to: element)
            if order == 0 { return places[middle] }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

extension TypeReference.Atom {
    /// Whether both take a value for the same kind of thing.
    fileprivate func hasForm(of other: TypeReference.Atom) -> Bool {
        switch (self, other) {
        case (.scalar, .scalar), (.list, .list), (.map, .map): true
        default: false
        }
    }
}

extension JSONObject {
    /// The value of a member that most likely stands at a place, or near it.
    fileprivate func value(of key: String, near place: Int) -> JSON? {
        if place < members.count, members[place].key == key, members[place].key.utf8.count == key.utf8.count {
            return members[place].value
        }
        return self[key]
    }
}
