import Synchronization

extension RevisionedStorage {
    public var statistics: StorageStatistics {
        var statistics = StorageStatistics()
        let (snapshot, observers) = published.withLock { ($0.snapshot, $0.observers.count) }
        statistics.revision = snapshot.revision
        statistics.objectCounts = snapshot.trees.mapValues(\.count)
        statistics.observers = observers
        history.withLock { history in
            statistics.compactedRevision = history.compactedRevision
            statistics.historyEvents = history.count
            statistics.historyBytes = history.byteCount
        }
        pending.withLock { pending in
            statistics.pendingWrites = pending.writeCount
            statistics.pendingBytes = pending.byteCount
        }
        statistics.databaseBytes = log.sizeInBytes
        statistics.counters = counters.withLock { $0 }
        return statistics
    }
}
