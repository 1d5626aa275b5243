package import APIMachinery
package import JSON
import KubernetesClient

/// A look at an `apps/v1` ReplicaSet.
package struct ReplicaSet: Workload {
    package var json: JSON
    package init(_ json: JSON) { self.json = json }

    /// The pods that are asked for (`spec.replicas`, 1 where it is left out).
    package var replicas: Int64 {
        get { spec["replicas"]?.intValue ?? 1 }
        set {
            var spec = self.spec
            spec["replicas"] = .int(newValue)
            json["spec"] = spec
        }
    }
    package var minReadySeconds: Int64 { spec["minReadySeconds"]?.intValue ?? 0 }
    package var selector: LabelSelector? { LabelSelector(member: spec["selector"]) }
    package var template: JSON { spec["template"] ?? .null }

    /// The pods there were when the status was written.
    package var actualReplicas: Int64 { status["replicas"]?.intValue ?? 0 }
    package var readyReplicas: Int64 { status["readyReplicas"]?.intValue ?? 0 }
    package var availableReplicas: Int64 { status["availableReplicas"]?.intValue ?? 0 }
    package var terminatingReplicas: Int64 { status["terminatingReplicas"]?.intValue ?? 0 }
}
