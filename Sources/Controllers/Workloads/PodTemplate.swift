import APIMachinery
package import JSON
package import KubernetesClient

/// The making of a pod from the `template` of what manages it.
package enum PodTemplate {
    /// The longest start of a generated name: the server adds five characters, and a pod's name may have 253.
    private static let maximumGenerateName = 248

    /// The pod to be created: the template's metadata and spec, a name to be generated from the owner's, and the owner
    /// as its controller.
    package static func pod(from template: JSON, owner: KubernetesObject) -> JSON {
        var metadata: JSON = [
            "generateName": .string(generateName(owner.name)),
            "ownerReferences": [OwnerReference(controller: owner).json],
        ]
        for member in ["labels", "annotations", "finalizers"] {
            if let value = template["metadata"]?[member], !value.isNull { metadata[member] = value }
        }
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? .object([:]),
        ]
    }

    private static func generateName(_ owner: String) -> String {
        owner.utf8.count < maximumGenerateName ? owner + "-" : String(owner.prefix(maximumGenerateName))
    }
}
