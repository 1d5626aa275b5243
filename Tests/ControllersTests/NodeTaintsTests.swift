import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct NodeTaintsTests {
    private static func node(_ taints: [JSON], conditions: [(String, String)], unschedulable: Bool = false)
        -> KubernetesObject
    {
        var node = KubernetesObject(.nodes, name: "n")
        node.spec = ["taints": .array(taints), "unschedulable": .bool(unschedulable)]
        node.status = [
            "conditions": .array(conditions.map { ["type": .string($0.0), "status": .string($0.1)] })
        ]
        return node
    }

    private static let own: JSON = ["key": "golden/own", "effect": "NoSchedule"]
    private static let fresh: JSON = ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]

    @Test(
        arguments: [
            ("ready, with a taint of its own", node([own], conditions: [("Ready", "True")]), nil),
            ("new, without conditions: the server's taint stays", node([fresh], conditions: []), nil),
            (
                "ready: the server's taint goes", node([own, fresh], conditions: [("Ready", "True")]),
                ["golden/own:NoSchedule"]
            ),
            (
                "not ready", node([own], conditions: [("Ready", "False")]),
                [
                    "golden/own:NoSchedule", "node.kubernetes.io/not-ready:NoSchedule",
                    "node.kubernetes.io/not-ready:NoExecute",
                ]
            ),
            (
                "short of memory", node([], conditions: [("Ready", "True"), ("MemoryPressure", "True")]),
                ["node.kubernetes.io/memory-pressure:NoSchedule"]
            ),
            (
                "cordoned", node([], conditions: [("Ready", "True")], unschedulable: true),
                ["node.kubernetes.io/unschedulable:NoSchedule"]
            ),
        ] as [(String, KubernetesObject, [String]?)])
    func followConditions(_ remark: String, node: KubernetesObject, expected: [String]?) {
        let taints = NodeTaints.wanted(for: node, now: start)?.map {
            "\($0["key"]?.stringValue ?? ""):\($0["effect"]?.stringValue ?? "")"
        }
        #expect(taints == expected, "\(remark)")
    }
}
