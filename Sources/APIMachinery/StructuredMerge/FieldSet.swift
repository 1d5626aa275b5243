/// A set of fields of a document: who owns what (KEP-555).
///
/// A tree whose nodes are in the order of their elements. A node that is a member is itself in the set; one that is not
/// only leads to those below. No node is neither a member nor has any below it.
///
///     {"f:data": {".": {}, "f:k": {}}}       data (a member) ─ k (a member)
public struct FieldSet: Sendable, Equatable {
    public struct Node: Sendable, Equatable {
        public var element: PathElement
        public var isMember: Bool
        public var children: FieldSet

        public init(_ element: PathElement, isMember: Bool, children: FieldSet = FieldSet()) {
            self.element = element
            self.isMember = isMember
            self.children = children
        }

        var isEmpty: Bool { !isMember && children.isEmpty }
    }

    public private(set) var nodes: [Node] = []

    public init() {}

    /// A set of whole paths.
    public init(_ paths: [PathElement]...) {
        for path in paths { insert(path[...]) }
    }

    /// - Parameter nodes: in order, each element once; those that hold nothing are left out.
    init(sorted nodes: [Node]) { self.nodes = nodes }

    public var isEmpty: Bool { nodes.isEmpty }

    public mutating func insert(_ path: ArraySlice<PathElement>) {
        guard let first = path.first else { return }
        let place = nodes.partition { $0.element < first }
        if place == nodes.count || nodes[place].element != first {
            nodes.insert(Node(first, isMember: false), at: place)
        }
        if path.count == 1 { nodes[place].isMember = true } else { nodes[place].children.insert(path.dropFirst()) }
    }

    public func contains(_ path: ArraySlice<PathElement>) -> Bool {
        guard let first = path.first, let node = node(first) else { return false }
        return path.count == 1 ? node.isMember : node.children.contains(path.dropFirst())
    }

    func node(_ element: PathElement) -> Node? {
        let place = nodes.partition { $0.element < element }
        return place < nodes.count && nodes[place].element == element ? nodes[place] : nil
    }

    /// The paths of all members as messages have them, those of a level before those below them:
    /// `.spec.containers[name="c"].image`.
    public var paths: [String] {
        let own = nodes.filter(\.isMember).map(\.element.description)
        return own + nodes.flatMap { node in node.children.paths.map { node.element.description + $0 } }
    }
}

// MARK: - Algebra

extension FieldSet {
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        var result: [Node] = []
        result.reserveCapacity(max(nodes.count, other.nodes.count))
        zip(other) { left, right in
            switch (left, right) {
            case (let left?, let right?):
                result.append(
                    Node(
                        left.element, isMember: left.isMember || right.isMember,
                        children: left.children.union(right.children)))
            case (let node?, nil), (nil, let node?): result.append(node)
            case (nil, nil): break
            }
        }
        return FieldSet(sorted: result)
    }

    public func intersection(_ other: FieldSet) -> FieldSet {
        combine(other, keepsUnpaired: false) { left, right in
            Node(
                left.element, isMember: left.isMember && right.isMember,
                children: left.children.intersection(right.children))
        }
    }

    /// Without the members of another set; what is below them stays.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        combine(other, keepsUnpaired: true) { left, right in
            Node(
                left.element, isMember: left.isMember && !right.isMember,
                children: left.children.subtracting(right.children))
        }
    }

    /// Without the members of another set and all that is below them.
    public func subtractingTrees(_ other: FieldSet) -> FieldSet {
        combine(other, keepsUnpaired: true) { left, right in
            if right.isMember { return Node(left.element, isMember: false) }
            return Node(
                left.element, isMember: left.isMember, children: left.children.subtractingTrees(right.children))
        }
    }

    private func combine(_ other: FieldSet, keepsUnpaired: Bool, _ pair: (Node, Node) -> Node) -> FieldSet {
        if isEmpty || other.isEmpty { return keepsUnpaired ? self : FieldSet() }
        var result: [Node] = []
        zip(other) { left, right in
            guard let left else { return }
            guard let right else {
                if keepsUnpaired { result.append(left) }
                return
            }
            let node = pair(left, right)
            if !node.isEmpty { result.append(node) }
        }
        return FieldSet(sorted: result)
    }

    /// Visits the nodes of both sets in order, those with the same element together.
    private func zip(_ other: FieldSet, _ body: (Node?, Node?) -> Void) {
        var (left, right) = (0, 0)
        while left < nodes.count, right < other.nodes.count {
            let order = nodes[left].element.compare(to: other.nodes[right].element)
            body(order <= 0 ? nodes[left] : nil, order >= 0 ? other.nodes[right] : nil)
            if order <= 0 { left += 1 }
            if order >= 0 { right += 1 }
        }
        while left < nodes.count {
            body(nodes[left], nil)
            left += 1
        }
        while right < other.nodes.count {
            body(nil, other.nodes[right])
            right += 1
        }
    }
}

extension [FieldSet.Node] {
    /// The first place whose node does not fulfil what all before it do.
    fileprivate func partition(_ isBefore: (FieldSet.Node) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Nodes in any order as a set. Of those with the same element the members and children are put together.
    var asFieldSet: FieldSet {
        var isSorted = true
        for index in indices.dropFirst() where !(self[index - 1].element < self[index].element) {
            isSorted = false
            break
        }
        if isSorted { return FieldSet(sorted: self) }
        var result: [FieldSet.Node] = []
        result.reserveCapacity(count)
        for node in sorted(by: { $0.element < $1.element }) {
            if let last = result.last, last.element == node.element {
                result[result.count - 1].isMember = last.isMember || node.isMember
                result[result.count - 1].children = last.children.union(node.children)
            } else {
                result.append(node)
            }
        }
        return FieldSet(sorted: result)
    }
}
