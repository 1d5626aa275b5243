public import APIMachinery

/// All objects of a store as they were at one revision. A value: it stays as it is while the store goes on.
public struct Snapshot: Sendable {
    public let revision: Revision
    package let trees: [ResourceKey: ObjectTree]

    package init(revision: Revision, trees: [ResourceKey: ObjectTree]) {
        self.revision = revision
        self.trees = trees
    }

    /// The object under a key.
    public subscript(key: ObjectKey) -> StoredObject? { trees[key.resource]?[key.path] }

    /// The objects of a collection in order.
    /// - Parameters:
    ///   - prefix: Only those whose path begins so: `namespace/` or empty.
    ///   - start: Only those whose path is this or comes after it.
    ///   - body: Gets each object; returns whether to go on.
    public func forEach(
        in resource: ResourceKey, prefix: String, from start: String? = nil, _ body: (StoredObject) -> Bool
    ) {
        trees[resource]?.forEach(prefix: prefix, from: start, body)
    }

    /// How many objects of a collection have a path that begins with `prefix`, from `start` on.
    /// Costs a descent or two of the tree, however many they are.
    public func count(in resource: ResourceKey, prefix: String, from start: String? = nil) -> Int {
        trees[resource]?.count(prefix: prefix, from: start) ?? 0
    }

    /// The collections that have objects, in no order.
    public var resources: [ResourceKey] { Array(trees.keys) }
}

extension [ResourceKey: ObjectTree] {
    /// Takes an object away, and with the last one its collection.
    /// - Returns: the object that was there.
    @discardableResult
    mutating func remove(_ key: ObjectKey) -> StoredObject? {
        let removed = self[key.resource]?.remove(key.path)
        if let tree = self[key.resource], tree.count == 0 { self[key.resource] = nil }
        return removed
    }
}
