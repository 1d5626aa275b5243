public import APIMachinery

/// All objects of a store as they were at one revision. A value: it stays as it is while the store goes on.
public struct Snapshot: Sendable {
    public let revision: Revision

    /// The object under a key.
    public subscript(key: ObjectKey) -> StoredObject? { fatalError("to be written") }

    /// The objects of a collection in order.
    /// - Parameters:
    ///   - prefix: Only those whose path begins so: `namespace/` or empty.
    ///   - start: Only those whose path is this or comes after it.
    ///   - body: Gets each object; returns whether to go on.
    public func forEach(
        in resource: ResourceKey, prefix: String, from start: String? = nil, _ body: (StoredObject) -> Bool
    ) { fatalError("to be written") }

    /// How many objects of a collection have a path that begins with `prefix`, from `start` on.
    public func count(in resource: ResourceKey, prefix: String, from start: String? = nil) -> Int {
        fatalError("to be written")
    }

    package init(revision: Revision) { self.revision = revision }
}
