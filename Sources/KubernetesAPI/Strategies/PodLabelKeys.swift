import APIMachinery
import JSON

/// Label keys by which pods are told apart beside a selector: a new pod's own values are merged into the selector.
enum PodLabelKeys {
    static func merge(into pod: inout JSONObject) {
        guard let labels = pod.object("metadata")?.object("labels"), !labels.isEmpty else { return }
        pod.edit("spec") { spec in
            spec.edit("affinity") { affinity in
                for name in ["podAffinity", "podAntiAffinity"] { affinity.edit(name) { terms(of: &$0, labels) } }
            }
            spec.editItems(of: "topologySpreadConstraints") { merge(["matchLabelKeys": "In"], into: &$0, labels) }
        }
    }

    private static func terms(of affinity: inout JSONObject, _ labels: JSONObject) {
        let keys = ["matchLabelKeys": "In", "mismatchLabelKeys": "NotIn"]
        affinity.editItems(of: "requiredDuringSchedulingIgnoredDuringExecution") { merge(keys, into: &$0, labels) }
        affinity.editItems(of: "preferredDuringSchedulingIgnoredDuringExecution") { preference in
            preference.edit("podAffinityTerm") { merge(keys, into: &$0, labels) }
        }
    }

    /// - Parameter operators: what the keys of a list mean for the selector.
    private static func merge(_ operators: [String: String], into term: inout JSONObject, _ labels: JSONObject) {
        guard term.has("labelSelector") else { return }
        for (list, operation) in operators.sorted(by: { $0.key < $1.key }) {
            let added: [JSON] = term.items(list).compactMap { key in
                guard let text = key.stringValue, let value = labels[text] else { return nil }
                return ["key": key, "operator": .string(operation), "values": [value]]
            }
            guard !added.isEmpty else { continue }
            term.edit("labelSelector") { selector in
                selector["matchExpressions"] = .array(selector.items("matchExpressions") + added)
            }
        }
    }
}
