import APIMachinery
import JSON

/// How the node affinity of a pod may change while gates keep it from being scheduled: it may get stricter
/// (`validateNodeAffinityMutation`).
enum GatedAffinityRules {
    private static let lists = ["matchExpressions", "matchFields"]

    /// Where no node was asked for, any may be; where some were, their terms may be added to.
    static func check(_ spec: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let before = terms(of: old)
        guard !before.isEmpty, terms(of: spec).value != before.value else { return }
        let now = terms(of: spec)
        guard before.items.count == now.items.count else {
            return errors.add(
                ["no additions/deletions to non-empty NodeSelectorTerms list are allowed"], at: now.path,
                value: now.isSet ? .array(now.items.map { shown($0.fields) }) : .null)
        }
        for (term, stored) in zip(now.items, before.items) where !hasOnlyAdditions(term.fields, to: stored.fields) {
            errors.add(
                ["only additions are allowed (no mutations or deletions)"], at: term.path, value: shown(term.fields))
        }
    }

    private static func terms(of spec: Fields) -> FieldValue {
        spec.fields("affinity").fields("nodeAffinity").fields("requiredDuringSchedulingIgnoredDuringExecution")[
            "nodeSelectorTerms"]
    }

    private static func hasOnlyAdditions(_ term: Fields, to old: Fields) -> Bool {
        // A term that asks for nothing matches no node, and would match some.
        if lists.allSatisfy({ old[$0].isEmpty }) { return lists.allSatisfy { term[$0].isEmpty } }
        return lists.allSatisfy { list in
            term[list].items.map(\.value).starts(with: old[list].items.map(\.value))
        }
    }

    /// A term as messages show it: by the names of Kubernetes' internal fields.
    static func shown(_ term: Fields) -> JSON {
        func requirements(_ list: String) -> JSON {
            guard term[list].isSet else { return .null }
            return .array(
                term[list].items.map(\.fields).map { requirement in
                    [
                        "Key": .string(requirement["key"].text), "Operator": .string(requirement["operator"].text),
                        "Values": requirement["values"].value ?? .null,
                    ]
                })
        }
        return ["MatchExpressions": requirements("matchExpressions"), "MatchFields": requirements("matchFields")]
    }
}
