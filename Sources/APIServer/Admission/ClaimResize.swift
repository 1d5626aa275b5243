import APIMachinery
import JSON
import KubernetesAPI
import Storage

/// Lets only those claims grow whose class says that its volumes can (Kubernetes' `PersistentVolumeClaimResize`).
struct ClaimResize: AdmissionPlugin {
    private static let claim = GroupKind(group: "", kind: "PersistentVolumeClaim")
    private static let classes = ResourceKey(group: "storage.k8s.io", resource: "storageclasses")
    private static let annotation = "volume.beta.kubernetes.io/storage-class"

    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.operation == .update, request.subresource == nil,
            request.resource.definition.groupKind == Self.claim, let object = request.object, let old = request.old,
            let size = Self.size(of: object), let before = Self.size(of: old), before < size,
            old["status"]?["phase"] == "Bound"
        else { return }
        let name = Self.storageClass(of: object)
        if !name.isEmpty, name == Self.storageClass(of: old), try Self.canGrow(name, request.snapshot) { return }
        throw request.forbidden(
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support "
                + "resize")
    }

    private static func size(of claim: JSON) -> Quantity? {
        claim["spec"]?["resources"]?["requests"]?["storage"]?.stringValue.flatMap { try? Quantity(parsing: $0) }
    }

    private static func storageClass(of claim: JSON) -> String {
        claim["metadata"]?["annotations"]?[annotation]?.stringValue
            ?? claim["spec"]?["storageClassName"]?.stringValue ?? ""
    }

    private static func canGrow(_ name: String, _ snapshot: Snapshot) throws -> Bool {
        guard let found = snapshot[ObjectKey(resource: classes, path: name)] else { return false }
        return try JSON(parsing: found.bytes)["allowVolumeExpansion"]?.boolValue ?? false
    }
}
