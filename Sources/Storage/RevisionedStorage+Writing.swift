import APIMachinery
import Dispatch
import Synchronization

// All on the writer queue.
extension RevisionedStorage {
    /// How many transactions run before what else waits for the queue has its turn: compactions, backups.
    private static let batchesPerTurn = 8

    func writePending() {
        for _ in 0..<Self.batchesPerTurn where !writeBatch() { return }
        queue.async { self.writePending() }
    }

    /// Commits what waits, up to a batch's limits; returns whether anything did.
    func writeBatch() -> Bool {
        let groups = pending.withLock { $0.takeBatch(under: configuration) }
        guard !groups.isEmpty else { return false }
        var batch = WriteBatch(capacity: groups.count)
        for group in groups { batch.outcomes.append(apply(group.writes, to: &batch.events)) }
        let startedAt = configuration.clock()
        do {
            if !batch.events.isEmpty { try log.append(batch.events) }
        } catch {
            fail(groups, with: .wrapping(error))
            return true
        }
        count(batch, of: groups, startedAt: startedAt)
        publish(batch.events)
        answer(groups, with: batch)
        compactIfTooMuch()
        return true
    }

    /// The events of a transaction, and of each caller which of them are its own.
    private struct WriteBatch {
        var events: [Event] = []
        var outcomes: [Result<Range<Int>, StorageError>] = []

        init(capacity: Int) {
            events.reserveCapacity(capacity)
            outcomes.reserveCapacity(capacity)
        }
    }

    // MARK: Applying

    /// Tests and numbers the writes of one caller, all or none, after those that came before them in the batch.
    private func apply(_ writes: [Write], to events: inout [Event]) -> Result<Range<Int>, StorageError> {
        let firstEvent = events.count
        let revisionBefore = lastRevision
        // Held for more than one write only: a second reference makes each change copy its way down the tree.
        let stateBefore = writes.count > 1 ? trees : nil
        do {
            for write in writes { events.append(try apply(write)) }
            return .success(firstEvent..<events.count)
        } catch {
            if let stateBefore { trees = stateBefore }
            lastRevision = revisionBefore
            events.removeSubrange(firstEvent...)
            return .failure(error)
        }
    }

    private func apply(_ write: Write) throws(StorageError) -> Event {
        let key = write.key
        let current = trees[key.resource]?[key.path]
        guard write.precondition.holds(for: current) else { throw .conflict(key: key, current: current) }
        let value = write.operation.value
        let (next, isExhausted) = lastRevision.rawValue.addingReportingOverflow(1)
        guard !isExhausted else { throw .engine("there are no more revisions") }
        let object = StoredObject(
            // The same strings for all versions of an object.
            key: current?.key ?? key, revision: Revision(next), bytes: try value.bytes(with: Revision(next)),
            attributes: value.attributes)
        lastRevision = object.revision
        if write.operation.isDeletion {
            guard let current else { throw .conflict(key: key, current: nil) }
            trees.remove(key)
            return Event(kind: .deleted, object: object, previous: current)
        }
        trees[key.resource, default: ObjectTree()].put(object)
        return Event(kind: current == nil ? .added : .modified, object: object, previous: current)
    }

    // MARK: Answering

    /// Shows committed events: to the history first, so that an observer that is told where it begins can read all
    /// before that.
    private func publish(_ events: [Event]) {
        guard let revision = events.last?.revision else { return }
        history.withLock { history in
            for event in events { history.append(event) }
        }
        let snapshot = Snapshot(revision: revision, trees: trees)
        let (observers, old) = published.withLock { published in
            let old = published.snapshot
            published.snapshot = snapshot
            return (published.observers, old)
        }
        let batch = EventBatch(events: events, revision: revision)
        for observer in observers { observer.call(batch) }
        // Nodes that only the old snapshot had go here, not under the lock that readers take.
        withExtendedLifetime(old) {}
    }

    private func answer(_ groups: [PendingGroup], with batch: WriteBatch) {
        for (group, outcome) in zip(groups, batch.outcomes) {
            group.continuation.resume(returning: outcome.map { Array(batch.events[$0]) })
        }
    }

    /// Takes back what a failed transaction was to write. Its revisions are not used again.
    private func fail(_ groups: [PendingGroup], with error: StorageError) {
        trees = snapshot.trees
        counters.withLock { counters in
            counters.failedCommits += 1
            counters.answeredCallers += groups.count
        }
        for group in groups { group.continuation.resume(returning: .failure(error)) }
    }

    private func count(_ batch: WriteBatch, of groups: [PendingGroup], startedAt: Int64) {
        let now = configuration.clock()
        counters.withLock { counters in
            if !batch.events.isEmpty {
                counters.commits += 1
                counters.committedWrites += batch.events.count
                counters.committedBytes += batch.events.reduce(0) { $0 + $1.object.bytes.count }
                counters.largestBatch = max(counters.largestBatch, batch.events.count)
                counters.commitNanoseconds &+= max(0, now &- startedAt)
            }
            counters.answeredCallers += groups.count
            for (group, outcome) in zip(groups, batch.outcomes) {
                counters.waitNanoseconds &+= max(0, now &- group.enqueuedAt)
                if case .failure = outcome { counters.conflicts += 1 }
            }
        }
    }
}

extension Write.Precondition {
    func holds(for current: StoredObject?) -> Bool {
        switch self {
        case .absent: current == nil
        case .exists: current != nil
        case .revision(let revision): current?.revision == revision
        }
    }
}
