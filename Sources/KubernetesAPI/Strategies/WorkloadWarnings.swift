import APIMachinery
import JSON

/// What writers of pods and of what makes pods are told beside the answer (`pkg/api/pod/warnings.go`).
enum WorkloadWarnings {
    static func pod(_ pod: JSONObject, _ old: JSONObject?) -> [String] {
        guard old == nil else { return [] }
        return name(of: pod, use: "the Pod's hostname") + PodWarnings.warnings(of: Fields(pod), place: .root)
    }

    /// The warnings of a kind that makes pods from the template at a path: of new objects, and of changes of more than
    /// status and metadata.
    static func template(at path: [String], named: Bool) -> @Sendable (JSONObject, JSONObject?) -> [String] {
        { object, old in
            let names = named && old == nil ? podNames(of: object) : []
            guard hasNewGeneration(object, old) else { return names }
            let template = path.reduce(Fields(object)) { $0.fields($1) }
            return names + PodWarnings.warnings(of: template, place: template.path)
        }
    }

    static func hasNewGeneration(_ object: JSONObject, _ old: JSONObject?) -> Bool {
        let generation = { (object: JSONObject) in object.object("metadata")?.int("generation") ?? 0 }
        return old.map { generation($0) != generation(object) } ?? true
    }

    static func podNames(of object: JSONObject) -> [String] { name(of: object, use: "Pod names and hostnames") }

    private static func name(of object: JSONObject, use: String) -> [String] {
        let name = object.object("metadata")?.string("name") ?? ""
        let problems = NameRules.problemsOfLabel(name)
        if name.isEmpty || problems.isEmpty { return [] }
        return [
            "metadata.name: this is used in \(use), which can result in surprising behavior; a DNS label is "
                + "recommended: [\(problems.joined(separator: " "))]"
        ]
    }
}
