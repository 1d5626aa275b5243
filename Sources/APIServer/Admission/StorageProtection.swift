import APIMachinery
import JSON

/// Keeps claims and volumes that are in use from going (Kubernetes' `StorageObjectInUseProtection`).
struct StorageProtection: AdmissionPlugin {
    func admit(_ request: inout AdmissionRequest) async throws {
        let finalizer: String
        if request.creates(GroupKind(group: "", kind: "PersistentVolumeClaim")) {
            finalizer = "kubernetes.io/pvc-protection"
        } else if request.creates(GroupKind(group: "", kind: "PersistentVolume")) {
            finalizer = "kubernetes.io/pv-protection"
        } else {
            return
        }
        request.object?.updateMetadata { metadata in
            if !metadata.finalizers.contains(finalizer) { metadata.finalizers.append(finalizer) }
        }
    }
}
