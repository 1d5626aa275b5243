import APIMachinery
import JSON

/// What a pod may ask for as a whole, beside its containers.
enum PodResourceRules {
    private static let names = ["cpu", "hugepages-", "memory"]

    /// Whether a resource can be asked for by a pod as a whole.
    static func isSupported(_ name: String) -> Bool {
        name == "cpu" || name == "memory" || name.hasPrefix("hugepages-")
    }

    /// - Parameter claims: the names of the pod's resource claims.
    static func check(_ spec: Fields, claims: Set<String>, _ errors: inout FieldErrors) {
        let resources = spec.fields("resources")
        if resources["claims"].isSet {
            errors.forbidden(resources["claims"], "claims cannot be set for Resources at pod-level")
        }
        if spec.fields("os")["name"].text == "windows" {
            errors.add(.forbidden(resources.path, "may not be set for a windows pod"))
        }
        ResourceRules.requirements(resources, claims: claims, named: name, &errors)
        aggregates(spec, resources, &errors)
        containerLimits(spec, resources, &errors)
        hugePages(spec, resources, &errors)
    }

    private static func name(_ name: String, _ field: FieldValue, _ errors: inout FieldErrors) {
        let problems = ResourceRules.problemsOfResource(name)
        errors.add(problems, at: field.path, value: .string(name))
        if problems.isEmpty, !isSupported(name) {
            errors.add(.notSupported(field.path, .string(name), supported: names))
        }
    }

    /// A pod asks for no less than its containers do together.
    private static func aggregates(_ spec: Fields, _ resources: Fields, _ errors: inout FieldErrors) {
        let sums = PodResources.requests(of: spec.members)
        let requests = resources["requests"]
        for (name, sum) in sums.sorted(by: { $0.key < $1.key }) where isSupported(name) {
            let amount = ResourceRules.quantity(requests.value?[name]) ?? Quantity(0)
            guard amount < sum else { continue }
            errors.add(
                .invalid(
                    requests.path.key(name), .string(amount.description),
                    "must be greater than or equal to aggregate container requests of \(sum)"))
        }
    }

    /// The paths of these errors are below those of the pod's resources, as Kubernetes has them.
    private static func containerLimits(_ spec: Fields, _ resources: Fields, _ errors: inout FieldErrors) {
        for (index, container) in spec["containers"].items.enumerated() {
            for entry in container.fields.fields("resources")["limits"].entries {
                guard let limit = ResourceRules.quantity(entry.field.value),
                    let whole = ResourceRules.quantity(resources["limits"].value?[entry.key]), whole < limit
                else { continue }
                let path = resources.path.child("containers").index(index).key(entry.key).child("limits")
                errors.add(
                    .invalid(path, .string(limit.description), "must be less than or equal to pod limits of \(whole)"))
            }
        }
    }

    /// Huge pages of a pod are no fewer than those of its containers together.
    private static func hugePages(_ spec: Fields, _ resources: Fields, _ errors: inout FieldErrors) {
        let sums = PodResources.limits(of: spec.members)
        for entry in resources["limits"].entries where entry.key.hasPrefix("hugepages-") {
            guard let whole = ResourceRules.quantity(entry.field.value), let sum = sums[entry.key], whole < sum else {
                continue
            }
            errors.invalidText(entry.field, "must be greater than or equal to aggregate container limits of \(sum)")
        }
    }
}

/// What a pod's containers ask for together.
enum PodResources {
    /// The sums of the requests of all that runs at once: the containers with the init containers that stay, or the
    /// greatest of the init containers, whichever is more.
    static func requests(of spec: JSONObject) -> [String: Quantity] { amounts(of: spec, "requests") }

    /// Likewise the limits.
    static func limits(of spec: JSONObject) -> [String: Quantity] { amounts(of: spec, "limits") }

    private static func amounts(of spec: JSONObject, _ list: String) -> [String: Quantity] {
        var running: [String: Quantity] = [:]
        for container in spec.items("containers") { running.merge(amounts(in: container, list)) { $0 + $1 } }
        // Sidecars started so far run beside each later init container.
        var sidecars: [String: Quantity] = [:]
        var greatest: [String: Quantity] = [:]
        for container in spec.items("initContainers") {
            var amounts = amounts(in: container, list)
            if container["restartPolicy"] == "Always" {
                running.merge(amounts) { $0 + $1 }
                sidecars.merge(amounts) { $0 + $1 }
                amounts = sidecars
            } else {
                amounts.merge(sidecars) { $0 + $1 }
            }
            greatest.merge(amounts, uniquingKeysWith: max)
        }
        return running.merging(greatest, uniquingKeysWith: max)
    }

    private static func amounts(in container: JSON, _ list: String) -> [String: Quantity] {
        var amounts: [String: Quantity] = [:]
        for entry in container["resources"]?[list]?.objectValue ?? [:] {
            if let amount = ResourceRules.quantity(entry.value) { amounts[entry.key] = amount }
        }
        return amounts
    }
}
