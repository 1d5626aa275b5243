package import APIMachinery
package import JSON
package import KubernetesClient

/// The taints that a node's conditions call for ("Taint nodes by condition").
package enum NodeTaints {
    private static let notReady = "node.kubernetes.io/not-ready"
    private static let unreachable = "node.kubernetes.io/unreachable"
    private static let unschedulable = "node.kubernetes.io/unschedulable"

    /// Taints that conditions bring and take away, by condition and its status.
    private static let byCondition: [(type: String, status: String, key: String)] = [
        ("Ready", "False", notReady), ("Ready", "Unknown", unreachable),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ]

    /// The node's taints as they should be: those of others as they are, its own as its conditions say.
    ///
    /// A node that is not ready, or not heard of, also drives away pods that do not tolerate that (`NoExecute`).
    /// - Returns: `nil` where they are so already.
    package static func wanted(for node: KubernetesObject, now: KubernetesTime) -> [JSON]? {
        let present = node.spec?["taints"]?.arrayValue ?? []
        var wanted: [(key: String, effect: String)] = []
        for (type, status, key) in byCondition where node.condition(type)?.status == status {
            wanted.append((key, "NoSchedule"))
            if type == "Ready" { wanted.append((key, "NoExecute")) }
        }
        if node.spec?["unschedulable"]?.boolValue ?? false { wanted.append((unschedulable, "NoSchedule")) }
        let kept = present.filter { taint in
            !isOwn(taint, node) || wanted.contains { isTaint(taint, $0.key, $0.effect) }
        }
        let missing = wanted.filter { one in !present.contains { isTaint($0, one.key, one.effect) } }
        guard kept.count != present.count || !missing.isEmpty else { return nil }
        return kept
            + missing.map { ["key": .string($0.key), "effect": .string($0.effect), "timeAdded": now.json] }
    }

    private static func isTaint(_ json: JSON, _ key: String, _ effect: String) -> Bool {
        json["key"]?.stringValue == key && json["effect"]?.stringValue == effect
    }

    /// A taint of a condition that the node does not report at all is left alone: the server gives it to new nodes,
    /// until they report.
    private static func isOwn(_ taint: JSON, _ node: KubernetesObject) -> Bool {
        guard let key = taint["key"]?.stringValue else { return false }
        let isOfEffect = ["NoSchedule", "NoExecute"].contains(taint["effect"]?.stringValue ?? "")
        if key == unschedulable { return taint["effect"] == "NoSchedule" }
        return isOfEffect && byCondition.contains { $0.key == key && node.condition($0.type) != nil }
    }
}
