import APIMachinery
import JSON
import Storage

/// Gives objects that name no class the one that is marked as the default: the newest, should there be more than one.
struct DefaultClass: AdmissionPlugin {
    var kind: GroupKind
    var classes: ResourceKey
    /// Annotation of a class that marks the default.
    var mark: String
    /// Annotation of an object that is the old way to name a class.
    var oldAnnotation: String
    var field: String

    /// Kubernetes' `DefaultStorageClass`.
    static let ofClaims = DefaultClass(
        kind: GroupKind(group: "", kind: "PersistentVolumeClaim"),
        classes: ResourceKey(group: "storage.k8s.io", resource: "storageclasses"),
        mark: "storageclass.kubernetes.io/is-default-class",
        oldAnnotation: "volume.beta.kubernetes.io/storage-class", field: "storageClassName")

    /// Kubernetes' `DefaultIngressClass`.
    static let ofIngresses = DefaultClass(
        kind: GroupKind(group: "networking.k8s.io", kind: "Ingress"),
        classes: ResourceKey(group: "networking.k8s.io", resource: "ingressclasses"),
        mark: "ingressclass.kubernetes.io/is-default-class", oldAnnotation: "kubernetes.io/ingress.class",
        field: "ingressClassName")

    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.creates(kind), var object = request.object, var spec = object["spec"], spec[field] == nil,
            object["metadata"]?["annotations"]?[oldAnnotation] == nil
        else { return }
        let defaults = try request.snapshot.documents(in: classes).filter {
            $0["metadata"]?["annotations"]?[mark]?.stringValue == "true"
        }
        // RFC 3339 in UTC: the order of the texts is the order of the times.
        let newest = defaults.min { first, second in
            let (left, right) = (first.metadataText("creationTimestamp"), second.metadataText("creationTimestamp"))
            return left == right ? first.metadataText("name") < second.metadataText("name") : left > right
        }
        guard let newest else { return }
        spec[field] = .string(newest.metadataText("name"))
        object["spec"] = spec
        request.object = object
    }
}
