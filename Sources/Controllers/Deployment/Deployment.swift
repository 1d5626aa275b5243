package import APIMachinery
package import JSON
import KubernetesClient

/// A look at an `apps/v1` Deployment.
package struct Deployment: Workload {
    package enum Strategy: Sendable, Hashable {
        case rollingUpdate
        case recreate
    }

    /// A `progressDeadlineSeconds` or `revisionHistoryLimit` of this size stands for none.
    private static let unlimited = Int64(Int32.max)

    package var json: JSON
    package init(_ json: JSON) { self.json = json }

    package var replicas: Int64 { spec["replicas"]?.intValue ?? 1 }
    package var isPaused: Bool { spec["paused"]?.boolValue ?? false }
    package var selector: LabelSelector? { LabelSelector(member: spec["selector"]) }
    package var template: JSON { spec["template"] ?? .null }
    package var minReadySeconds: Int64 { spec["minReadySeconds"]?.intValue ?? 0 }
    package var collisionCount: Int64? { status["collisionCount"]?.intValue }

    package var strategy: Strategy {
        spec["strategy"]?["type"]?.stringValue == "Recreate" ? .recreate : .rollingUpdate
    }

    /// Old replica sets to keep; `nil` for all of them.
    package var revisionHistoryLimit: Int64? { limit("revisionHistoryLimit") }
    /// Seconds without progress after which a rollout has failed; `nil` for never.
    package var progressDeadlineSeconds: Int64? { limit("progressDeadlineSeconds") }

    private func limit(_ member: String) -> Int64? {
        guard let value = spec[member]?.intValue, value != Self.unlimited else { return nil }
        return value
    }
}

extension Deployment {
    /// Pods that may be there beyond `replicas` while rolling.
    package var maximumSurge: Int64 { strategy == .rollingUpdate ? fenceposts.surge : 0 }

    /// Of `replicas`, the pods that may be unavailable while rolling.
    package var maximumUnavailable: Int64 {
        guard strategy == .rollingUpdate, replicas > 0 else { return 0 }
        return min(fenceposts.unavailable, replicas)
    }

    // A surge rounds up and an unavailability down; both at 0 would stand still, so one pod may then be away.
    private var fenceposts: (surge: Int64, unavailable: Int64) {
        let rolling = spec["strategy"]?["rollingUpdate"]
        let surge = count(rolling?["maxSurge"], rounding: .up)
        let unavailable = count(rolling?["maxUnavailable"], rounding: .down)
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable)
    }

    private func count(_ json: JSON?, rounding: ReplicaCount.Rounding) -> Int64 {
        max(0, json.flatMap(ReplicaCount.init)?.resolved(of: replicas, rounding: rounding) ?? 0)
    }
}

/// Annotations by which a Deployment and its replica sets remember their history.
package enum DeploymentAnnotation {
    package static let revision = "deployment.kubernetes.io/revision"
    package static let revisionHistory = "deployment.kubernetes.io/revision-history"
    package static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
    package static let maximumReplicas = "deployment.kubernetes.io/max-replicas"

    /// A replica set gets every annotation of its Deployment but these.
    package static let notInherited: Set<String> = [
        "kubectl.kubernetes.io/last-applied-configuration", revision, revisionHistory, desiredReplicas,
        maximumReplicas, "deprecated.deployment.rollback.to",
    ]

    /// Characters that `revisionHistory` may take.
    package static let maximumHistoryLength = 2000
}
