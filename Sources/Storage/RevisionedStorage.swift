public import APIMachinery
import Dispatch
import Synchronization

/// What all engines of this process have in common: state, history and order in memory, over a log that keeps them.
///
/// A write waits in `pending` for the writer queue, which takes all that wait, tests them against the state, gives each
/// its revision, has the log commit them, and only then shows them: to the history, to readers, to observers, and last
/// to the callers, whose tasks go on where they ran before.
///
///     callers ──► pending ──► writer queue: check, number, commit ──► history ──► snapshot ──► observers ──► callers
// Unchecked: what is not in a Mutex is marked below as the writer queue's, and subclasses add no state.
public class RevisionedStorage: Storage, @unchecked Sendable {
    package let configuration: StorageConfiguration
    let log: any RevisionLog
    let queue = DispatchQueue(label: "store.writer", qos: .userInitiated)

    let pending = Mutex(PendingWrites())
    let published: Mutex<Published>
    let history: Mutex<History>
    let olderSnapshots: Mutex<OlderSnapshots>
    let counters = Mutex(StorageStatistics.Counters())

    // The writer queue's, from here on.
    /// The state with all that has been committed, and during a batch with what is about to be.
    var trees: [ResourceKey: ObjectTree]
    /// The newest revision that a write has got, whether its commit succeeded or not.
    var lastRevision: Revision
    /// Rows that nothing needs any more, in the order in which they may be deleted.
    var supersededRows: ArraySlice<Revision>
    var backups: [any LogBackup] = []
    var isClosed = false
    var timer: (any DispatchSourceTimer)?

    /// What readers see, and who is told when that changes.
    struct Published: Sendable {
        var snapshot: Snapshot
        var observers: [(id: ObserverID, call: @Sendable (EventBatch) -> Void)] = []
        var lastObserver = 0
    }

    package init(log: any RevisionLog, configuration: StorageConfiguration) throws(StorageError) {
        self.log = log
        self.configuration = configuration
        var state = LoadedState(limits: configuration)
        do { try log.load(into: &state) } catch { throw .wrapping(error) }
        state.end()
        trees = state.trees
        lastRevision = state.revision
        supersededRows = state.supersededRows[...]
        history = Mutex(state.history)
        published = Mutex(Published(snapshot: Snapshot(revision: state.revision, trees: state.trees)))
        olderSnapshots = Mutex(OlderSnapshots(capacity: configuration.maxCachedSnapshots))
        queue.async { [weak self] in
            self?.startCompacting()
        }
    }

    deinit { timer?.cancel() }

    // MARK: Reading

    public var snapshot: Snapshot { published.withLock { $0.snapshot } }

    public var compactedRevision: Revision { history.withLock { $0.compactedRevision } }

    public func events(of resource: ResourceKey, after revision: Revision) throws(StorageError) -> [Event] {
        let found: Result<[Event], StorageError> = history.withLock { history in
            guard revision >= history.compactedRevision else {
                return .failure(.compacted(oldest: history.compactedRevision))
            }
            guard revision <= history.lastRevision else {
                return .failure(.futureRevision(current: history.lastRevision))
            }
            return .success(Array(history.events(of: resource, after: revision)))
        }
        return try found.get()
    }

    // MARK: Observing

    public func addObserver(_ observer: @escaping @Sendable (EventBatch) -> Void) -> (Revision, ObserverID) {
        published.withLock { published in
            published.lastObserver += 1
            let id = ObserverID(rawValue: published.lastObserver)
            published.observers.append((id, observer))
            return (published.snapshot.revision, id)
        }
    }

    public func removeObserver(_ id: ObserverID) {
        // Let go of outside the lock: what an observer holds may call the store as it goes.
        let removed = published.withLock { published in
            let index = published.observers.firstIndex { $0.id == id }
            return index.map { published.observers.remove(at: $0) }
        }
        withExtendedLifetime(removed) {}
    }

    // MARK: Writing

    @discardableResult
    public func commit(_ write: Write) async throws(StorageError) -> Event {
        let events = try await commit([write])
        guard let event = events.first else { throw .engine("a write was acknowledged without an event") }
        return event
    }

    @discardableResult
    public func commit(_ writes: [Write]) async throws(StorageError) -> [Event] {
        guard !writes.isEmpty else { return [] }
        let outcome = await withUnsafeContinuation { continuation in enqueue(writes, continuation) }
        return try outcome.get()
    }

    private func enqueue(_ writes: [Write], _ continuation: UnsafeContinuation<PendingGroup.Outcome, Never>) {
        let group = PendingGroup(writes, enqueuedAt: configuration.clock(), continuation)
        switch pending.withLock({ $0.add(group, under: configuration) }) {
        case .accepted(startsWriter: true): queue.async { self.writePending() }
        case .accepted(startsWriter: false): break
        case .refused(let error):
            counters.withLock { $0.refusedCallers += 1 }
            continuation.resume(returning: .failure(error))
        }
    }

    // MARK: Closing

    public func close() async {
        pending.withLock { $0.close() }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            queue.async {
                self.closeOnQueue()
                continuation.resume()
            }
        }
    }

    private func closeOnQueue() {
        guard !isClosed else { return }
        while writeBatch() {}
        isClosed = true
        timer?.cancel()
        timer = nil
        for backup in backups { backup.abandon() }
        backups = []
        // All that was acknowledged is durable already; what fails here fails no caller.
        do { try log.close() } catch { counters.withLock { $0.failedCommits += 1 } }
    }

    /// Runs `body` on the writer queue after what waits there.
    func onWriterQueue<Value: Sendable>(
        _ body: @escaping @Sendable (RevisionedStorage) throws -> Value
    ) async throws(StorageError) -> Value {
        let outcome: Result<Value, StorageError> = await withUnsafeContinuation { continuation in
            queue.async {
                guard !self.isClosed else { return continuation.resume(returning: .failure(.closed)) }
                continuation.resume(returning: Result { try body(self) }.mapError(StorageError.wrapping))
            }
        }
        return try outcome.get()
    }
}

/// A store on disk: the rows of one SQLite database in a directory of its own.
///
/// An acknowledged write has been synchronized to the disk (`synchronous=FULL`).
public final class SQLiteStorage: RevisionedStorage, @unchecked Sendable {
    /// The database's name in the directory. A backup becomes a store by having it in an otherwise empty directory.
    public static let databaseFileName = SQLiteLog.fileName

    /// Opens the store of a data directory, or makes a new one.
    ///
    /// Blocks while the objects are read. The directory is made if it is not there, for this user alone.
    /// - Throws: `.engine` where the directory is in use by another store (whose process it names), or the database is
    ///   another program's, a newer version's, or damaged.
    public init(directory: String, configuration: StorageConfiguration = StorageConfiguration()) throws(StorageError) {
        let log: SQLiteLog
        do { log = try SQLiteLog(directory: directory, configuration: configuration) } catch { throw .wrapping(error) }
        try super.init(log: log, configuration: configuration)
    }
}

/// A store that ends with the process, for tests.
public final class InMemoryStorage: RevisionedStorage, @unchecked Sendable {
    public init(configuration: StorageConfiguration = StorageConfiguration()) throws(StorageError) {
        try super.init(log: MemoryLog(configuration: configuration), configuration: configuration)
    }
}
