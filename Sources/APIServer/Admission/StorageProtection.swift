import APIMachinery
import JSON
import Storage

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

/// Gives claims and ingresses that name no class the one that is marked as the default (Kubernetes'
/// `DefaultStorageClass` and `DefaultIngressClass`): the newest, should there be more than one.
struct DefaultClasses: AdmissionPlugin {
    private struct Rule {
        var kind: GroupKind
        var classes: ResourceKey
        /// Of a class: marks the default.
        var mark: String
        /// Of an object: the old way to name a class.
        var oldAnnotation: String
        var field: String
    }

    private static let rules = [
        Rule(
            kind: GroupKind(group: "", kind: "PersistentVolumeClaim"),
            classes: ResourceKey(group: "storage.k8s.io", resource: "storageclasses"),
            mark: "storageclass.kubernetes.io/is-default-class",
            oldAnnotation: "volume.beta.kubernetes.io/storage-class", field: "storageClassName"),
        Rule(
            kind: GroupKind(group: "networking.k8s.io", kind: "Ingress"),
            classes: ResourceKey(group: "networking.k8s.io", resource: "ingressclasses"),
            mark: "ingressclass.kubernetes.io/is-default-class", oldAnnotation: "kubernetes.io/ingress.class",
            field: "ingressClassName"),
    ]

    func admit(_ request: inout AdmissionRequest) async throws {
        for rule in Self.rules where request.creates(rule.kind) { try apply(rule, &request) }
    }

    private func apply(_ rule: Rule, _ request: inout AdmissionRequest) throws {
        guard var object = request.object, var spec = object["spec"], spec[rule.field] == nil,
            object["metadata"]?["annotations"]?[rule.oldAnnotation] == nil
        else { return }
        let defaults = try request.snapshot.documents(in: rule.classes).filter {
            $0["metadata"]?["annotations"]?[rule.mark]?.stringValue == "true"
        }
        // RFC 3339 in UTC: the order of the texts is the order of the times.
        let newest = defaults.min { first, second in
            let (left, right) = (first.metadataText("creationTimestamp"), second.metadataText("creationTimestamp"))
            return left == right ? first.metadataText("name") < second.metadataText("name") : left > right
        }
        guard let newest else { return }
        spec[rule.field] = .string(newest.metadataText("name"))
        object["spec"] = spec
        request.object = object
    }
}
