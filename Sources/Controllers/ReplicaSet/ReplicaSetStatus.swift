package import APIMachinery
package import JSON
package import KubernetesClient

/// The status of a ReplicaSet, as its pods stand.
package enum ReplicaSetStatus {
    package static let replicaFailure = "ReplicaFailure"

    /// The status to be written.
    /// - Parameters:
    ///   - active: Its pods that are neither ended nor on their way out.
    ///   - terminating: Its pods that are on their way out.
    ///   - failure: Why pods could not be created or deleted in this pass, if so.
    package static func make(
        of set: ReplicaSet, active: [Pod], terminating: Int, failure: String?, now: KubernetesTime
    ) -> JSON {
        let wantedLabels = set.template["metadata"]?["labels"]?.stringMap ?? [:]
        var fullyLabeled: Int64 = 0
        var ready: Int64 = 0
        var available: Int64 = 0
        for pod in active {
            let labels = pod.labels
            if wantedLabels.allSatisfy({ labels[$0.key] == $0.value }) { fullyLabeled += 1 }
            guard pod.isReady else { continue }
            ready += 1
            if pod.isAvailable(minReadySeconds: set.minReadySeconds, now: now) { available += 1 }
        }
        var status = set.status
        status["replicas"] = .int(Int64(active.count))
        status["fullyLabeledReplicas"] = fullyLabeled == 0 ? nil : .int(fullyLabeled)
        status["readyReplicas"] = ready == 0 ? nil : .int(ready)
        status["availableReplicas"] = available == 0 ? nil : .int(available)
        status["terminatingReplicas"] = .int(Int64(terminating))
        status["observedGeneration"] = .int(set.generation)
        var conditions = ConditionList(status["conditions"])
        if let failure {
            if conditions[replicaFailure] == nil {
                let reason = Int64(active.count) < set.replicas ? "FailedCreate" : "FailedDelete"
                conditions.set([
                    "type": .string(replicaFailure), "status": "True", "lastTransitionTime": now.json,
                    "reason": .string(reason), "message": .string(failure),
                ])
            }
        } else {
            conditions.remove(replicaFailure)
        }
        status["conditions"] = conditions.json
        return status
    }

    /// When a pod that is ready becomes available without anything else happening.
    package static func nextAvailability(of set: ReplicaSet, active: [Pod], now: KubernetesTime) -> KubernetesTime? {
        guard set.minReadySeconds > 0 else { return nil }
        return active.compactMap(\.readySince).map { $0.advanced(bySeconds: set.minReadySeconds) }.filter { $0 > now }
            .min()
    }
}
