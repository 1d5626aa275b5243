package import APIMachinery
package import JSON

/// A look at a `v1` Pod.
package struct Pod: TypedObject {
    package var json: JSON
    package init(_ json: JSON) { self.json = json }

    /// Empty until the pod is bound to a node.
    package var nodeName: String { spec["nodeName"]?.stringValue ?? "" }
    /// `Pending` where the status has none.
    package var phase: String { status["phase"]?.stringValue ?? "Pending" }
    package var hasEnded: Bool { phase == "Succeeded" || phase == "Failed" }
    /// Neither ended nor on its way out: what a controller counts as one of its replicas.
    package var isActive: Bool { !hasEnded && !isBeingDeleted }
    /// Asked to go, but still running.
    package var isTerminating: Bool { !hasEnded && isBeingDeleted }
    package var restartPolicy: String { spec["restartPolicy"]?.stringValue ?? "Always" }
    package var containers: [JSON] { spec["containers"]?.arrayValue ?? [] }
    package var initContainers: [JSON] { spec["initContainers"]?.arrayValue ?? [] }

    package var isReady: Bool { condition("Ready")?.isTrue ?? false }
    package var readySince: KubernetesTime? {
        guard let condition = condition("Ready"), condition.isTrue else { return nil }
        return condition.lastTransitionTime
    }

    /// Ready, and so for at least that long.
    package func isAvailable(minReadySeconds: Int64, now: KubernetesTime) -> Bool {
        guard isReady else { return false }
        guard minReadySeconds > 0 else { return true }
        guard let readySince else { return false }
        return readySince.advanced(bySeconds: minReadySeconds) <= now
    }

    /// The restarts of the container that has restarted most.
    package var maximumRestarts: Int64 {
        let statuses =
            (status["containerStatuses"]?.arrayValue ?? []) + (status["initContainerStatuses"]?.arrayValue ?? [])
        return statuses.compactMap { $0["restartCount"]?.intValue }.max() ?? 0
    }
}
