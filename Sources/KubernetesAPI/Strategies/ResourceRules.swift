import APIMachinery
import JSON

/// What containers may ask for.
enum ResourceRules {
    private static let standard: Set<String> = ["cpu", "memory", "ephemeral-storage", "storage"]
    private static let container: Set<String> = ["cpu", "memory", "ephemeral-storage"]
    private static let countable: Set<String> = [
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ]
    private static let quota = countable.union([
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ])

    static let mustBeInteger = "must be an integer"

    /// Rules of a resource's name, which stand with its amount.
    typealias NameCheck = (_ name: String, _ field: FieldValue, _ errors: inout FieldErrors) -> Void

    /// The `ResourceRequirements` of a container, or of whatever knows other names of resources.
    static func requirements(
        _ resources: Fields, claims: Set<String>, named check: NameCheck = containerResource,
        _ errors: inout FieldErrors
    ) {
        let (limits, requests) = (resources["limits"], resources["requests"])
        for limit in limits.entries {
            check(limit.key, limit.field, &errors)
            amount(limit.key, limit.field, &errors)
            wholePages(limit.key, limit.field, &errors)
        }
        for request in requests.entries {
            check(request.key, request.field, &errors)
            amount(request.key, request.field, &errors)
            compare(request.key, request.field, limits, requests, &errors)
            wholePages(request.key, request.field, &errors)
        }
        hugePages(limits, requests, resources, &errors)
        self.claims(resources["claims"], known: claims, &errors)
    }

    private static func claims(_ field: FieldValue, known: Set<String>, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for claim in field.items {
            let (name, request) = (claim.fields["name"].text, claim.fields["request"])
            if name.isEmpty {
                errors.required(claim)
                continue
            }
            duplicates(of: claim, name, request, &seen, &errors)
            if !known.contains(name) {
                let names = known.isEmpty ? " which is empty" : ": " + known.sorted().joined(separator: ", ")
                errors.add(
                    FieldError(
                        .notFound, claim.path, value: .string(name),
                        detail: "must be one of the names in pod.spec.resourceClaims" + names))
            }
        }
    }

    /// A claim as a whole and one of its requests overlap.
    private static func duplicates(
        of claim: FieldValue, _ name: String, _ request: FieldValue, _ seen: inout Set<String>,
        _ errors: inout FieldErrors
    ) {
        if seen.contains(name) { return errors.add(.duplicate(claim.path, .string(name))) }
        errors.shape(NameRules.problemsOfLabel, request)
        let key = request.isEmpty ? name : name + "/" + request.text
        if !seen.insert(key).inserted {
            errors.add(.duplicate(claim.path, .string(key)))
        } else if request.isEmpty {
            for other in seen where other.hasPrefix(name + "/") {
                errors.add(.duplicate(claim.path, .string(name)))
            }
        }
    }

    /// What a pod costs beside its containers: as the limits of one, at the path of which problems are.
    static func overhead(_ overhead: FieldValue, at path: FieldPath, _ errors: inout FieldErrors) {
        let limits: JSONObject = ["limits": overhead.value ?? .null]
        requirements(Fields(limits, at: path), claims: [], &errors)
    }

    static func containerResource(_ name: String, _ field: FieldValue, _ errors: inout FieldErrors) {
        errors.add(problemsOfContainerResource(name), at: field.path, value: .string(name))
    }

    /// Huge pages come as a whole; their size is part of the name.
    private static func wholePages(_ name: String, _ field: FieldValue, _ errors: inout FieldErrors) {
        guard isHugePages(name), let amount = quantity(field.value) else { return }
        let size = (try? Quantity(parsing: String(name.dropFirst("hugepages-".count))))?.value ?? 0
        if size <= 0 || amount.value % size != 0 {
            errors.invalidText(field, "\(amount) is not positive integer multiple of \(name)")
        }
    }

    /// An amount of a resource: no less than nothing, and a whole number where the resource is counted.
    static func amount(_ name: String, _ field: FieldValue, _ errors: inout FieldErrors) {
        guard let quantity = quantity(field.value) else { return }
        if quantity.sign < 0 { errors.invalidText(field, "must be greater than or equal to 0") }
        if isInteger(name), quantity.milliValue % 1000 != 0 { errors.invalidText(field, mustBeInteger) }
    }

    static func quantity(_ value: JSON?) -> Quantity? {
        switch value {
        case .string(let text)?: try? Quantity(parsing: text)
        case .int(let number)?: Quantity(number)
        default: nil
        }
    }

    private static func isInteger(_ name: String) -> Bool {
        countable.contains(name) || isHugePages(name) || isExtended(name)
    }

    private static func isHugePages(_ name: String) -> Bool { name.utf8.starts(with: "hugepages-".utf8) }

    /// A resource that a node's plugins bring: with a prefix that is not Kubernetes' own.
    static func isExtended(_ name: String) -> Bool {
        !isNative(name) && !name.hasPrefix("requests.") && NameRules.problemsOfQualifiedName("requests." + name).isEmpty
    }

    static func isNative(_ name: String) -> Bool {
        !name.utf8.contains(UInt8(ascii: "/")) || name.contains("kubernetes.io/")
    }

    /// Whether requests may differ from limits.
    static func allowsOvercommit(_ name: String) -> Bool { isNative(name) && !isHugePages(name) }

    static func problemsOfContainerResource(_ name: String) -> [String] {
        if isHugePages(name) || container.contains(name) { return [] }
        var problems = problemsOfResource(name)
        if !name.contains("/") {
            problems.append("must be a standard resource for containers")
        } else if !isNative(name), !isExtended(name) {
            problems.append("doesn't follow extended resource name standard")
        }
        return problems
    }

    /// The name of a resource of any kind.
    static func problemsOfResource(_ name: String) -> [String] {
        let problems = NameRules.problemsOfQualifiedName(name)
        let isKnown = name.contains("/") || standard.contains(name) || quota.contains(name) || isHugePages(name)
        return problems.isEmpty && !isKnown ? ["must be a standard resource type or fully qualified"] : problems
    }

    /// Whether a quota counts it under a name of Kubernetes' own.
    static func isStandardForQuota(_ name: String) -> Bool {
        quota.contains(name) || isHugePages(name) || name.hasPrefix("requests.hugepages-")
    }

    static func problemsOfQuotaResource(_ name: String) -> [String] {
        var problems = NameRules.problemsOfQualifiedName(name)
        if !name.contains("/"), !isStandardForQuota(name) { problems.append("must be a standard resource for quota") }
        return problems
    }

    private static func compare(
        _ name: String, _ request: FieldValue, _ limits: FieldValue, _ requests: FieldValue,
        _ errors: inout FieldErrors
    ) {
        guard let amount = quantity(request.value) else { return }
        guard let limitValue = limits.value?[name], let limit = quantity(limitValue) else {
            if !allowsOvercommit(name) {
                errors.add(.required(limits.path, "Limit must be set for non overcommitable resources"))
            }
            return
        }
        if amount != limit, !allowsOvercommit(name) {
            let why = "must be equal to \(name) limit of \(limit)"
            errors.add(.invalid(requests.path, .string(amount.description), why))
        } else if limit < amount {
            let why = "must be less than or equal to \(name) limit of \(limit)"
            errors.add(.invalid(requests.path, .string(amount.description), why))
        }
    }

    private static func hugePages(
        _ limits: FieldValue, _ requests: FieldValue, _ resources: Fields, _ errors: inout FieldErrors
    ) {
        let names = Set((limits.value?.objectValue?.map(\.key) ?? []) + (requests.value?.objectValue?.map(\.key) ?? []))
        guard names.contains(where: isHugePages), !names.contains("cpu"), !names.contains("memory") else { return }
        errors.add(.forbidden(resources.path, "HugePages require cpu or memory"))
    }
}

extension FieldErrors {
    /// An error about a quantity, which messages show as text.
    mutating func invalidText(_ field: FieldValue, _ detail: String) {
        let text = ResourceRules.quantity(field.value)?.description ?? field.text
        add(.invalid(field.path, .string(text), detail))
    }
}
