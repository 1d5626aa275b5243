import APIMachinery
import Logging
import Storage
import Synchronization

extension APIServer {
    /// Between two looks at what waits for objects to go.
    private static let retryPeriod = Duration.milliseconds(100)

    /// Follows the stored `CustomResourceDefinition`s, so that the registry serves what they define. Runs until its task
    /// is cancelled; what is there when it starts is served before it first waits.
    /// - Parameter whenReady: called once that is so.
    public func followCustomResources(whenReady: @Sendable () -> Void) async throws {
        let changes = ChangedNames()
        let key = CustomResourceController.key
        let (_, observer) = storage.addObserver { batch in
            changes.add(batch.events.lazy.filter { $0.object.key.resource == key }.map(\.object.key.path))
        }
        defer { storage.removeObserver(observer) }
        var controller = CustomResourceController(self)
        storage.snapshot.forEach(in: key, prefix: "") { object in
            changes.add(CollectionOfOne(object.key.path))
            return true
        }
        await synchronize(&controller, changes)
        whenReady()
        for await _ in changes.signal {
            try Task.checkCancellation()
            await synchronize(&controller, changes)
        }
    }

    /// Sees to all that has changed, and asks to be called again for what waits.
    private func synchronize(_ controller: inout CustomResourceController, _ changes: ChangedNames) async {
        let names = changes.take()
        do {
            let waiting = try await controller.synchronize(names)
            changes.add(waiting, after: waiting.isEmpty ? nil : Self.retryPeriod)
        } catch is CancellationError {
            // The one that calls looks for it too.
        } catch {
            options.logger.error("Could not follow custom resources", metadata: ["error": "\(error)"])
            changes.add(names, after: Self.retryPeriod)
        }
    }
}

/// Names of objects that have changed, until somebody takes them.
private final class ChangedNames: Sendable {
    private let names = Mutex<Set<String>>([])
    /// Comes when there are names.
    let signal: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (signal, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ more: some Sequence<String>) {
        let isAdded = names.withLock { names in
            let count = names.count
            names.formUnion(more)
            return names.count > count
        }
        if isAdded { continuation.yield() }
    }

    /// - Parameter delay: until they are there; `nil` for none.
    func add(_ more: Set<String>, after delay: Duration?) {
        guard let delay else { return add(more) }
        Task { [weak self] in
            try? await Task.sleep(for: delay)
            self?.add(more)
        }
    }

    func take() -> Set<String> {
        names.withLock { names in
            defer { names = [] }
            return names
        }
    }
}
