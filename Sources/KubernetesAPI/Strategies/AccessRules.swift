import APIMachinery
import JSON

/// What the kinds of RBAC may look like.
enum AccessRules {
    private static let group = "rbac.authorization.k8s.io"

    static func role(_ object: Fields, _ errors: inout FieldErrors) { rules(object, isNamespaced: true, &errors) }

    static func clusterRole(_ object: Fields, _ errors: inout FieldErrors) {
        rules(object, isNamespaced: false, &errors)
        guard let aggregation = object.ifPresent("aggregationRule") else { return }
        let selectors = aggregation["clusterRoleSelectors"]
        errors.require(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil")
        for selector in selectors.items { SelectorRules.check(selector, &errors) }
    }

    private static func rules(_ object: Fields, isNamespaced: Bool, _ errors: inout FieldErrors) {
        for rule in object["rules"].items.map(\.fields) {
            errors.require(rule["verbs"], "verbs must contain at least one value")
            let paths = rule["nonResourceURLs"]
            if !paths.isEmpty {
                if isNamespaced { errors.invalid(paths, "namespaced rules cannot apply to non-resource URLs") }
                if ["apiGroups", "resources", "resourceNames"].contains(where: { !rule[$0].isEmpty }) {
                    errors.invalid(paths, "rules cannot apply to both regular resources and non-resource URLs")
                }
                continue
            }
            errors.require(rule["apiGroups"], "resource rules must supply at least one api group")
            errors.require(rule["resources"], "resource rules must supply at least one resource")
        }
    }

    static func roleBinding(_ object: Fields, _ errors: inout FieldErrors) {
        binding(object, kinds: ["Role", "ClusterRole"], isNamespaced: true, &errors)
    }

    static func clusterRoleBinding(_ object: Fields, _ errors: inout FieldErrors) {
        binding(object, kinds: ["ClusterRole"], isNamespaced: false, &errors)
    }

    private static func binding(
        _ object: Fields, kinds: [String], isNamespaced: Bool, _ errors: inout FieldErrors
    ) {
        let role = object.fields("roleRef")
        if role["apiGroup"].text != group {
            errors.add(.notSupported(role["apiGroup"].path, role["apiGroup"].value ?? "", supported: [group]))
        }
        if !kinds.contains(role["kind"].text) {
            errors.add(.notSupported(role["kind"].path, role["kind"].value ?? "", supported: kinds))
        }
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, role["name"])
        for subject in object["subjects"].items.map(\.fields) {
            self.subject(subject, isNamespaced: isNamespaced, &errors)
        }
    }

    private static func subject(_ subject: Fields, isNamespaced: Bool, _ errors: inout FieldErrors) {
        errors.require(subject["name"])
        let apiGroup = subject["apiGroup"]
        switch subject["kind"].text {
        case "ServiceAccount":
            errors.shape(NameRules.problemsOfSubdomain, subject["name"])
            if !apiGroup.isEmpty { errors.add(.notSupported(apiGroup.path, apiGroup.value ?? "", supported: [""])) }
            if !isNamespaced { errors.require(subject["namespace"]) }
        case "User", "Group":
            if apiGroup.text != group {
                errors.add(.notSupported(apiGroup.path, apiGroup.value ?? "", supported: [group]))
            }
        default:
            let kind = subject["kind"]
            errors.add(.notSupported(kind.path, kind.value ?? "", supported: ["ServiceAccount", "User", "Group"]))
        }
    }

    static func keepsRole(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        guard object["roleRef"].value != old["roleRef"].value else { return }
        let role = object.fields("roleRef")
        let shown: JSON = [
            "APIGroup": .string(role["apiGroup"].text), "Kind": .string(role["kind"].text),
            "Name": .string(role["name"].text),
        ]
        errors.add(["cannot change roleRef"], at: role.path, value: shown)
    }
}
