import APIMachinery
import JSON

/// What may draw pods to nodes and to one another.
enum AffinityRules {
    private static let weights: ClosedRange<Int64> = 1...100

    static func check(_ affinity: Fields?, _ errors: inout FieldErrors) {
        guard let affinity else { return }
        if let nodes = affinity.ifPresent("nodeAffinity") { node(nodes, &errors) }
        for name in ["podAffinity", "podAntiAffinity"] {
            if let pods = affinity.ifPresent(name) { pod(pods, &errors) }
        }
    }

    private static func node(_ affinity: Fields, _ errors: inout FieldErrors) {
        if let required = affinity.ifPresent("requiredDuringSchedulingIgnoredDuringExecution") {
            nodeSelector(required, &errors)
        }
        for preference in affinity["preferredDuringSchedulingIgnoredDuringExecution"].items.map(\.fields) {
            weight(preference, &errors)
            nodeTerm(preference.fields("preference"), &errors)
        }
    }

    private static func weight(_ preference: Fields, _ errors: inout FieldErrors) {
        let weight = preference["weight"]
        if !weights.contains(weight.int ?? 0) {
            errors.add(["must be in the range 1-100"], at: weight.path, value: weight.value ?? 0)
        }
    }

    /// A `NodeSelector`.
    static func nodeSelector(_ selector: Fields, _ errors: inout FieldErrors) {
        let terms = selector["nodeSelectorTerms"]
        guard errors.require(terms, "must have at least one node selector term") else { return }
        for term in terms.items { nodeTerm(term.fields, isRequired: true, &errors) }
    }

    /// - Parameter isRequired: whether a node must match; then its values must be such as labels can have.
    private static func nodeTerm(_ term: Fields, isRequired: Bool = false, _ errors: inout FieldErrors) {
        for requirement in term["matchExpressions"].items.map(\.fields) {
            expression(requirement, &errors)
            guard isRequired else { continue }
            for value in requirement["values"].items {
                errors.add(NameRules.problemsOfLabelValue(value.text), at: value)
            }
        }
        for requirement in term["matchFields"].items.map(\.fields) { field(requirement, &errors) }
    }

    private static func expression(_ requirement: Fields, _ errors: inout FieldErrors) {
        SelectorRules.operation(requirement, comparing: true, &errors)
        errors.add(NameRules.problemsOfLabelKey(requirement["key"].text), at: requirement["key"])
    }

    private static func field(_ requirement: Fields, _ errors: inout FieldErrors) {
        let values = requirement["values"]
        if ["In", "NotIn"].contains(requirement["operator"].text) {
            if values.items.count != 1 {
                errors.required(
                    values, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
            }
        } else {
            errors.add(["not a valid selector operator"], at: requirement["operator"])
        }
        guard requirement["key"].text == "metadata.name" else {
            return errors.add(["not a valid field selector key"], at: requirement["key"])
        }
        for value in values.items { errors.add(NameRules.problemsOfSubdomain(value.text), at: value) }
    }

    private static func pod(_ affinity: Fields, _ errors: inout FieldErrors) {
        for term in affinity["requiredDuringSchedulingIgnoredDuringExecution"].items { podTerm(term.fields, &errors) }
        for preference in affinity["preferredDuringSchedulingIgnoredDuringExecution"].items.map(\.fields) {
            weight(preference, &errors)
            podTerm(preference.fields("podAffinityTerm"), &errors)
        }
    }

    private static func podTerm(_ term: Fields, _ errors: inout FieldErrors) {
        SelectorRules.check(term["labelSelector"], &errors)
        SelectorRules.check(term["namespaceSelector"], &errors)
        for namespace in term["namespaces"].items {
            errors.add(
                NameRules.problemsOfLabel(namespace.text), at: term.path.child("namespace"),
                value: namespace.value ?? "")
        }
        matchKeys(term, &errors)
        errors.require(term["topologyKey"], "can not be empty")
        errors.add(NameRules.problemsOfLabelKey(term["topologyKey"].text), at: term["topologyKey"])
    }

    /// The keys by which a term tells pods apart beside its selector. Of one that the selector names too the path is that
    /// of the term, as Kubernetes has it.
    private static func matchKeys(_ term: Fields, _ errors: inout FieldErrors) {
        for name in ["matchLabelKeys", "mismatchLabelKeys"] where !term[name].isEmpty {
            if term["labelSelector"].isSet {
                for key in term[name].items { errors.add(NameRules.problemsOfLabelKey(key.text), at: key) }
            } else {
                errors.forbidden(term[name], "must not be specified when labelSelector is not set")
            }
        }
        let keys = term["matchLabelKeys"].items
        for (index, key) in keys.enumerated() where occurrences(of: key.text, in: term.fields("labelSelector")) > 1 {
            errors.add(
                ["exists in both matchLabelKeys and labelSelector"], at: term.path.index(index), value: key.value ?? "")
        }
        let mismatched = Set(term["mismatchLabelKeys"].items.map(\.text))
        for key in keys where mismatched.contains(key.text) {
            errors.invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys")
        }
    }

    /// Likewise those of a constraint that spreads pods.
    private static func matchSpreadKeys(_ constraint: Fields, _ errors: inout FieldErrors) {
        let keys = constraint["matchLabelKeys"]
        guard !keys.isEmpty else { return }
        if !constraint["labelSelector"].isSet {
            errors.forbidden(keys, "must not be specified when labelSelector is not set")
        }
        for key in keys.items { errors.add(NameRules.problemsOfLabelKey(key.text), at: key) }
        for key in keys.items where occurrences(of: key.text, in: constraint.fields("labelSelector")) > 1 {
            errors.invalid(key, "exists in both matchLabelKeys and labelSelector")
        }
    }

    /// How often a selector names a key. Once is the server's own doing, which merges the keys into it.
    private static func occurrences(of key: String, in selector: Fields) -> Int {
        let labels = selector["matchLabels"].entries.count { $0.key == key }
        return labels + selector["matchExpressions"].items.count { $0.fields["key"].text == key }
    }

    /// The constraints that spread pods.
    static func spread(_ field: FieldValue, _ errors: inout FieldErrors) {
        let actions = ["DoNotSchedule", "ScheduleAnyway"]
        let constraints = field.items.map(\.fields)
        for (index, constraint) in constraints.enumerated() {
            let skew = constraint["maxSkew"]
            if (skew.int ?? 0) <= 0 {
                errors.add(["must be greater than zero"], at: skew.path, value: skew.value ?? 0)
            }
            errors.require(constraint["topologyKey"], "can not be empty")
            let action = constraint["whenUnsatisfiable"]
            if !actions.contains(action.text) {
                errors.add(.notSupported(action.path, action.value ?? "", supported: actions))
            }
            let pair = [constraint["topologyKey"].text, action.text]
            let later = constraints[(index + 1)...]
            if later.contains(where: { [$0["topologyKey"].text, $0["whenUnsatisfiable"].text] == pair }) {
                let text = "{\(pair[0]), \(pair[1])}"
                errors.add(.duplicate(constraint.path.child("{topologyKey, whenUnsatisfiable}"), .string(text)))
            }
            domains(constraint, &errors)
            for name in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
                errors.oneOf(["Honor", "Ignore"], constraint[name])
            }
            matchSpreadKeys(constraint, &errors)
            SelectorRules.check(constraint["labelSelector"], &errors)
        }
    }

    private static func domains(_ constraint: Fields, _ errors: inout FieldErrors) {
        let domains = constraint["minDomains"]
        guard let count = domains.int else { return }
        if count <= 0 { errors.invalid(domains, "must be greater than zero") }
        if constraint["whenUnsatisfiable"].text != "DoNotSchedule" {
            errors.invalid(
                domains,
                "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(constraint["whenUnsatisfiable"].text)"
            )
        }
    }
}
