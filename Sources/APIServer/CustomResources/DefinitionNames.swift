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

    /// The names that are free, and those that were accepted before where they are not.
    func judge(_ requested: JSON, accepted before: JSON) -> Verdict {
        var verdict = Verdict(accepted: before.isNull ? [:] : before)
        func refuse(_ reason: String, _ message: String) {
            verdict.conflict = (reason, message)
        }
        func consider(_ member: String, _ reason: String, among taken: Set<String>) {
            let name = requested.text(member)
            if taken.contains(name) {
                refuse(reason, "\"\(name)\" is already in use")
            } else {
                verdict.accepted[member] = requested[member]
            }
        }
        consider("plural", "PluralConflict", among: takenResources)
        consider("singular", "SingularConflict", among: takenResources)
        let shortNames = (requested["shortNames"]?.arrayValue ?? []).compactMap(\.stringValue)
        let conflicts = shortNames.filter(takenResources.contains)
        if conflicts.isEmpty {
            verdict.accepted["shortNames"] = requested["shortNames"]
        } else {
            refuse("ShortNamesConflict", conflicts.map { "\"\($0)\" is already in use" }.joined(separator: ", "))
        }
        consider("kind", "KindConflict", among: takenKinds)
        consider("listKind", "ListKindConflict", among: takenKinds)
        verdict.accepted["categories"] = requested["categories"]
        return verdict
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { self[name]?.stringValue ?? "" }
}
