/// A node of an `ObjectTree`: a leaf with objects, or an inner node with children.
///
/// Mutating methods may only be called on a node that nothing else refers to; they see to the same for the children
/// that they change.
// Unchecked: a node is changed only while one tree alone refers to it, and from then on never.
final class ObjectTreeNode: @unchecked Sendable {
    /// The most objects of a leaf, and the most children of an inner node.
    static let capacity = 32
    /// A node with fewer than these is joined with a neighbour.
    static let minimum = capacity / 4

    typealias Overflow = (separator: String, node: ObjectTreeNode)

    /// How many objects are in this node and below.
    private(set) var count = 0
    /// A leaf's objects; empty in an inner node.
    private var objects: [StoredObject] = []
    /// An inner node's children; empty in a leaf.
    private var children: [ObjectTreeNode] = []
    /// `separators[i]` is no higher than any path in `children[i + 1]` and higher than all in `children[i]`.
    private var separators: [String] = []

    init() {}

    init(left: ObjectTreeNode, separator: String, right: ObjectTreeNode) {
        children = [left, right]
        separators = [separator]
        count = left.count + right.count
    }

    private init(objects: [StoredObject]) {
        self.objects = objects
        count = objects.count
    }

    private init(children: [ObjectTreeNode], separators: [String]) {
        self.children = children
        self.separators = separators
        count = children.reduce(0) { $0 + $1.count }
    }

    func copy() -> ObjectTreeNode {
        let node = ObjectTreeNode()
        node.count = count
        node.objects = objects
        node.children = children
        node.separators = separators
        return node
    }

    private var isLeaf: Bool { children.isEmpty }
    private var width: Int { isLeaf ? objects.count : children.count }

    /// What a root with a single child can be replaced by.
    var onlyChild: ObjectTreeNode? { children.count == 1 ? children[0] : nil }
}

// MARK: - Reading

extension ObjectTreeNode {
    func find(_ path: PathOrder.Bytes) -> StoredObject? {
        var node = self
        while !node.isLeaf { node = node.children[node.childIndex(for: path)] }
        let index = node.lowerBound(of: path)
        guard index < node.objects.count, node.objects[index].hasPath(path) else { return nil }
        return node.objects[index]
    }

    /// How many objects come first, given a test that holds for a beginning of the order and not for the rest.
    func rank(_ isBefore: (PathOrder.Bytes) -> Bool) -> Int {
        var node = self
        var rank = 0
        while !node.isLeaf {
            let index = Self.partition(node.separators.count) { i in
                PathOrder.withBytes(of: node.separators[i], isBefore)
            }
            for i in 0..<index { rank += node.children[i].count }
            node = node.children[index]
        }
        return rank
            + Self.partition(node.objects.count) { i in PathOrder.withBytes(of: node.objects[i].key.path, isBefore) }
    }

    /// Calls `body` with up to `remaining` objects after the first `skipping`; returns whether all of them were wanted.
    func visit(skipping: Int, remaining: inout Int, _ body: (StoredObject) -> Bool) -> Bool {
        if isLeaf {
            let end = min(objects.count, skipping + remaining)
            guard skipping < end else { return true }
            remaining -= end - skipping
            for index in skipping..<end where !body(objects[index]) { return false }
            return true
        }
        var skipping = skipping
        for child in children {
            if remaining == 0 { return true }
            if skipping >= child.count {
                skipping -= child.count
                continue
            }
            if !child.visit(skipping: skipping, remaining: &remaining, body) { return false }
            skipping = 0
        }
        return true
    }

    /// The child that has the path if any has.
    private func childIndex(for path: PathOrder.Bytes) -> Int {
        Self.partition(separators.count) { i in
            PathOrder.withBytes(of: separators[i]) { PathOrder.compare($0, path) <= 0 }
        }
    }

    /// The index of a leaf's first object that does not come before the path.
    private func lowerBound(of path: PathOrder.Bytes) -> Int {
        Self.partition(objects.count) { i in
            PathOrder.withBytes(of: objects[i].key.path) { PathOrder.compare($0, path) < 0 }
        }
    }

    /// The number of indexes from 0 for which a test holds, where it holds for a beginning of them only.
    @inline(__always)
    private static func partition(_ count: Int, _ holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension StoredObject {
    fileprivate func hasPath(_ path: PathOrder.Bytes) -> Bool {
        PathOrder.withBytes(of: key.path) { PathOrder.compare($0, path) == 0 }
    }
}

// MARK: - Changing

extension ObjectTreeNode {
    /// Puts an object; returns the one that it replaces, and the right half of this node if it had to be split.
    func put(_ object: StoredObject, at path: PathOrder.Bytes) -> (StoredObject?, Overflow?) {
        if isLeaf { return putInLeaf(object, at: path) }
        let index = childIndex(for: path)
        makeChildUnique(index)
        let (replaced, overflow) = children[index].put(object, at: path)
        if replaced == nil { count += 1 }
        if let overflow {
            children.insert(overflow.node, at: index + 1)
            separators.insert(overflow.separator, at: index)
        }
        return (replaced, splitIfTooWide())
    }

    private func putInLeaf(_ object: StoredObject, at path: PathOrder.Bytes) -> (StoredObject?, Overflow?) {
        let index = lowerBound(of: path)
        if index < objects.count, objects[index].hasPath(path) {
            let replaced = objects[index]
            objects[index] = object
            return (replaced, nil)
        }
        objects.insert(object, at: index)
        count += 1
        return (nil, splitIfTooWide())
    }

    /// Takes the object at a path away. There must be one.
    func remove(at path: PathOrder.Bytes) -> StoredObject? {
        if isLeaf {
            let index = lowerBound(of: path)
            guard index < objects.count else { return nil }
            count -= 1
            return objects.remove(at: index)
        }
        let index = childIndex(for: path)
        makeChildUnique(index)
        let removed = children[index].remove(at: path)
        if removed != nil { count -= 1 }
        if children[index].width < Self.minimum, children.count > 1 { joinChildren(at: index > 0 ? index - 1 : 0) }
        return removed
    }

    /// Makes one node of two neighbours, or two of equal width if one cannot hold all.
    private func joinChildren(at index: Int) {
        makeChildUnique(index)
        let left = children[index]
        let right = children.remove(at: index + 1)
        let separator = separators.remove(at: index)
        left.append(right, separator: separator)
        if let overflow = left.splitIfTooWide() {
            children.insert(overflow.node, at: index + 1)
            separators.insert(overflow.separator, at: index)
        }
    }

    private func append(_ right: ObjectTreeNode, separator: String) {
        if isLeaf {
            objects += right.objects
        } else {
            separators.append(separator)
            separators += right.separators
            children += right.children
        }
        count += right.count
    }

    /// Keeps the left half and returns the right one, if the node has more than `capacity`.
    private func splitIfTooWide() -> Overflow? {
        guard width > Self.capacity else { return nil }
        let middle = width / 2
        let right: ObjectTreeNode
        let separator: String
        if isLeaf {
            right = ObjectTreeNode(objects: Array(objects[middle...]))
            separator = objects[middle].key.path
            objects.removeSubrange(middle...)
        } else {
            right = ObjectTreeNode(children: Array(children[middle...]), separators: Array(separators[middle...]))
            separator = separators[middle - 1]
            children.removeSubrange(middle...)
            separators.removeSubrange((middle - 1)...)
        }
        count -= right.count
        return (separator, right)
    }

    private func makeChildUnique(_ index: Int) {
        if !isKnownUniquelyReferenced(&children[index]) { children[index] = children[index].copy() }
    }
}

// MARK: - Checking

extension ObjectTreeNode {
    /// The depth, lowest and highest path of a well-formed node; `nil` for any other.
    func check(isRoot: Bool) -> (depth: Int, lowest: String?, highest: String?)? {
        guard width <= Self.capacity, isRoot || width >= Self.minimum else { return nil }
        if isLeaf { return checkLeaf() }
        guard objects.isEmpty, separators.count == children.count - 1 else { return nil }
        let checks = children.compactMap { $0.check(isRoot: false) }
        guard checks.count == children.count, Set(checks.map(\.depth)).count == 1,
            count == children.reduce(0, { $0 + $1.count })
        else { return nil }
        for (index, separator) in separators.enumerated() {
            guard let highest = checks[index].highest, let lowest = checks[index + 1].lowest,
                highest.utf8.lexicographicallyPrecedes(separator.utf8),
                !lowest.utf8.lexicographicallyPrecedes(separator.utf8)
            else { return nil }
        }
        return (checks[0].depth + 1, checks[0].lowest, checks[checks.count - 1].highest)
    }

    private func checkLeaf() -> (depth: Int, lowest: String?, highest: String?)? {
        guard count == objects.count, separators.isEmpty else { return nil }
        for (left, right) in zip(objects, objects.dropFirst()) {
            guard left.key.path.utf8.lexicographicallyPrecedes(right.key.path.utf8) else { return nil }
        }
        return (0, objects.first?.key.path, objects.last?.key.path)
    }
}
