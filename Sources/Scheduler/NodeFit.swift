import JSON
package import KubernetesClient

/// Why a pod cannot run on a node, in the words that the pod's condition and events use.
package struct UnfitReason: Sendable, Hashable, Comparable {
    package var text: String
    /// Whether the node would do if pods of lower priority made room on it.
    package var yieldsToPreemption: Bool

    package static func < (lhs: UnfitReason, rhs: UnfitReason) -> Bool { lhs.text < rhs.text }

    static func never(_ text: String) -> UnfitReason { UnfitReason(text: text, yieldsToPreemption: false) }
    static func full(_ text: String) -> UnfitReason { UnfitReason(text: text, yieldsToPreemption: true) }

    package static let unschedulable = never("node(s) were unschedulable")
    package static let notReady = never("node(s) were not ready")
    package static let selector = never("node(s) didn't match Pod's node affinity/selector")
    package static let taint = never("node(s) had untolerated taint(s)")
    package static let ports = full("node(s) didn't have free ports for the requested pod ports")
    package static let affinity = never("node(s) didn't match pod affinity rules")
    package static let antiAffinity = full("node(s) didn't match pod anti-affinity rules")
    package static let existingAntiAffinity = full("node(s) didn't satisfy existing pods anti-affinity rules")
    package static let tooManyPods = full("Too many pods")
    package static let spread = full("node(s) didn't match pod topology spread constraints")
    package static let spreadLabel = never(
        "node(s) didn't match pod topology spread constraints (missing required label)")
}

/// The nodes that a pod may run on: the rules that must hold, in the order in which the first that fails is told.
///
/// Made once a pod, with what the rules need to know of all nodes; then asked for each.
package struct NodeFit: Sendable {
    package static let unschedulableTaint = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")

    let pod: Pod
    let requests: ResourceAmounts
    private let required: RequiredNodes
    private let tolerations: [Toleration]
    private let hostPorts: Set<HostPort>
    private let affinity: PodAffinityRules
    private let spread: [TopologySpread]

    package init(
        _ pod: Pod, among nodes: some Collection<SchedulingNode>, namespaceLabels: [String: [String: String]] = [:]
    ) {
        self.pod = pod
        var requests = ResourceAmounts(requestsOf: pod.spec)
        requests[SchedulingNode.podsResource] = 1000
        self.requests = requests
        let required = RequiredNodes(podSpec: pod.spec)
        let tolerations = pod.spec["tolerations"]?.arrayValue?.map(Toleration.init) ?? []
        self.required = required
        self.tolerations = tolerations
        hostPorts = HostPort.all(of: pod.spec)
        affinity = PodAffinityRules(of: pod, among: nodes, namespaceLabels: namespaceLabels)
        spread = TopologySpread.required(
            of: pod, among: nodes,
            eligible: {
                required.match(labels: $0.labels, nodeName: $0.name)
            })
    }

    /// Every reason of the first rule that fails; none where the pod may run on the node.
    package func reasonsAgainst(_ node: SchedulingNode) -> [UnfitReason] {
        if node.isUnschedulable, !tolerates(Self.unschedulableTaint) { return [.unschedulable] }
        if !toleratesTaints(of: node) { return [.taint] }
        if !required.match(labels: node.labels, nodeName: node.name) { return [.selector] }
        if !hasFreePorts(node) { return [.ports] }
        let lacking = lackingResources(node)
        if !lacking.isEmpty { return lacking }
        if let reason = TopologySpread.reason(against: node, of: spread) { return [reason] }
        if let reason = affinity.reasonAgainst(node) { return [reason] }
        // A node that is not ready is also tainted, but the taint comes a moment later.
        return node.isReady ? [] : [.notReady]
    }

    private func tolerates(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }

    private func toleratesTaints(of node: SchedulingNode) -> Bool {
        node.taints.allSatisfy { taint in
            (taint.effect != "NoSchedule" && taint.effect != "NoExecute") || tolerates(taint)
        }
    }

    private func hasFreePorts(_ node: SchedulingNode) -> Bool {
        guard !hostPorts.isEmpty else { return true }
        return !node.pods.values.contains { placed in
            placed.hostPorts.contains { taken in hostPorts.contains { $0.conflicts(with: taken) } }
        }
    }

    private func lackingResources(_ node: SchedulingNode) -> [UnfitReason] {
        var reasons: [UnfitReason] = []
        for (name, amount) in requests.thousandths where amount > 0 {
            let offered = node.allocatable[name]
            guard amount > offered - node.requested[name] else { continue }
            let text = name == SchedulingNode.podsResource ? "Too many pods" : "Insufficient \(name)"
            reasons.append(UnfitReason(text: text, yieldsToPreemption: amount <= offered))
        }
        return reasons.sorted()
    }
}

/// The pod affinity and anti-affinity that must hold: the pod's own, and that of the pods that are there.
struct PodAffinityRules: Sendable {
    private let affinity: [(key: String, topologies: Set<String>)]
    private let antiAffinity: [(key: String, topologies: Set<String>)]
    private let forbidden: [String: Set<String>]
    /// The pod is the first of those that want to be together, so that it may begin anywhere.
    private let isFirstOfItsKind: Bool

    init(of pod: Pod, among nodes: some Collection<SchedulingNode>, namespaceLabels: [String: [String: String]]) {
        let wanted = PodAffinityTerm.required("podAffinity", of: pod)
        let shunned = PodAffinityTerm.required("podAntiAffinity", of: pod)
        func topologies(_ term: PodAffinityTerm) -> (key: String, topologies: Set<String>) {
            var values: Set<String> = []
            for node in nodes {
                guard let value = node.labels[term.topologyKey], !values.contains(value) else { continue }
                let found = node.pods.values.contains {
                    term.matches(labels: $0.labels, namespace: $0.namespace, namespaceLabels: namespaceLabels)
                }
                if found { values.insert(value) }
            }
            return (term.topologyKey, values)
        }
        affinity = wanted.map(topologies)
        antiAffinity = shunned.map(topologies)
        let labels = pod.labels
        let namespace = pod.namespace
        isFirstOfItsKind =
            affinity.allSatisfy(\.topologies.isEmpty)
            && wanted.allSatisfy { $0.matches(labels: labels, namespace: namespace, namespaceLabels: namespaceLabels) }
        var forbidden: [String: Set<String>] = [:]
        for node in nodes {
            for placed in node.podsWithAntiAffinity.values {
                for term in placed.antiAffinity
                where term.matches(labels: labels, namespace: namespace, namespaceLabels: namespaceLabels) {
                    if let value = node.labels[term.topologyKey] {
                        forbidden[term.topologyKey, default: []].insert(value)
                    }
                }
            }
        }
        self.forbidden = forbidden
    }

    func reasonAgainst(_ node: SchedulingNode) -> UnfitReason? {
        for (key, topologies) in affinity {
            guard let value = node.labels[key] else { return .affinity }
            if !topologies.contains(value), !isFirstOfItsKind { return .affinity }
        }
        for (key, topologies) in antiAffinity {
            if let value = node.labels[key], topologies.contains(value) { return .antiAffinity }
        }
        for (key, topologies) in forbidden {
            if let value = node.labels[key], topologies.contains(value) { return .existingAntiAffinity }
        }
        return nil
    }
}
