public import APIMachinery
import Dispatch
import Synchronization

extension RevisionedStorage {
    public func compact(through revision: Revision) async throws(StorageError) {
        try await onWriterQueue { storage in
            let current = storage.snapshot.revision
            guard revision <= current else { throw StorageError.futureRevision(current: current) }
            try storage.compactOnQueue(through: revision)
        }
    }

    /// Forgets what is older or more than the configuration allows, as the store does by itself every
    /// `compactionInterval`.
    public func compactExpired() async throws(StorageError) {
        try await onWriterQueue { try $0.compactExpiredOnQueue() }
    }
}

// On the writer queue.
extension RevisionedStorage {
    func startCompacting() {
        guard !isClosed else { return }
        deleteSupersededRows()
        guard let interval = configuration.compactionInterval else { return }
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let nanoseconds = DispatchTimeInterval.nanoseconds(Int(clamping: interval.nanoseconds))
        timer.schedule(deadline: .now() + nanoseconds, repeating: nanoseconds, leeway: .seconds(1))
        timer.setEventHandler { [weak self] in self?.compactOnTimer() }
        timer.activate()
        self.timer = timer
    }

    private func compactOnTimer() {
        guard !isClosed else { return }
        // What fails is counted, and tried again the next time.
        try? compactExpiredOnQueue()
        deleteSupersededRows()
    }

    func compactIfTooMuch() {
        let isDue = history.withLock { history in
            guard history.needsMark(under: configuration) else { return false }
            history.mark(at: configuration.clock())
            return true
        }
        if isDue { try? compactExpiredOnQueue() }
    }

    private func compactExpiredOnQueue() throws {
        let now = configuration.clock()
        let expired = history.withLock { history in
            history.mark(at: now)
            return history.expiredRevision(at: now, under: configuration)
        }
        if let expired { try compactOnQueue(through: expired) }
    }

    /// Makes the loss of history durable before anyone sees it: a restart must not bring back a part of it.
    private func compactOnQueue(through revision: Revision) throws {
        let (isNew, rows) = history.withLock { history in
            (revision > history.compactedRevision, history.rowsSuperseded(through: revision))
        }
        guard isNew else { return }
        do {
            try log.recordCompaction(through: revision, highest: lastRevision, deleting: [])
        } catch {
            counters.withLock { $0.failedCompactions += 1 }
            throw error
        }
        forgetHistory(through: revision)
        let isDeleting = !supersededRows.isEmpty
        supersededRows += rows
        if !isDeleting { queue.async { self.deleteSupersededRows() } }
    }

    /// Bytes of objects in forgotten history from which on it is worth asking the allocator for them.
    private static let noticeableByteCount = 4 << 20

    private func forgetHistory(through revision: Revision) {
        let (dropped, byteCount) = history.withLock { history in
            let before = history.byteCount
            return (history.drop(through: revision), before - history.byteCount)
        }
        olderSnapshots.withLock { $0.removeAll(before: revision) }
        counters.withLock { counters in
            counters.compactions += 1
            counters.compactedEvents += dropped.count
        }
        guard byteCount >= Self.noticeableByteCount else { return }
        // Behind this call, when the events are freed; it takes a while, and writes do not wait for it.
        DispatchQueue.global(qos: .utility).async { FreeMemory.release() }
    }

    /// Deletes some of the rows that nothing needs, then lets the writes that wait go first.
    func deleteSupersededRows() {
        guard !isClosed, !supersededRows.isEmpty else { return }
        let rows = supersededRows.prefix(max(1, configuration.maxCompactedRowsPerStep))
        do {
            try log.delete(rows)
        } catch {
            // They are still in the list, for the next time that the timer comes round.
            return counters.withLock { $0.failedCompactions += 1 }
        }
        supersededRows = supersededRows.dropFirst(rows.count)
        if supersededRows.isEmpty { supersededRows = [] } else { queue.async { self.deleteSupersededRows() } }
    }
}
