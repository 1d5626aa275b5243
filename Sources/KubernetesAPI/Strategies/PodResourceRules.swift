import APIMachinery
import JSON

/// What a pod may ask for as a whole, beside its containers.
enum PodResourceRules {
    private static let names = ["cpu", "hugepages-", "memory"]

    /// Whether a resource can be asked for by a pod as a whole.
    static func isSupported(_ name: String) -> Bool {
        name == "cpu" || name == "memory" || name.hasPrefix("hugepages-")
    }

    static func check(_ spec: Fields, _ errors: inout FieldErrors) {
        let resources = spec.fields("resources")
        if !resources["claims"].isEmpty {
            errors.forbidden(resources["claims"], "claims cannot be set for Resources at pod-level")
        }
        for list in ["limits", "requests"] {
            for entry in resources[list].entries where !isSupported(entry.key) {
                errors.add(.notSupported(entry.field.path, .string(entry.key), supported: names))
            }
        }
        ResourceRules.requirements(
            Fields(resources.members.filtered { $0 != "claims" }, at: resources.path), claims: [], &errors)
        aggregates(spec, resources, &errors)
        containerLimits(spec, resources, &errors)
    }

    /// A pod asks for no less than its containers do together.
    private static func aggregates(_ spec: Fields, _ resources: Fields, _ errors: inout FieldErrors) {
        let sums = PodResources.requests(of: spec.members)
        for entry in resources["requests"].entries {
            guard let amount = ResourceRules.quantity(entry.field.value), let sum = sums[entry.key], amount < sum else {
                continue
            }
            errors.invalidText(entry.field, "must be greater than or equal to aggregate container requests of \(sum)")
        }
    }

    private static func containerLimits(_ spec: Fields, _ resources: Fields, _ errors: inout FieldErrors) {
        for container in spec["containers"].items {
            for entry in container.fields.fields("resources")["limits"].entries {
                guard let limit = ResourceRules.quantity(entry.field.value),
                    let whole = ResourceRules.quantity(resources["limits"].value?[entry.key]), whole < limit
                else { continue }
                errors.invalidText(entry.field, "must be less than or equal to pod limits of \(whole)")
            }
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

extension JSONObject {
    /// The members whose names pass a test.
    func filtered(_ isKept: (String) -> Bool) -> JSONObject {
        var kept = JSONObject(minimumCapacity: count)
        for member in self where isKept(member.key) { kept[member.key] = member.value }
        return kept
    }
}
