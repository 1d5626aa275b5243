import APIMachinery
import JSON
import KubernetesClient

@testable import Controllers

/// 2026-01-01T00:00:00Z.
let start = KubernetesTime(epochSeconds: 1_767_225_600)

func pod(
    _ name: String, node: String = "n", phase: String = "Running", readyFor: Int64? = 3600, age: Int64 = 3600,
    labels: JSON = ["app": "web"], annotations: JSON = [:], restarts: Int64 = 0, owner: String? = nil,
    isBeingDeleted: Bool = false
) -> Pod {
    var metadata: JSON = [
        "name": .string(name), "namespace": "ns", "uid": .string("uid-" + name), "labels": labels,
        "annotations": annotations, "creationTimestamp": start.advanced(bySeconds: -age).json,
    ]
    if let owner {
        metadata["ownerReferences"] = [
            [
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "uid": .string(owner),
                "controller": true,
            ]
        ]
    }
    if isBeingDeleted { metadata["deletionTimestamp"] = start.json }
    var status: JSON = [
        "phase": .string(phase), "containerStatuses": [["name": "c", "restartCount": .int(restarts)]],
    ]
    if let readyFor {
        status["conditions"] = [
            ["type": "Ready", "status": "True", "lastTransitionTime": start.advanced(bySeconds: -readyFor).json]
        ]
    }
    var spec: JSON = ["containers": [["name": "c"]]]
    if !node.isEmpty { spec["nodeName"] = .string(node) }
    return Pod(["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status])
}

func replicaSet(
    _ name: String, replicas: Int64, available: Int64? = nil, actual: Int64? = nil, age: Int64 = 100,
    annotations: JSON = [:], image: String = "img:1", generation: Int64 = 1, status more: JSON = [:]
) -> ReplicaSet {
    var status = more
    status["replicas"] = .int(actual ?? replicas)
    status["availableReplicas"] = .int(available ?? replicas)
    status["observedGeneration"] = .int(generation)
    return ReplicaSet([
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": [
            "name": .string(name), "namespace": "ns", "uid": .string("uid-" + name), "annotations": annotations,
            "generation": .int(generation), "creationTimestamp": start.advanced(bySeconds: -age).json,
        ],
        "spec": [
            "replicas": .int(replicas), "selector": ["matchLabels": ["app": "web"]],
            "template": [
                "metadata": ["labels": ["app": "web", "pod-template-hash": .string(name)]],
                "spec": ["containers": [["name": "c", "image": .string(image)]]],
            ],
        ],
        "status": status,
    ])
}

func deployment(
    replicas: Int64, surge: JSON = "25%", unavailable: JSON = "25%", type: String = "RollingUpdate",
    spec more: JSON = [:], status: JSON = [:], annotations: JSON = [:], image: String = "img:1"
) -> Deployment {
    var spec = more
    spec["replicas"] = .int(replicas)
    spec["selector"] = ["matchLabels": ["app": "web"]]
    spec["strategy"] = [
        "type": .string(type), "rollingUpdate": ["maxSurge": surge, "maxUnavailable": unavailable],
    ]
    spec["template"] = [
        "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": .string(image)]]],
    ]
    return Deployment([
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": [
            "name": "web", "namespace": "ns", "uid": "uid-web", "generation": 1, "annotations": annotations,
        ],
        "spec": spec, "status": status,
    ])
}
