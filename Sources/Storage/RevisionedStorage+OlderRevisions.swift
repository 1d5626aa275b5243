public import APIMachinery
import Synchronization

extension RevisionedStorage {
    public func snapshot(at revision: Revision) throws(StorageError) -> Snapshot {
        try snapshot(at: revision, restrictedTo: nil)
    }

    public func snapshot(at revision: Revision, of resource: ResourceKey) throws(StorageError) -> Snapshot {
        try snapshot(at: revision, restrictedTo: resource)
    }

    private func snapshot(
        at revision: Revision, restrictedTo resource: ResourceKey?
    ) throws(StorageError) -> Snapshot {
        let current = snapshot
        if revision == current.revision { return current }
        guard revision < current.revision else { throw .futureRevision(current: current.revision) }
        let later = try events(after: revision, through: current.revision, of: resource)
        if let known = olderSnapshots.withLock({ $0.find(revision, of: resource) }) { return known }
        let trees = Self.undo(
            later, in: resource.map { key in current.trees.filter { $0.key == key } } ?? current.trees)
        let older = Snapshot(revision: revision, trees: trees)
        olderSnapshots.withLock { $0.insert(older, of: resource) }
        return older
    }

    /// The events of each collection in a range of revisions, in order.
    private func events(
        after revision: Revision, through last: Revision, of resource: ResourceKey?
    ) throws(StorageError) -> [ArraySlice<Event>] {
        let found: Result<[ArraySlice<Event>], StorageError> = history.withLock { history in
            guard revision >= history.compactedRevision else {
                return .failure(.compacted(oldest: history.compactedRevision))
            }
            let resources = resource.map { [$0] } ?? history.resourcesChanged(after: revision)
            return .success(resources.map { history.events(of: $0, after: revision) })
        }
        // The history may be a batch ahead of the snapshot.
        return try found.get().map { events in events.prefix { $0.revision <= last } }
    }

    /// The trees as they were before the events. What they share with the newer ones stays shared.
    private static func undo(
        _ events: [ArraySlice<Event>], in trees: [ResourceKey: ObjectTree]
    ) -> [ResourceKey: ObjectTree] {
        var trees = trees
        for event in events.joined().reversed() {
            let key = event.object.key
            if let previous = event.previous {
                trees[key.resource, default: ObjectTree()].put(previous)
            } else {
                trees.remove(key)
            }
        }
        return trees
    }
}
