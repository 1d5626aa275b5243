import APIMachinery
import JSON

/// Which names of a `CustomResourceDefinition` no other one of its group has (the naming controller of Kubernetes).
struct DefinitionNames {
    /// Names of resources and kinds that others of the group have accepted.
    var takenResources: Set<String> = []
    var takenKinds: Set<String> = []

    /// Notes the names that a definition has been given.
    mutating func take(_ accepted: JSON) {
        for name in ["plural", "singular"] { takenResources.insert(accepted.text(name)) }
        for name in accepted["shortNames"]?.arrayValue ?? [] { takenResources.insert(name.stringValue ?? "") }
        for name in ["kind", "listKind"] { takenKinds.insert(accepted.text(name)) }
        takenResources.remove("")
        takenKinds.remove("")
    }

    struct Verdict {
        var accepted: JSON
        /// Why not all are accepted.
        var conflict: (reason: String, message: String)?
    }

    /// The names that are free, and those that were accepted before where they are not. A name that the definition has
    /// been given may stay what it is, but not become that of another of its parts.
    func judge(_ requested: JSON, accepted before: JSON) -> Verdict {
        var verdict = Verdict(accepted: before.isNull ? [:] : before)
        var own = DefinitionNames()
        own.take(before)
        func consider(_ member: String, _ reason: String, among taken: Set<String>) {
            let name = requested.text(member)
            if name != before.text(member), taken.contains(name) {
                verdict.conflict = (reason, "\"\(name)\" is already in use")
            } else {
                verdict.accepted[member] = requested[member]
            }
        }
        let resources = takenResources.union(own.takenResources)
        let kinds = takenKinds.union(own.takenKinds)
        consider("plural", "PluralConflict", among: resources)
        consider("singular", "SingularConflict", among: resources)
        let conflicts = (requested["shortNames"]?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { takenResources.contains($0) && !own.takenResources.contains($0) }
        if conflicts.isEmpty {
            verdict.accepted["shortNames"] = requested["shortNames"]
        } else {
            let texts = conflicts.map { "\"\($0)\" is already in use" }
            verdict.conflict = (
                "ShortNamesConflict", texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
            )
        }
        consider("kind", "KindConflict", among: kinds)
        consider("listKind", "ListKindConflict", among: kinds)
        verdict.accepted["categories"] = requested["categories"]
        return verdict
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { self[name]?.stringValue ?? "" }
}
