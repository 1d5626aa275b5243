import Testing

@testable import KubernetesAPI

/// What updates may not do.
struct UpdateRulesTests {
    typealias Row = RefusedChangeRow

    static let rows: [Row] = [
        Row(
            kind: "/PersistentVolume", subresource: nil, remark: "another source",
            old: #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"}}}"#,
            new: #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/e"}}}"#,
            problems: ["spec.persistentvolumesource | Forbidden"]),
        Row(
            kind: "/PersistentVolume", subresource: nil, remark: "the labels of today",
            old:
                #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"beta.kubernetes.io/os","operator":"Exists"}]}]}}}}"#,
            new:
                #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/os","operator":"Exists"}]}]}}}}"#,
            problems: []),
        Row(
            kind: "/ResourceQuota", subresource: nil, remark: "other scopes",
            old: #"{"spec":{"scopes":["BestEffort"]}}"#,
            new: #"{"spec":{"scopes":["NotBestEffort"]}}"#,
            problems: ["spec.scopes | Invalid"]),
        Row(
            kind: "storage.k8s.io/CSINode", subresource: nil, remark: "a driver under another id",
            old: #"{"spec":{"drivers":[{"name":"d","nodeID":"i"}]}}"#,
            new: #"{"spec":{"drivers":[{"name":"d","nodeID":"j"}]}}"#,
            problems: ["spec.drivers | Invalid"]),
        Row(
            kind: "storage.k8s.io/CSINode", subresource: nil, remark: "a driver that takes more",
            old: #"{"spec":{"drivers":[{"name":"d","nodeID":"i"}]}}"#,
            new: #"{"spec":{"drivers":[{"name":"d","nodeID":"i","allocatable":{"count":4}}]}}"#,
            problems: []),
        Row(
            kind: "networking.k8s.io/ServiceCIDR", subresource: nil, remark: "a second range",
            old: #"{"spec":{"cidrs":["10.0.0.0/24"]}}"#,
            new: #"{"spec":{"cidrs":["10.0.0.0/24","fd00::/64"]}}"#,
            problems: []),
        Row(
            kind: "networking.k8s.io/ServiceCIDR", subresource: nil, remark: "another range",
            old: #"{"spec":{"cidrs":["10.0.0.0/24"]}}"#,
            new: #"{"spec":{"cidrs":["10.0.1.0/24"]}}"#,
            problems: ["spec.cidrs[0] | Invalid"]),
        Row(
            kind: "/ConfigMap", subresource: nil, remark: "a bad annotation is told of by each check",
            old: #"{}"#,
            new: #"{"metadata":{"annotations":{"a b":"c"}}}"#,
            problems: [
                "metadata.annotations | Invalid", "metadata.annotations | Invalid", "metadata.annotations | Invalid",
                "metadata.annotations | Invalid",
            ]),
        Row(
            kind: "apps/DaemonSet", subresource: "status", remark: "fewer collisions",
            old:
                #"{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","containers":[{"name":"c","image":"n"}]}}}}"#,
            new: #"{"status":{"collisionCount":-1}}"#,
            problems: ["status.collisionCount | Invalid"]),
        Row(
            kind: "batch/Job", subresource: "status", remark: "finished in two ways",
            old:
                #"{"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            new: #"{"status":{"conditions":[{"type":"Complete","status":"True"},{"type":"Failed","status":"True"}]}}"#,
            problems: [
                "status.conditions | Invalid", "status.completionTime | Required", "status.conditions | Invalid",
                "status.conditions | Invalid", "status.startTime | Required",
            ]),
        Row(
            kind: "batch/Job", subresource: "status", remark: "finished with a pod",
            old:
                #"{"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            new:
                #"{"status":{"active":1,"startTime":"2026-01-01T00:00:02Z","completionTime":"2026-01-01T00:00:01Z","conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}}"#,
            problems: ["status.completionTime | Invalid", "status.active | Invalid"]),
        Row(
            kind: "policy/PodDisruptionBudget", subresource: "status", remark: "a condition without a reason",
            old: #"{"spec":{}}"#,
            new:
                #"{"status":{"conditions":[{"type":"A","status":"Maybe","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}"#,
            problems: ["status.conditions[0].status | NotSupported", "status.conditions[0].reason | Required"]),
        Row(
            kind: "batch/Job", subresource: nil, remark: "a suspended job's containers may ask for more",
            old:
                #"{"metadata":{"name":"j"},"spec":{"suspend":true,"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            new:
                #"{"metadata":{"name":"j"},"spec":{"suspend":true,"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n","resources":{"requests":{"cpu":"1"}}}]}}}}"#,
            problems: []),
        Row(
            kind: "batch/Job", subresource: nil, remark: "a suspended job keeps its image",
            old:
                #"{"metadata":{"name":"j"},"spec":{"suspend":true,"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            new:
                #"{"metadata":{"name":"j"},"spec":{"suspend":true,"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"m"}]}}}}"#,
            problems: ["spec.template | Invalid"]),
        Row(
            kind: "autoscaling/HorizontalPodAutoscaler", subresource: nil, remark: "an old target keeps its version",
            old: #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"v1","kind":"Deployment","name":"d"}}}"#,
            new: #"{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"v1","kind":"Deployment","name":"d"}}}"#,
            problems: []),
        Row(
            kind: "autoscaling/HorizontalPodAutoscaler", subresource: nil, remark: "a new target needs a group",
            old:
                #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}"#,
            new: #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"v1","kind":"Deployment","name":"d"}}}"#,
            problems: ["spec.scaleTargetRef.apiVersion | Invalid"]),
    ]

    @Test(arguments: rows)
    func updatesAreChecked(_ row: Row) throws {
        try row.check()
    }
}
