import APIMachinery
import JSON
import KubernetesAPI

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

extension JSON {
    /// Says of a definition in a group of the Kubernetes project whether its API was agreed to.
    mutating func noteApproval(at time: KubernetesTime) {
        guard let approval = DefinitionApproval(of: self) else { return }
        let reason =
            switch approval.state {
            case .approved: "ApprovedAnnotation"
            case .bypassed: "UnapprovedAnnotation"
            case .missing: "MissingAnnotation"
            case .invalid: "InvalidAnnotation"
            }
        setDefinitionCondition(
            "KubernetesAPIApprovalPolicyConformant", isTrue: approval.state == .approved, reason: reason,
            message: approval.reason, at: time)
    }

    mutating func set(_ condition: DefinitionDeletion.Condition, at time: KubernetesTime) {
        setDefinitionCondition(
            "Terminating", isTrue: condition.isTrue, reason: condition.reason, message: condition.message, at: time)
    }
}

/// How a `CustomResourceDefinition` goes: it is marked, the server removes its objects, then it is removed.
enum DefinitionDeletion {
    static let resource = GroupResource(group: "apiextensions.k8s.io", resource: "customresourcedefinitions")
    static let finalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// How far a definition's going has come.
    struct Condition {
        var isTrue: Bool
        var reason: String
        var message: String
    }

    static let pending = Condition(
        isTrue: true, reason: "InstanceDeletionPending",
        message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon")
    static let inProgress = Condition(
        isTrue: true, reason: "InstanceDeletionInProgress", message: "CustomResource deletion is in progress")
    static let completed = Condition(
        isTrue: false, reason: "InstanceDeletionCompleted", message: "removed all instances")
    static let neverEstablished = Condition(
        isTrue: false, reason: "NeverEstablished", message: "resource was never established")

    /// The definition as a deletion finds it: with the finalizer that waits for its objects.
    static func prepared(_ object: JSON, now: KubernetesTime) -> JSON {
        guard !MetadataFields(of: object).isBeingDeleted else { return object }
        var prepared = object
        prepared.updateMetadata { metadata in
            if !metadata.finalizers.contains(finalizer) { metadata.finalizers.append(finalizer) }
        }
        prepared.set(pending, at: now)
        return prepared
    }
}
