import APIMachinery

/// Snapshots of older revisions that were asked for lately: a list's pages ask for the same one again and again.
struct OlderSnapshots: Sendable {
    private let capacity: Int
    /// The one that was used last comes last.
    private var entries: [(resource: ResourceKey?, snapshot: Snapshot)] = []

    init(capacity: Int) { self.capacity = max(0, capacity) }

    /// A snapshot of at least this collection (of all, if `nil`).
    mutating func find(_ revision: Revision, of resource: ResourceKey?) -> Snapshot? {
        let index = entries.firstIndex { entry in
            entry.snapshot.revision == revision && (entry.resource == nil || entry.resource == resource)
        }
        guard let index else { return nil }
        let entry = entries.remove(at: index)
        entries.append(entry)
        return entry.snapshot
    }

    mutating func insert(_ snapshot: Snapshot, of resource: ResourceKey?) {
        entries.append((resource, snapshot))
        if entries.count > capacity { entries.removeFirst() }
    }

    mutating func removeAll(before revision: Revision) { entries.removeAll { $0.snapshot.revision < revision } }
}
