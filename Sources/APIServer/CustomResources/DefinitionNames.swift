import APIMachinery
import JSON

/// Which names the `CustomResourceDefinition`s of a group have been given, and which are free (the naming controller of
/// Kubernetes). What a question costs hangs on one definition, however many there are.
struct DefinitionNames {
    /// Which definition has a name, by the names of resources and of kinds.
    private var resources: [String: String] = [:]
    private var kinds: [String: String] = [:]

    var isEmpty: Bool { resources.isEmpty && kinds.isEmpty }

    /// Notes that a definition has been given these names, and no others any more.
    mutating func give(_ accepted: JSON, to owner: String, before: JSON) {
        for name in Self.resourceNames(before) where resources[name] == owner { resources[name] = nil }
        for name in Self.kindNames(before) where kinds[name] == owner { kinds[name] = nil }
        for name in Self.resourceNames(accepted) where resources[name] == nil { resources[name] = owner }
        for name in Self.kindNames(accepted) where kinds[name] == nil { kinds[name] = owner }
    }

    private static func resourceNames(_ names: JSON) -> [String] {
        let all = [names.text("plural"), names.text("singular")]
        return (all + (names["shortNames"]?.arrayValue ?? []).map { $0.stringValue ?? "" }).filter { !$0.isEmpty }
    }

    private static func kindNames(_ names: JSON) -> [String] {
        [names.text("kind"), names.text("listKind")].filter { !$0.isEmpty }
    }

    struct Verdict {
        var accepted: JSON
        /// Why not all are accepted.
        var conflict: (reason: String, message: String)?
    }

    /// The names that are free, and those that were accepted before where they are not. A name that the definition has
    /// been given may stay what it is, but not become that of another of its parts.
    func judge(_ requested: JSON, accepted before: JSON, of owner: String) -> Verdict {
        var verdict = Verdict(accepted: before.isNull ? [:] : before)
        func consider(_ member: String, _ reason: String, among names: [String: String]) {
            let name = requested.text(member)
            if name != before.text(member), names[name] != nil {
                verdict.conflict = (reason, "\"\(name)\" is already in use")
            } else {
                verdict.accepted[member] = requested[member]
            }
        }
        consider("plural", "PluralConflict", among: resources)
        consider("singular", "SingularConflict", among: resources)
        let conflicts = (requested["shortNames"]?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { resources[$0].map { $0 != owner } ?? false }
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
