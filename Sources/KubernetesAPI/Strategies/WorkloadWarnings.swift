import APIMachinery
import JSON

/// What writers of pods and of what makes pods are told beside the answer (`pkg/api/pod/warnings.go`).
enum WorkloadWarnings {
    private static let deprecatedNodeLabels = [
        "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
        "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
        "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
        "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
        "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
    ]

    static func pod(_ pod: JSONObject, _ old: JSONObject?) -> [String] {
        guard old == nil else { return [] }
        return name(of: pod, use: "the Pod's hostname") + spec(Fields(pod).fields("spec"))
    }

    /// The warnings of a kind that makes pods from the template at a path.
    static func template(at path: [String], named: Bool) -> @Sendable (JSONObject, JSONObject?) -> [String] {
        { object, old in
            let names = named && old == nil ? name(of: object, use: "Pod names and hostnames") : []
            let template = path.reduce(Fields(object)) { $0.fields($1) }
            if let old, old.value(at: path) == .object(template.members) { return names }
            return names + spec(template.fields("spec"))
        }
    }

    private static func name(of object: JSONObject, use: String) -> [String] {
        let name = object.object("metadata")?.string("name") ?? ""
        let problems = NameRules.problemsOfLabel(name)
        if name.isEmpty || problems.isEmpty { return [] }
        return [
            "metadata.name: this is used in \(use), which can result in surprising behavior; a DNS label is "
                + "recommended: [\(problems.joined(separator: " "))]"
        ]
    }

    private static func spec(_ spec: Fields) -> [String] {
        var warnings: [String] = []
        for label in spec["nodeSelector"].entries {
            guard let (version, successor) = deprecatedNodeLabels[label.key] else { continue }
            warnings.append("\(label.field.path): deprecated since \(version); use \"\(successor)\" instead")
        }
        for container in spec["containers"].items + spec["initContainers"].items {
            warnings += variables(container.fields["env"])
        }
        return warnings
    }

    private static func variables(_ field: FieldValue) -> [String] {
        var names = Set<String>()
        return field.items.compactMap { variable in
            let name = variable.fields["name"].text
            guard !names.insert(name).inserted else { return nil }
            return "\(variable.path): hides previous definition of \"\(name)\", which may be dropped when using apply"
        }
    }
}
