import JSON
import KubernetesClient

/// The nodes with what is on them, and the pods that wait for one: what the scheduler knows between two decisions.
///
/// A pod that was bound counts on its node from then on, before its watch shows it (an assumed pod).
struct SchedulerState: Sendable {
    /// A pod that found no node.
    struct Unschedulable: Sendable {
        /// How often in a row.
        var attempts = 0
        /// Wants to be near other pods, so that one that is placed may help.
        var waitsForPods = false
    }

    private(set) var nodes: [String: SchedulingNode] = [:]
    private var placements: [String: String] = [:]
    /// Pods on nodes that are not known (yet).
    private var homeless: [String: [String: PlacedPod]] = [:]
    private(set) var unschedulable: [NamespacedName: Unschedulable] = [:]
    private(set) var namespaceLabels: [String: [String: String]] = [:]

    mutating func set(node: KubernetesObject) {
        var new = SchedulingNode(node.json)
        for pod in (nodes[new.name]?.pods ?? homeless.removeValue(forKey: new.name) ?? [:]).values { new.add(pod) }
        nodes[new.name] = new
    }

    mutating func remove(node name: String) {
        if let node = nodes.removeValue(forKey: name), !node.pods.isEmpty { homeless[name] = node.pods }
    }

    mutating func set(namespace: KubernetesObject) { namespaceLabels[namespace.name] = namespace.labels }
    mutating func remove(namespace name: String) { namespaceLabels[name] = nil }

    /// A pod that has a node, or is about to get it.
    mutating func place(_ pod: Pod, on node: String) {
        if placements[pod.uid] != nil { remove(pod: pod.uid) }
        let placed = PlacedPod(pod)
        placements[pod.uid] = node
        if nodes[node] != nil {
            nodes[node]?.add(placed)
        } else {
            homeless[node, default: [:]][pod.uid] = placed
        }
    }

    mutating func remove(pod uid: String) {
        guard let node = placements.removeValue(forKey: uid) else { return }
        nodes[node]?.remove(uid: uid)
        homeless[node]?[uid] = nil
        if homeless[node]?.isEmpty ?? false { homeless[node] = nil }
    }

    func isPlaced(_ uid: String) -> Bool { placements[uid] != nil }

    /// - Returns: how often in a row it found no node.
    mutating func noteUnschedulable(_ pod: Pod) -> Int {
        var entry = unschedulable[pod.key] ?? Unschedulable()
        entry.attempts += 1
        entry.waitsForPods = pod.spec["affinity"]?["podAffinity"] != nil
        unschedulable[pod.key] = entry
        return entry.attempts
    }

    mutating func forgetUnschedulable(_ key: NamespacedName) { unschedulable[key] = nil }
}
