/// The objects of one collection in the byte order of their paths: a persistent B+tree.
///
/// A value. A copy costs one reference, and a change to one of two copies makes new only the nodes between the root
/// and the change, so that each snapshot of a collection shares almost everything with the next.
/// Every node knows how many objects are below it, which makes a count of any range a descent or two.
///
///             [ "b/4" | "d/1" ]            separators: no path of a child is below the one to its left
///            /        |        \
///     [a/1 a/2]  [b/4 c/1 c/9]  [d/1 d/7]  leaves, all at one depth
package struct ObjectTree: Sendable {
    private var root: ObjectTreeNode

    package init() { root = ObjectTreeNode() }

    package var count: Int { root.count }

    package subscript(path: String) -> StoredObject? {
        PathOrder.withBytes(of: path) { root.find($0) }
    }

    /// Puts an object under its path, and returns the one that was there.
    @discardableResult
    package mutating func put(_ object: StoredObject) -> StoredObject? {
        makeRootUnique()
        let (replaced, overflow) = PathOrder.withBytes(of: object.key.path) { root.put(object, at: $0) }
        if let overflow { root = ObjectTreeNode(left: root, separator: overflow.separator, right: overflow.node) }
        return replaced
    }

    /// Takes the object under a path away, and returns it.
    @discardableResult
    package mutating func remove(_ path: String) -> StoredObject? {
        guard self[path] != nil else { return nil }
        makeRootUnique()
        let removed = PathOrder.withBytes(of: path) { root.remove(at: $0) }
        if let onlyChild = root.onlyChild { root = onlyChild }
        return removed
    }

    /// How many objects have a path with this prefix, from `start` on.
    package func count(prefix: String, from start: String?) -> Int { range(prefix: prefix, from: start).count }

    /// Calls `body` with each of these objects in order, until it returns `false`.
    package func forEach(prefix: String, from start: String?, _ body: (StoredObject) -> Bool) {
        let range = range(prefix: prefix, from: start)
        guard !range.isEmpty else { return }
        var remaining = range.count
        _ = root.visit(skipping: range.lowerBound, remaining: &remaining, body)
    }

    /// The ranks of the objects with this prefix from `start` on.
    private func range(prefix: String, from start: String?) -> Range<Int> {
        PathOrder.withBytes(of: prefix) { prefix in
            let end = prefix.isEmpty ? root.count : root.rank { isWithinOrBefore($0, prefix: prefix) }
            var lower = prefix.isEmpty ? 0 : root.rank { PathOrder.compare($0, prefix) < 0 }
            if let start {
                let rank = PathOrder.withBytes(of: start) { start in root.rank { PathOrder.compare($0, start) < 0 } }
                lower = max(lower, rank)
            }
            return lower..<max(lower, end)
        }
    }

    private func isWithinOrBefore(_ path: PathOrder.Bytes, prefix: PathOrder.Bytes) -> Bool {
        PathOrder.compare(path, prefix) < 0 || PathOrder.hasPrefix(path, prefix)
    }

    private mutating func makeRootUnique() {
        if !isKnownUniquelyReferenced(&root) { root = root.copy() }
    }

    /// Whether order, separators, counts, fill and depth are as they must be; for tests.
    package var isWellFormed: Bool { root.check(isRoot: true) != nil }
}
