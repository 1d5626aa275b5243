package import APIMachinery
package import JSON

/// What an object costs of its namespace's quotas (`pkg/quota/v1/evaluator`).
package struct QuotaUsage {
    private let resource: GroupResource
    private let object: JSONObject

    package init(_ object: JSON, of resource: GroupResource) {
        self.resource = resource
        self.object = object.objectValue ?? [:]
    }

    /// Whether an update can cost more than what was there.
    package static func countsUpdates(of resource: GroupResource) -> Bool {
        resource.group.isEmpty && ["services", "persistentvolumeclaims"].contains(resource.resource)
    }

    /// The amounts by the names under which quotas count them.
    package var amounts: [String: Quantity] {
        var amounts = ["count/\(resource)": Quantity(1)]
        guard resource.group.isEmpty else { return amounts }
        switch resource.resource {
        case "pods":
            amounts["pods"] = Quantity(1)
            amounts.merge(computeAmounts) { $1 }
        case "services": amounts.merge(serviceAmounts) { $1 }
        case "persistentvolumeclaims": amounts.merge(claimAmounts) { $1 }
        case "configmaps", "secrets", "resourcequotas", "replicationcontrollers":
            amounts[resource.resource] = Quantity(1)
        default: break
        }
        return amounts
    }

    /// Of the names that a quota limits, those that a kind of object can cost.
    package static func isCounted(_ name: String, for resource: GroupResource) -> Bool {
        if name == "count/\(resource)" { return true }
        guard resource.group.isEmpty else { return false }
        switch resource.resource {
        case "pods": return name == "pods" || isCompute(name)
        case "services": return ["services", "services.nodeports", "services.loadbalancers"].contains(name)
        case "persistentvolumeclaims":
            return name == "persistentvolumeclaims" || name == "requests.storage"
                || name.contains(".storageclass.storage.k8s.io/")
        case "configmaps", "secrets", "resourcequotas", "replicationcontrollers": return name == resource.resource
        default: return false
        }
    }

    private static let computeNames: Set<String> = [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ]

    private static func isCompute(_ name: String) -> Bool {
        computeNames.contains(name) || name.hasPrefix("hugepages-") || name.hasPrefix("requests.hugepages-")
            || name.hasPrefix("requests.") && name.contains("/")
    }

    /// Which of the names that a quota limits the object must give amounts for and does not, by container.
    package func missing(of limited: [String]) -> [(name: String, containers: [String])] {
        guard resource == GroupResource(group: "", resource: "pods") else { return [] }
        let needed = limited.filter {
            ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].contains($0)
        }
        let spec = object.object("spec") ?? [:]
        return needed.sorted().compactMap { name in
            let containers = (spec.items("containers") + spec.items("initContainers")).filter { container in
                let list = name.hasPrefix("limits.") ? "limits" : "requests"
                let resource = name.split(separator: ".").last.map(String.init) ?? name
                return container["resources"]?[list]?[resource] == nil
            }
            guard !containers.isEmpty else { return nil }
            return (name, containers.map { $0["name"]?.stringValue ?? "" }.sorted())
        }
    }
}

// Amounts by kind.
extension QuotaUsage {
    private var computeAmounts: [String: Quantity] {
        let spec = object.object("spec") ?? [:]
        let phase = object.object("status")?.string("phase")
        if phase == "Failed" || phase == "Succeeded" { return [:] }
        var amounts: [String: Quantity] = [:]
        for (name, amount) in PodResources.requests(of: spec) {
            if name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.hasPrefix("hugepages-") {
                amounts[name] = amount
            }
            amounts["requests." + name] = amount
        }
        for (name, amount) in PodResources.limits(of: spec)
        where name == "cpu" || name == "memory" || name == "ephemeral-storage" {
            amounts["limits." + name] = amount
        }
        return amounts
    }

    private var serviceAmounts: [String: Quantity] {
        let spec = object.object("spec") ?? [:]
        let ports = spec.items("ports")
        var amounts = ["services": Quantity(1)]
        switch spec.string("type") {
        case "NodePort": amounts["services.nodeports"] = Quantity(Int64(ports.count))
        case "LoadBalancer":
            amounts["services.loadbalancers"] = Quantity(1)
            let allocates = spec.bool("allocateLoadBalancerNodePorts") ?? true
            let counted = allocates ? ports : ports.filter { ($0["nodePort"]?.intValue ?? 0) != 0 }
            amounts["services.nodeports"] = Quantity(Int64(counted.count))
        default: break
        }
        return amounts
    }

    private var claimAmounts: [String: Quantity] {
        let spec = object.object("spec") ?? [:]
        let storage = ResourceRules.quantity(spec.value(at: ["resources", "requests", "storage"])) ?? .zero
        let annotation = ["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"]
        let name = object.value(at: annotation)?.stringValue ?? spec.string("storageClassName") ?? ""
        var amounts = ["persistentvolumeclaims": Quantity(1), "requests.storage": storage]
        if !name.isEmpty {
            let suffix = ".storageclass.storage.k8s.io/"
            amounts[name + suffix + "persistentvolumeclaims"] = Quantity(1)
            amounts[name + suffix + "requests.storage"] = storage
        }
        return amounts
    }
}

// Scopes.
extension QuotaUsage {
    /// Whether a quota is about the object, by its scopes.
    package func matches(quota: JSON) -> Bool {
        let spec = quota["spec"]
        let plain = (spec?["scopes"]?.arrayValue ?? []).map { Scope(name: $0.stringValue ?? "") }
        let selected = (spec?["scopeSelector"]?["matchExpressions"]?.arrayValue ?? []).map { expression in
            Scope(
                name: expression["scopeName"]?.stringValue ?? "", operation: expression["operator"]?.stringValue ?? "",
                values: (expression["values"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        return (plain + selected).allSatisfy(matches)
    }

    private struct Scope {
        var name: String
        var operation = "Exists"
        var values: [String] = []

        func selects(_ value: String) -> Bool {
            switch operation {
            case "In": values.contains(value)
            case "NotIn": !values.contains(value)
            case "Exists": !value.isEmpty
            case "DoesNotExist": value.isEmpty
            default: false
            }
        }
    }

    private func matches(_ scope: Scope) -> Bool {
        guard resource.group.isEmpty else { return false }
        let spec = object.object("spec") ?? [:]
        switch (resource.resource, scope.name) {
        case ("pods", "Terminating"): return (spec.int("activeDeadlineSeconds") ?? -1) >= 0
        case ("pods", "NotTerminating"): return (spec.int("activeDeadlineSeconds") ?? -1) < 0
        case ("pods", "BestEffort"): return PodQualityOfService.of(spec) == .bestEffort
        case ("pods", "NotBestEffort"): return PodQualityOfService.of(spec) != .bestEffort
        case ("pods", "PriorityClass"): return scope.selects(spec.string("priorityClassName") ?? "")
        case ("pods", "CrossNamespacePodAffinity"): return reachesOtherNamespaces(spec)
        case ("persistentvolumeclaims", "VolumeAttributesClass"):
            return scope.selects(spec.string("volumeAttributesClassName") ?? "")
        default: return false
        }
    }

    private func reachesOtherNamespaces(_ spec: JSONObject) -> Bool {
        let affinity = spec.object("affinity") ?? [:]
        return ["podAffinity", "podAntiAffinity"].contains { name in
            let pods = affinity.object(name) ?? [:]
            let preferred = pods.items("preferredDuringSchedulingIgnoredDuringExecution")
            let terms =
                pods.items("requiredDuringSchedulingIgnoredDuringExecution")
                + preferred.compactMap { $0["podAffinityTerm"] }
            return terms.contains { !($0["namespaces"]?.arrayValue ?? []).isEmpty || $0["namespaceSelector"] != nil }
        }
    }
}
