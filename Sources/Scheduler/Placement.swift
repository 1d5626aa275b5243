import JSON
package import KubernetesClient

/// Where a pod goes, or why it cannot go anywhere.
package enum Placement: Sendable, Hashable {
    case node(String)
    /// The text of the pod's condition `PodScheduled` and of its event.
    case unschedulable(String)

    /// - Parameter namespaceLabels: The labels of all namespaces, for affinity terms that choose by them.
    package init(
        of pod: Pod, among nodes: some Collection<SchedulingNode>, namespaceLabels: [String: [String: String]] = [:]
    ) {
        let fit = NodeFit(pod, among: nodes, namespaceLabels: namespaceLabels)
        var fitting: [SchedulingNode] = []
        var reasons: [[UnfitReason]] = []
        for node in nodes {
            let against = fit.reasonsAgainst(node)
            if against.isEmpty { fitting.append(node) } else { reasons.append(against) }
        }
        if let best = NodeScore(pod).best(of: fitting) {
            self = .node(best.name)
        } else {
            self = .unschedulable(
                Self.message(reasons, mayPreempt: pod.spec["preemptionPolicy"]?.stringValue != "Never"))
        }
    }

    /// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. ..."
    /// - Parameter reasons: Those against each node.
    static func message(_ reasons: [[UnfitReason]], mayPreempt: Bool) -> String {
        let all = reasons.count
        guard all > 0 else { return "no nodes available to schedule pods" }
        let unavailable = "0/\(all) nodes are available"
        let histogram = counted(reasons.flatMap { Set($0.map(\.text)) })
        let preemption: String
        if mayPreempt {
            // A node counts as helpless when no rule it fails would be met by removing pods.
            preemption =
                "no new claims to deallocate, preemption: \(unavailable): "
                + counted(
                    reasons.map { against in
                        against.allSatisfy(\.yieldsToPreemption)
                            ? "No preemption victims found for incoming pod"
                            : "Preemption is not helpful for scheduling"
                    })
        } else {
            preemption = "preemption: not eligible due to preemptionPolicy=Never"
        }
        return "\(unavailable): \(histogram). \(preemption)."
    }

    private static func counted(_ texts: [String]) -> String {
        var counts: [String: Int] = [:]
        for text in texts { counts[text, default: 0] += 1 }
        return counts.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
    }
}
