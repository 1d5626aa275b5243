import APIMachinery
import JSON
import KubernetesClient

/// One of a pod's `topologySpreadConstraints` that must hold, with the pods that count in each of its topologies.
struct TopologySpread: Sendable {
    private let key: String
    private let maximumSkew: Int64
    private let counts: [String: Int64]
    private let selfMatches: Int64
    private let minimum: Int64

    static func required(
        of pod: Pod, among nodes: some Collection<SchedulingNode>, eligible: (SchedulingNode) -> Bool
    ) -> [TopologySpread] {
        (pod.spec["topologySpreadConstraints"]?.arrayValue ?? [])
            .filter { ($0["whenUnsatisfiable"]?.stringValue ?? "DoNotSchedule") == "DoNotSchedule" }
            .map { TopologySpread($0, of: pod, among: nodes, eligible: eligible) }
    }

    private init(
        _ json: JSON, of pod: Pod, among nodes: some Collection<SchedulingNode>, eligible: (SchedulingNode) -> Bool
    ) {
        key = json["topologyKey"]?.stringValue ?? ""
        maximumSkew = json["maxSkew"]?.intValue ?? 1
        let labels = pod.labels
        let same = json["matchLabelKeys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let selector = LabelSelector(member: json["labelSelector"])
        func counts(_ other: [String: String]) -> Bool {
            (selector?.matches(other) ?? false) && same.allSatisfy { other[$0] == labels[$0] }
        }
        let ignoresAffinity = json["nodeAffinityPolicy"]?.stringValue == "Ignore"
        var found: [String: Int64] = [:]
        for node in nodes where ignoresAffinity || eligible(node) {
            guard let value = node.labels[key] else { continue }
            let here = node.pods.values.count {
                !$0.isTerminating && $0.namespace == pod.namespace && counts($0.labels)
            }
            found[value, default: 0] += Int64(here)
        }
        self.counts = found
        selfMatches = counts(labels) ? 1 : 0
        let fewDomains = Int64(found.count) < json["minDomains"]?.intValue ?? 1
        minimum = fewDomains ? 0 : found.values.min() ?? 0
    }

    static func reason(against node: SchedulingNode, of constraints: [TopologySpread]) -> UnfitReason? {
        for constraint in constraints {
            guard let value = node.labels[constraint.key] else { return .spreadLabel }
            let count = constraint.counts[value] ?? 0
            if count + constraint.selfMatches - constraint.minimum > constraint.maximumSkew { return .spread }
        }
        return nil
    }
}
