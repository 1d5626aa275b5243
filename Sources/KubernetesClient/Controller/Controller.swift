import APIMachinery
public import Logging

/// What a reconciliation came to.
public enum ReconcileResult: Sendable, Hashable {
    case done
    /// All is well, and the key is to be looked at again after a time at the latest.
    case after(Duration)
}

/// An error that trying again does not mend: the key waits for its next change.
public struct TerminalError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var cause: (any Error)?

    public init(_ message: String, cause: (any Error)? = nil) {
        self.message = message
        self.cause = cause
    }

    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}

/// Makes the world match what one object asks for.
///
/// A request is a key, never an event: `reconcile` reads all that it needs, may be called at any time and any number of
/// times, and is called for one key by one worker at a time.
public protocol Reconciler<Key>: Sendable {
    associatedtype Key: Hashable & Sendable

    /// - Throws: `TerminalError` where trying again is of no use; after any other error the key backs off.
    func reconcile(_ key: Key) async throws -> ReconcileResult
}

/// Runs workers over a queue until it is cancelled.
public final class Controller<Key: Hashable & Sendable>: Sendable {
    public let name: String
    public let queue: WorkQueue<Key>
    private let workerCount: Int
    private let informers: [Informer]
    private let logger: Logger
    private let reconcile: @Sendable (Key) async throws -> ReconcileResult

    /// - Parameter informers: caches that must have synced before the first key is worked on.
    public init(
        name: String, workers: Int = 1, queue: WorkQueue<Key> = WorkQueue(), waitingFor informers: [Informer] = [],
        logger: Logger = Logger(label: "controller"),
        reconcile: @escaping @Sendable (Key) async throws -> ReconcileResult
    ) {
        self.name = name
        self.queue = queue
        self.workerCount = max(1, workers)
        self.informers = informers
        var logger = logger
        logger[metadataKey: "controller"] = .string(name)
        self.logger = logger
        self.reconcile = reconcile
    }

    public convenience init(
        name: String, workers: Int = 1, queue: WorkQueue<Key> = WorkQueue(), waitingFor informers: [Informer] = [],
        logger: Logger = Logger(label: "controller"), reconciler: some Reconciler<Key>
    ) {
        self.init(name: name, workers: workers, queue: queue, waitingFor: informers, logger: logger) {
            try await reconciler.reconcile($0)
        }
    }

    /// Waits for the informers, then works until the task is cancelled or the queue is shut down; either way the keys
    /// in work are finished first.
    /// - Throws: `CancellationError` where it was cancelled before the informers had synced.
    public func run() async throws {
        for informer in informers { try await informer.waitForSync() }
        logger.info("Started workers", metadata: ["workers": .stringConvertible(workerCount)])
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<workerCount { group.addTask { await self.work() } }
            }
        } onCancel: {
            queue.shutDown()
        }
        logger.info("Stopped workers")
    }

    private func work() async {
        while !Task.isCancelled, let key = await queue.next() {
            await process(key)
            queue.done(key)
        }
    }

    private func process(_ key: Key) async {
        do {
            let result = try await reconcile(key)
            queue.forget(key)
            if case .after(let delay) = result { queue.add(key, after: delay) }
        } catch let error as TerminalError {
            queue.forget(key)
            logger.error("Gave up on key", metadata: metadata(key, error))
        } catch is CancellationError {
            return
        } catch {
            // A lost compare-and-set is everyday: the next try reads the newer state.
            logger.log(
                level: error.isConflict ? .debug : .warning, "Failed to reconcile", metadata: metadata(key, error))
            queue.addRateLimited(key)
        }
    }

    private func metadata(_ key: Key, _ error: any Error) -> Logger.Metadata {
        ["key": .string("\(key)"), "error": .string(Self.text(error))]
    }

    private static func text(_ error: any Error) -> String {
        if let status = error as? APIStatus { "\(status.code) \(status.message)" } else { "\(error)" }
    }
}
