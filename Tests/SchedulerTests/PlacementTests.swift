import JSON
import KubernetesClient
import Testing

@testable import Scheduler

private func node(
    _ name: String, cpu: String = "4", pods: String = "110", zone: String = "z0", spec: JSON = [:],
    ready: String = "True"
) -> SchedulingNode {
    SchedulingNode([
        "metadata": [
            "name": .string(name),
            "labels": ["kubernetes.io/hostname": .string(name), "topology.kubernetes.io/zone": .string(zone)],
        ],
        "spec": spec,
        "status": [
            "allocatable": ["cpu": .string(cpu), "memory": "8Gi", "pods": .string(pods)],
            "conditions": [["type": "Ready", "status": .string(ready)]],
        ],
    ])
}

private func pod(
    _ name: String, cpu: String? = nil, labels: JSON = ["app": "web"], owner: String? = nil, spec more: JSON = [:]
) -> Pod {
    var container: JSON = ["name": "c"]
    if let cpu { container["resources"] = ["requests": ["cpu": .string(cpu)]] }
    var spec = more
    spec["containers"] = [container]
    var metadata: JSON = ["name": .string(name), "namespace": "ns", "uid": .string(name), "labels": labels]
    if let owner { metadata["ownerReferences"] = [["uid": .string(owner), "controller": true]] }
    return Pod(["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec])
}

private let preemption = "no new claims to deallocate, preemption: "

@Suite struct PlacementTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var pod: Pod
        var nodes: [SchedulingNode]
        var expected: Placement
        var testDescription: String { remark }
    }

    private static func affinity(_ member: String, _ key: String, _ labels: JSON) -> JSON {
        .object(
            JSONObject(uniqueMembers: [
                .init(
                    key: "affinity",
                    value: .object(
                        JSONObject(uniqueMembers: [
                            .init(
                                key: member,
                                value: [
                                    "requiredDuringSchedulingIgnoredDuringExecution": [
                                        ["topologyKey": .string(key), "labelSelector": ["matchLabels": labels]]
                                    ]
                                ])
                        ])))
            ]))
    }

    private static func with(_ pods: [Pod], _ node: SchedulingNode) -> SchedulingNode {
        var node = node
        for pod in pods { node.add(PlacedPod(pod)) }
        return node
    }

    static let rows: [Row] = [
        Row(
            remark: "no nodes", pod: pod("p"), nodes: [],
            expected: .unschedulable("no nodes available to schedule pods")),
        Row(
            remark: "a selector nobody meets", pod: pod("p", spec: ["nodeSelector": ["x": "y"]]),
            nodes: [node("a"), node("b")],
            expected: .unschedulable(
                "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. \(preemption)0/2 nodes are available: 2 Preemption is not helpful for scheduling."
            )),
        Row(
            remark: "more than any node has", pod: pod("p", cpu: "17"), nodes: [node("a"), node("b")],
            expected: .unschedulable(
                "0/2 nodes are available: 2 Insufficient cpu. \(preemption)0/2 nodes are available: 2 Preemption is not helpful for scheduling."
            )),
        Row(
            remark: "more than a node has left", pod: pod("p", cpu: "2"),
            nodes: [with([pod("q", cpu: "3")], node("a"))],
            expected: .unschedulable(
                "0/1 nodes are available: 1 Insufficient cpu. \(preemption)0/1 nodes are available: 1 No preemption victims found for incoming pod."
            )),
        Row(
            remark: "each node its own reason, in the order of the texts",
            pod: pod("p", spec: ["nodeSelector": ["kubernetes.io/hostname": "c"]]),
            nodes: [node("a"), node("b"), node("c", spec: ["unschedulable": true])],
            expected: .unschedulable(
                "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. \(preemption)0/3 nodes are available: 3 Preemption is not helpful for scheduling."
            )),
        Row(
            remark: "a taint", pod: pod("p"),
            nodes: [node("a", spec: ["taints": [["key": "k", "value": "v", "effect": "NoSchedule"]]]), node("b")],
            expected: .node("b")),
        Row(
            remark: "a taint that is tolerated",
            pod: pod("p", spec: ["tolerations": [["key": "k", "operator": "Exists"]]]),
            nodes: [node("a", spec: ["taints": [["key": "k", "value": "v", "effect": "NoSchedule"]]])],
            expected: .node("a")),
        Row(
            remark: "a node that is not ready", pod: pod("p"), nodes: [node("a", ready: "Unknown"), node("b")],
            expected: .node("b")),
        Row(
            remark: "no room for one more pod", pod: pod("p"),
            nodes: [with([pod("q")], node("a", pods: "1")), node("b")],
            expected: .node("b")),
        Row(
            remark: "a port that is taken",
            pod: Pod(["metadata": ["uid": "p"], "spec": ["containers": [["ports": [["hostPort": 80]]]]]]),
            nodes: [
                with(
                    [Pod(["metadata": ["uid": "q"], "spec": ["containers": [["ports": [["hostPort": 80]]]]]])],
                    node("a")),
                node("b"),
            ], expected: .node("b")),
        Row(
            remark: "near another",
            pod: pod("p", spec: affinity("podAffinity", "kubernetes.io/hostname", ["who": "e"])),
            nodes: [node("a"), with([pod("e", labels: ["who": "e"])], node("b"))], expected: .node("b")),
        Row(
            remark: "near one that is not there",
            pod: pod("p", spec: affinity("podAffinity", "kubernetes.io/hostname", ["who": "e"])),
            nodes: [node("a"), node("b")],
            expected: .unschedulable(
                "0/2 nodes are available: 2 node(s) didn't match pod affinity rules. \(preemption)0/2 nodes are available: 2 Preemption is not helpful for scheduling."
            )),
        Row(
            remark: "near its own kind, as the first",
            pod: pod("p", spec: affinity("podAffinity", "kubernetes.io/hostname", ["app": "web"])), nodes: [node("a")],
            expected: .node("a")),
        Row(
            remark: "far from another",
            pod: pod("p", spec: affinity("podAntiAffinity", "topology.kubernetes.io/zone", ["who": "e"])),
            nodes: [node("a"), with([pod("e", labels: ["who": "e"])], node("b")), node("c", zone: "z1")],
            expected: .node("c")),
        Row(
            remark: "one that is there wants to be alone", pod: pod("p"),
            nodes: [
                with(
                    [pod("e", spec: affinity("podAntiAffinity", "kubernetes.io/hostname", ["app": "web"]))], node("a")),
                node("b"),
            ], expected: .node("b")),
        Row(
            remark: "evenly over the zones",
            pod: pod(
                "p",
                spec: [
                    "topologySpreadConstraints": [
                        [
                            "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": ["matchLabels": ["app": "web"]],
                        ]
                    ]
                ]),
            nodes: [
                with([pod("q")], node("a", cpu: "64")), with([pod("r", cpu: "3", labels: [:])], node("b", zone: "z1")),
            ],
            expected: .node("b")),
        Row(
            remark: "the emptier one", pod: pod("p", cpu: "1"),
            nodes: [with([pod("q", cpu: "2")], node("a")), node("b")], expected: .node("b")),
        Row(
            remark: "away from its siblings", pod: pod("p", owner: "rs"),
            nodes: [with([pod("q", owner: "rs")], node("a")), with([pod("r", owner: "other")], node("b"))],
            expected: .node("b")),
        Row(
            remark: "the preferred one",
            pod: pod(
                "p",
                spec: [
                    "affinity": [
                        "nodeAffinity": [
                            "preferredDuringSchedulingIgnoredDuringExecution": [
                                [
                                    "weight": 100,
                                    "preference": [
                                        "matchFields": [
                                            ["key": "metadata.name", "operator": "In", "values": ["b"]]
                                        ]
                                    ],
                                ]
                            ]
                        ]
                    ]
                ]), nodes: [node("a"), node("b")], expected: .node("b")),
    ]

    @Test(arguments: rows) func decides(_ row: Row) {
        #expect(Placement(of: row.pod, among: row.nodes) == row.expected)
        #expect(Placement(of: row.pod, among: row.nodes.reversed()) == row.expected)
    }
}

@Suite struct ResourceAmountsTests {
    @Test(
        arguments: [
            ("1", 1000), ("100m", 100), ("1.5", 1500), ("1Ki", 1_024_000), ("2k", 2_000_000), ("1e3", 1_000_000),
            ("100n", 1), ("9Ei", Int64.max), ("x", 0),
        ] as [(String, Int64)]) func readsQuantities(_ text: String, thousandths: Int64)
    {
        #expect(ResourceAmounts(["cpu": .string(text)])["cpu"] == thousandths)
    }

    @Test func addsUpWhatAPodAsksFor() {
        func container(_ cpu: String, sidecar: Bool = false) -> JSON {
            var container: JSON = ["resources": ["requests": ["cpu": .string(cpu)]]]
            if sidecar { container["restartPolicy"] = "Always" }
            return container
        }
        let spec: JSON = [
            "containers": [container("1"), container("1")],
            "initContainers": [container("500m", sidecar: true), container("3")], "overhead": ["cpu": "100m"],
        ]
        #expect(ResourceAmounts(requestsOf: spec)["cpu"] == 3600)
    }
}
