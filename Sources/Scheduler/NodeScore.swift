import APIMachinery
import JSON
package import KubernetesClient

/// How well a node that a pod may run on suits it; higher is better.
///
/// Weighed together as Kubernetes' default profile does it: what the node has free, how evenly its CPU and memory are
/// used, the pod's preferences, taints it would rather avoid, and the distance from pods of the same controller.
package struct NodeScore: Sendable {
    private static let weights = (free: 1.0, balance: 1.0, affinity: 2.0, taints: 3.0, spread: 2.0)

    private let preferences: [(weight: Int64, term: NodeSelectorTerm)]
    private let tolerations: [Toleration]
    private let controllerUID: String?
    private let requests: ResourceAmounts

    package init(_ pod: Pod) {
        let preferred = pod.spec["affinity"]?["nodeAffinity"]?["preferredDuringSchedulingIgnoredDuringExecution"]
        preferences = (preferred?.arrayValue ?? []).map {
            ($0["weight"]?.intValue ?? 1, NodeSelectorTerm($0["preference"] ?? .null))
        }
        tolerations = pod.spec["tolerations"]?.arrayValue?.map(Toleration.init) ?? []
        controllerUID = pod.controllerReference?.uid
        requests = ResourceAmounts(requestsOf: pod.spec)
    }

    /// The best of the nodes; of several equally good ones the one with the fewest pods, then the first by name.
    package func best(of nodes: [SchedulingNode]) -> SchedulingNode? {
        guard nodes.count > 1 else { return nodes.first }
        let preferred = nodes.map(preference)
        let avoided = nodes.map(avoidedTaints)
        let siblings = nodes.map(siblingCount)
        var best: (score: Double, node: SchedulingNode)?
        for (index, node) in nodes.enumerated() {
            let score =
                Self.weights.free * free(node) + Self.weights.balance * balance(node)
                + Self.weights.affinity * Self.share(preferred[index], of: preferred.max() ?? 0)
                + Self.weights.taints * (1 - Self.share(avoided[index], of: avoided.max() ?? 0))
                + Self.weights.spread * (1 - Self.share(siblings[index], of: siblings.max() ?? 0))
            if let present = best, !Self.isBetter(score, node, than: present) { continue }
            best = (score, node)
        }
        return best?.node
    }

    private static func isBetter(
        _ score: Double, _ node: SchedulingNode, than best: (score: Double, node: SchedulingNode)
    ) -> Bool {
        if score != best.score { return score > best.score }
        return (node.pods.count, node.name) < (best.node.pods.count, best.node.name)
    }

    private static func share(_ value: Int64, of maximum: Int64) -> Double {
        maximum > 0 ? Double(value) / Double(maximum) : 0
    }

    private func usage(_ resource: String, _ node: SchedulingNode) -> Double {
        let offered = node.allocatable[resource]
        guard offered > 0 else { return 1 }
        return min(1, Double(node.requested[resource] + requests[resource]) / Double(offered))
    }

    private func free(_ node: SchedulingNode) -> Double { 1 - (usage("cpu", node) + usage("memory", node)) / 2 }

    private func balance(_ node: SchedulingNode) -> Double { 1 - abs(usage("cpu", node) - usage("memory", node)) / 2 }

    private func preference(_ node: SchedulingNode) -> Int64 {
        preferences.reduce(0) {
            $0 + ($1.term.matches(labels: node.labels, nodeName: node.name) ? $1.weight : 0)
        }
    }

    private func avoidedTaints(_ node: SchedulingNode) -> Int64 {
        Int64(
            node.taints.count { taint in
                taint.effect == "PreferNoSchedule" && !tolerations.contains { $0.tolerates(taint) }
            })
    }

    private func siblingCount(_ node: SchedulingNode) -> Int64 {
        guard let controllerUID else { return 0 }
        return Int64(node.pods.values.count { $0.controllerUID == controllerUID && !$0.isTerminating })
    }
}
