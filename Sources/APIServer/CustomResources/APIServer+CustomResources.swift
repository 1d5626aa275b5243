import APIMachinery
import Logging
import Storage

extension APIServer {
    /// Between two looks at what waits for objects to go.
    private static let retryPeriod = Duration.milliseconds(100)

    /// Follows the stored `CustomResourceDefinition`s, so that the registry serves what they define. Runs until its task
    /// is cancelled; what is there when it starts is served before it first waits.
    /// - Parameter whenReady: called once that is so.
    public func followCustomResources(whenReady: @Sendable () -> Void) async throws {
        let key = ResourceKey(
            group: DefinitionDeletion.resource.group, resource: DefinitionDeletion.resource.resource)
        let (changes, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (_, observer) = storage.addObserver { batch in
            if batch.events.contains(where: { $0.object.key.resource == key }) { signal.yield() }
        }
        defer { storage.removeObserver(observer) }
        var controller = CustomResourceController(self)
        var isWaiting = try await synchronize(&controller)
        whenReady()
        if isWaiting { signal.yield() }
        for await _ in changes {
            try Task.checkCancellation()
            isWaiting = try await synchronize(&controller)
            if isWaiting {
                try await Task.sleep(for: Self.retryPeriod)
                signal.yield()
            }
        }
    }

    private func synchronize(_ controller: inout CustomResourceController) async throws -> Bool {
        do {
            return try await controller.synchronize()
        } catch let error as CancellationError {
            throw error
        } catch {
            options.logger.error("Could not follow custom resources", metadata: ["error": "\(error)"])
            return true
        }
    }
}
