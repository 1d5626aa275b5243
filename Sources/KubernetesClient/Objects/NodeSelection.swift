package import JSON

/// One `nodeSelectorTerm`: conditions on a node's labels and on its name, all of which must hold.
package struct NodeSelectorTerm: Sendable, Hashable {
    private struct Requirement: Sendable, Hashable {
        var key: String
        var `operator`: String
        var values: [String]

        init(_ json: JSON) {
            key = json["key"]?.stringValue ?? ""
            `operator` = json["operator"]?.stringValue ?? ""
            values = json["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }

        func holds(for value: String?) -> Bool {
            switch `operator` {
            case "In": value.map(values.contains) ?? false
            case "NotIn": value.map { !values.contains($0) } ?? true
            case "Exists": value != nil
            case "DoesNotExist": value == nil
            case "Gt": compared(value, >)
            case "Lt": compared(value, <)
            default: false
            }
        }

        private func compared(_ value: String?, _ holds: (Int64, Int64) -> Bool) -> Bool {
            guard let value = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return holds(value, bound)
        }
    }

    private var expressions: [Requirement]
    private var fields: [Requirement]

    package init(_ json: JSON) {
        expressions = json["matchExpressions"]?.arrayValue?.map(Requirement.init) ?? []
        fields = json["matchFields"]?.arrayValue?.map(Requirement.init) ?? []
    }

    /// A term without any condition selects no node.
    package func matches(labels: [String: String], nodeName: String) -> Bool {
        guard !expressions.isEmpty || !fields.isEmpty else { return false }
        return expressions.allSatisfy { $0.holds(for: labels[$0.key]) }
            && fields.allSatisfy { $0.key == "metadata.name" && $0.holds(for: nodeName) }
    }
}

/// The nodes on which a pod may run: its `nodeSelector` and the affinity that is required of nodes.
package struct RequiredNodes: Sendable, Hashable {
    private var labels: [String: String]
    private var terms: [NodeSelectorTerm]?

    package init(podSpec: JSON) {
        labels = podSpec["nodeSelector"]?.stringMap ?? [:]
        terms = podSpec["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?[
            "nodeSelectorTerms"]?.arrayValue?.map(NodeSelectorTerm.init)
    }

    package func match(labels nodeLabels: [String: String], nodeName: String) -> Bool {
        labels.allSatisfy { nodeLabels[$0.key] == $0.value }
            && (terms?.contains { $0.matches(labels: nodeLabels, nodeName: nodeName) } ?? true)
    }
}
