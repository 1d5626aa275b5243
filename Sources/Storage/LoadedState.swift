package import APIMachinery
import DequeModule

/// Objects and history as a store has them at its start, built from the rows of its log.
package struct LoadedState {
    private(set) var trees: [ResourceKey: ObjectTree] = [:]
    private(set) var history = History(startingAt: .zero)
    /// The newest revision that was given out.
    private(set) var revision = Revision.zero
    /// Rows that a compaction left behind when the process ended, in the order in which they may be deleted.
    private(set) var supersededRows: [Revision] = []
    private let limits: StorageConfiguration
    private let startedAt: Int64

    init(limits: StorageConfiguration) {
        self.limits = limits
        startedAt = limits.clock()
    }

    /// Comes before the rows.
    /// - Parameters:
    ///   - compacted: The rows after it are history.
    ///   - highest: No revision up to it may be given out again.
    package mutating func begin(compacted: Revision, highest: Revision) {
        history = History(startingAt: compacted)
        revision = max(compacted, highest)
    }

    /// A row; they come in the order of their revisions.
    /// - Parameter previous: The revision of the object's last write before this, `nil` if it did not exist.
    /// - Throws: `.engine` where the row does not go with those before it.
    package mutating func add(
        _ object: StoredObject, isDeletion: Bool, previous: Revision?
    ) throws(StorageError) {
        let replaced = replace(with: object, isDeletion: isDeletion)
        revision = max(revision, object.revision)
        guard object.revision > history.compactedRevision else {
            // What it says it replaces may have been deleted already, as compactions do.
            if let replaced { supersededRows.append(replaced.revision) }
            if isDeletion { supersededRows.append(object.revision) }
            return
        }
        guard replaced?.revision == previous, !isDeletion || previous != nil else {
            throw .engine(
                "the database is damaged: the row of revision \(object.revision) does not follow from those before it")
        }
        let kind: Event.Kind = isDeletion ? .deleted : replaced == nil ? .added : .modified
        history.append(Event(kind: kind, object: object, previous: replaced))
        if history.needsMark(under: limits) { history.mark(at: startedAt) }
    }

    private mutating func replace(with object: StoredObject, isDeletion: Bool) -> StoredObject? {
        if isDeletion { return trees.remove(object.key) }
        return trees[object.key.resource, default: ObjectTree()].put(object)
    }

    /// Comes after the rows.
    mutating func end() {
        history.advance(to: revision)
        history.mark(at: startedAt)
    }
}
