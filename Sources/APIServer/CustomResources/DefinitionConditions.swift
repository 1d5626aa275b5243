import APIMachinery
import JSON

// Conditions of a `CustomResourceDefinition`.
extension JSON {
    func definitionCondition(_ type: String) -> JSON? {
        (self["status"]?["conditions"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
    }

    func isDefinitionConditionTrue(_ type: String) -> Bool { definitionCondition(type)?["status"] == "True" }

    /// Sets a condition; the time of the last transition stays where the status does.
    mutating func setDefinitionCondition(
        _ type: String, isTrue: Bool, reason: String, message: String, at time: KubernetesTime
    ) {
        var condition: JSON = [
            "type": .string(type), "status": isTrue ? "True" : "False", "lastTransitionTime": .string(time.description),
            "reason": .string(reason), "message": .string(message),
        ]
        var status = self["status"] ?? [:]
        var conditions = status["conditions"]?.arrayValue ?? []
        if let index = conditions.firstIndex(where: { $0["type"]?.stringValue == type }) {
            if conditions[index]["status"] == condition["status"] {
                condition["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
            }
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        status["conditions"] = .array(conditions)
        self["status"] = status
    }
}

/// How a `CustomResourceDefinition` goes: it is marked, the server removes its objects, then it is removed.
enum DefinitionDeletion {
    static let resource = GroupResource(group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
    static let finalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// The definition as a deletion finds it: with the finalizer that waits for its objects.
    static func prepared(_ object: JSON, now: KubernetesTime) -> JSON {
        guard !MetadataFields(of: object).isBeingDeleted else { return object }
        var prepared = object
        prepared.updateMetadata { metadata in
            if !metadata.finalizers.contains(finalizer) { metadata.finalizers.append(finalizer) }
        }
        prepared.setDefinitionCondition(
            "Terminating", isTrue: true, reason: "InstanceDeletionPending",
            message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", at: now)
        return prepared
    }
}
