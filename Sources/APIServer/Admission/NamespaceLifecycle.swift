import APIMachinery
import JSON
import Storage

/// Objects live in namespaces that exist, none is made in one that is going, and three namespaces never go
/// (Kubernetes' plugin of this name).
struct NamespaceLifecycle: AdmissionPlugin {
    private static let immortal: Set<String> = ["default", "kube-system", "kube-public"]
    private static let namespaces = ResourceKey(group: "", resource: "namespaces")

    func admit(_ request: inout AdmissionRequest) async throws {
        let isNamespace = request.resource.groupResource == NamespaceDeletion.resource
        if request.operation == .delete {
            if isNamespace, Self.immortal.contains(request.name) {
                throw request.forbidden("this namespace may not be deleted")
            }
            return
        }
        guard !isNamespace, request.resource.definition.isNamespaced, let name = request.namespace, !name.isEmpty,
            !Self.isAccessReview(request.resource)
        else { return }
        guard let namespace = request.snapshot[ObjectKey(resource: Self.namespaces, path: name)] else {
            throw APIStatus.notFound(NamespaceDeletion.resource, name: name)
        }
        guard request.operation == .create, try Self.isTerminating(namespace) else { return }
        var status = request.forbidden(
            "unable to create new content in namespace \(name) because it is being terminated")
        status.details?.causes.append(
            .init(
                reason: "NamespaceTerminating", message: "namespace \(name) is being terminated",
                field: "metadata.namespace"))
        throw status
    }

    /// Asked on every creation: looks for the mark in the bytes before it reads them.
    private static func isTerminating(_ namespace: StoredObject) throws -> Bool {
        guard namespace.bytes.contains(mark) else { return false }
        return try JSON(parsing: namespace.bytes)["status"]?["phase"]?.stringValue == "Terminating"
    }

    /// Without its first quote, which every word in the bytes begins with.
    private static let mark = Array("Terminating\"".utf8)

    private static func isAccessReview(_ resource: ServedResource) -> Bool {
        resource.definition.group == "authorization.k8s.io"
    }
}
