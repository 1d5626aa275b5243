import Logging
import Storage

extension APIServer {
    /// Does what the server sees to by itself, beside answering requests: serves custom resources, keeps the objects that
    /// every cluster has, and tells flow schemas whether their priority levels are there. Runs until its task is cancelled.
    /// - Parameter whenReady: called once the custom resources that are defined at the start are served.
    public func runControllers(_ system: SystemObjects, whenReady: @escaping @Sendable () -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.followCustomResources(whenReady: whenReady) }
            group.addTask { try await self.followFlowSchemas() }
            group.addTask { try await self.keepSystemObjects(system) }
            try await group.waitForAll()
        }
    }

    /// Before work is done again that waits for something, or that failed for the first time in a row.
    private static let retryPeriod = Duration.milliseconds(100)
    private static let longestRetryPeriod = Duration.seconds(10)

    /// Does some work at once, and again whenever something of its concern was written. Runs until its task is cancelled.
    /// - Parameters:
    ///   - subject: what the work is about, for the log.
    ///   - concerns: whether a write of the object at a key is of its concern.
    ///   - whenReady: called once the work was done for what is stored at the start.
    ///   - work: returns whether something is left to do that no write will tell of. What it throws is logged, and it is
    ///     done again.
    func follow(
        _ subject: String, where concerns: @escaping @Sendable (ObjectKey) -> Bool,
        whenReady: @Sendable () -> Void = {}, _ work: () async throws -> Bool
    ) async throws {
        let (changes, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (_, observer) = storage.addObserver { batch in
            if batch.events.contains(where: { concerns($0.object.key) }) { signal.yield() }
        }
        defer { storage.removeObserver(observer) }
        signal.yield()
        var isReady = false
        var retryPeriod = Self.retryPeriod
        var retry: Task<Void, any Error>?
        defer { retry?.cancel() }
        for await _ in changes {
            try Task.checkCancellation()
            let outcome = try await attempt(subject, work)
            if !isReady { whenReady() }
            isReady = true
            // What else is written meanwhile does not wait for that.
            retry?.cancel()
            retry = outcome == .done ? nil : Self.signal(signal, after: retryPeriod)
            retryPeriod = outcome == .failed ? min(retryPeriod * 2, Self.longestRetryPeriod) : Self.retryPeriod
        }
    }

    private static func signal(
        _ signal: AsyncStream<Void>.Continuation, after delay: Duration
    ) -> Task<Void, any Error> {
        Task {
            try await Task.sleep(for: delay)
            signal.yield()
        }
    }

    private enum Outcome { case done, waiting, failed }

    private func attempt(_ subject: String, _ work: () async throws -> Bool) async throws -> Outcome {
        do {
            return try await work() ? .waiting : .done
        } catch let error as CancellationError {
            throw error
        } catch {
            options.logger.error("Could not follow \(subject)", metadata: ["error": "\(error)"])
            return .failed
        }
    }
}
