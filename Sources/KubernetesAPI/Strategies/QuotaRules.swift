import APIMachinery
import JSON

/// What a quota of a namespace may look like (`ValidateResourceQuota`).
enum QuotaRules {
    private static let scopes: Set<String> = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    ]
    private static let scopesThatExist: Set<String> = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity",
    ]
    private static let opposites = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]]
    private static let computeResources: Set<String> = [
        "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory",
    ]

    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        amounts(spec["hard"], &errors)
        let hard = spec["hard"].entries.map(\.key).sorted()
        scopeList(spec["scopes"], hard: hard, &errors)
        if let selector = spec.ifPresent("scopeSelector") {
            scopeSelector(selector, scopes: spec["scopes"], hard: hard, &errors)
        }
    }

    static func status(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        if object.fields("metadata")["resourceVersion"].isEmpty { errors.add(.required(FieldPath("resourceVersion"))) }
        for list in ["hard", "used"] { amounts(object.fields("status")[list], &errors) }
    }

    private static func amounts(_ list: FieldValue, _ errors: inout FieldErrors) {
        for entry in list.entries {
            errors.add(
                ResourceRules.problemsOfQuotaResource(entry.key), at: entry.field.path, value: .string(entry.key))
            ResourceRules.amount(entry.key, entry.field, &errors)
        }
    }

    private static func scopeList(_ field: FieldValue, hard: [String], _ errors: inout FieldErrors) {
        let list = field.items.map(\.text)
        for scope in list {
            if !scopes.contains(scope) { errors.invalid(field, "unsupported scope") }
            for name in hard where !isCounted(name, in: scope) {
                errors.invalid(field, "unsupported scope applied to resource")
            }
        }
        for pair in opposites where pair.allSatisfy(list.contains) { errors.invalid(field, "conflicting scopes") }
    }

    /// Whether a resource of Kubernetes' own can be counted by a scope.
    private static func isCounted(_ name: String, in scope: String) -> Bool {
        guard ResourceRules.isStandardForQuota(name) else { return true }
        switch scope {
        case "BestEffort": return name == "pods"
        case "VolumeAttributesClass": return name == "persistentvolumeclaims" || name == "requests.storage"
        case _ where scopes.contains(scope): return name == "pods" || computeResources.contains(name)
        default: return true
        }
    }

    private static func scopeSelector(
        _ selector: Fields, scopes list: FieldValue, hard: [String], _ errors: inout FieldErrors
    ) {
        // The paths of these errors are without an index, as Kubernetes has them.
        let path = selector.path.child("matchExpressions")
        var seen = Set<String>()
        for requirement in selector["matchExpressions"].items {
            let fields = Fields(requirement.value?.objectValue ?? [:], at: path)
            let scope = fields["scopeName"].text
            if !scopes.contains(scope) { errors.invalid(fields["scopeName"], "unsupported scope") }
            for name in hard where !isCounted(name, in: scope) {
                errors.add(
                    ["unsupported scope applied to resource"], at: path, value: .object(selector.members))
            }
            operation(fields, scope: scope, &errors)
            seen.insert(scope)
        }
        for pair in opposites where pair.allSatisfy(seen.contains) {
            errors.add(["conflicting scopes"], at: path, value: list.value ?? .null)
        }
    }

    private static func operation(_ requirement: Fields, scope: String, _ errors: inout FieldErrors) {
        let (operation, values) = (requirement["operator"], requirement["values"])
        if scopesThatExist.contains(scope), operation.text != "Exists" {
            errors.invalid(
                operation,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                    + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                    + "ResourceQuotaScopeCrossNamespacePodAffinity")
        }
        switch operation.text {
        case "In", "NotIn":
            if values.isEmpty {
                errors.required(
                    values, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
            }
        case "Exists", "DoesNotExist":
            if !values.isEmpty {
                errors.invalid(
                    values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")
            }
        default: errors.invalid(operation, "not a valid selector operator")
        }
    }

    static func keepsScopes(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (scopes, before) = (object.fields("spec")["scopes"], old.fields("spec")["scopes"])
        if Set(scopes.items.map(\.text)) != Set(before.items.map(\.text)) {
            errors.invalid(scopes, "field is immutable")
        }
    }
}
