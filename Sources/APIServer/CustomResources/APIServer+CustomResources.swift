import APIMachinery
import Storage

extension APIServer {
    /// Follows the stored `CustomResourceDefinition`s, so that the registry serves what they define.
    func followCustomResources(whenReady: @Sendable () -> Void) async throws {
        let key = ResourceKey(
            group: DefinitionDeletion.resource.group, resource: DefinitionDeletion.resource.resource)
        var controller = CustomResourceController(self)
        try await follow("custom resources", where: { $0.resource == key }, whenReady: whenReady) {
            try await controller.synchronize()
        }
    }
}
