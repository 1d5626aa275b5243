import APIMachinery
import Storage
import Synchronization

extension APIServer {
    /// Follows the stored `CustomResourceDefinition`s, so that the registry serves what they define.
    func followCustomResources(whenReady: @Sendable () -> Void) async throws {
        let changes = ChangedNames()
        let key = CustomResourceController.key
        let (_, observer) = storage.addObserver { batch in
            changes.add(batch.events.lazy.filter { $0.object.key.resource == key }.map(\.object.key.path))
        }
        defer { storage.removeObserver(observer) }
        changes.add(storage.snapshot.objects(in: key).lazy.map(\.key.path))
        var controller = CustomResourceController(self)
        try await follow("custom resources", where: { $0.resource == key }, whenReady: whenReady) {
            let names = changes.take()
            do {
                return try await controller.synchronize(names)
            } catch {
                changes.add(names)
                throw error
            }
        }
    }
}

/// Names of objects that have changed, until somebody takes them.
private final class ChangedNames: Sendable {
    private let names = Mutex<Set<String>>([])

    func add(_ more: some Sequence<String>) { names.withLock { $0.formUnion(more) } }

    func take() -> Set<String> {
        names.withLock { names in
            defer { names = [] }
            return names
        }
    }
}
