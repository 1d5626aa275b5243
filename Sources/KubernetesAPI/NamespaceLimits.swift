import APIMachinery
package import JSON

/// The limits of one LimitRange, held against what pods and claims ask for.
package struct NamespaceLimits {
    private let limits: [JSONObject]

    /// - Parameter range: a `LimitRange`.
    package init(_ range: JSON) {
        limits = (range["spec"]?["limits"]?.arrayValue ?? []).compactMap(\.objectValue)
    }

    /// What a pod has too much or too little of, in Kubernetes' words.
    package func problems(ofPod pod: JSON) -> [String] {
        let spec = pod["spec"]?.objectValue ?? [:]
        var problems: [String] = []
        for limit in limits {
            switch limit.string("type") {
            case "Container":
                for container in spec.items("containers") + spec.items("initContainers") {
                    let resources = container["resources"]
                    let amounts = Amounts(
                        requests: Self.amounts(resources?["requests"]), limits: Self.amounts(resources?["limits"]))
                    problems += check(amounts, limit, type: "Container")
                }
            case "Pod":
                let amounts = Amounts(
                    requests: PodResources.requests(of: spec), limits: PodResources.limits(of: spec))
                problems += check(amounts, limit, type: "Pod")
            default: continue
            }
        }
        return problems
    }

    /// Likewise of a claim, which has no limits.
    package func problems(ofClaim claim: JSON) -> [String] {
        let type = "PersistentVolumeClaim"
        let amounts = Amounts(requests: Self.amounts(claim["spec"]?["resources"]?["requests"]), limits: [:])
        var problems: [String] = []
        for limit in limits where limit.string("type") == type {
            for (name, least) in Self.sorted(limit["min"]) {
                problems += amounts.problem(least: least, of: name, per: type)
            }
            for (name, most) in Self.sorted(limit["max"]) {
                problems += amounts.problem(mostRequested: most, of: name, per: type)
            }
        }
        return problems
    }

    private func check(_ amounts: Amounts, _ limit: JSONObject, type: String) -> [String] {
        var problems: [String] = []
        for (name, least) in Self.sorted(limit["min"]) {
            problems += amounts.problem(least: least, of: name, per: type)
        }
        for (name, most) in Self.sorted(limit["max"]) { problems += amounts.problem(most: most, of: name, per: type) }
        for (name, ratio) in Self.sorted(limit["maxLimitRequestRatio"]) {
            problems += amounts.problem(ratio: ratio, of: name, per: type)
        }
        return problems
    }

    private static func amounts(_ list: JSON?) -> [String: Quantity] {
        var amounts: [String: Quantity] = [:]
        for entry in list?.objectValue ?? [:] { amounts[entry.key] = ResourceRules.quantity(entry.value) }
        return amounts
    }

    private static func sorted(_ list: JSON?) -> [(String, Quantity)] {
        amounts(list).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// What one container, or one pod, requests and limits.
private struct Amounts {
    var requests: [String: Quantity]
    var limits: [String: Quantity]

    func problem(least: Quantity, of name: String, per type: String) -> [String] {
        let rule = "minimum \(name) usage per \(type) is \(least)"
        guard let request = requests[name] else { return ["\(rule).  No request is specified"] }
        if request < least { return ["\(rule), but request is \(request)"] }
        if let limit = limits[name], limit < least { return ["\(rule), but limit is \(limit)"] }
        return []
    }

    func problem(most: Quantity, of name: String, per type: String) -> [String] {
        let rule = "maximum \(name) usage per \(type) is \(most)"
        guard let limit = limits[name] else { return ["\(rule).  No limit is specified"] }
        if most < limit { return ["\(rule), but limit is \(limit)"] }
        if let request = requests[name], most < request { return ["\(rule), but request is \(request)"] }
        return []
    }

    func problem(mostRequested most: Quantity, of name: String, per type: String) -> [String] {
        let rule = "maximum \(name) usage per \(type) is \(most)"
        guard let request = requests[name] else { return ["\(rule).  No request is specified"] }
        return most < request ? ["\(rule), but request is \(request)"] : []
    }

    func problem(ratio: Quantity, of name: String, per type: String) -> [String] {
        let rule = "\(name) max limit to request ratio per \(type) is \(ratio)"
        guard let request = requests[name], !request.isZero else {
            return ["\(rule), but no request is specified or request is 0"]
        }
        guard let limit = limits[name], !limit.isZero else {
            return ["\(rule), but no limit is specified or limit is 0"]
        }
        let observed = limit.approximateValue / request.approximateValue
        guard observed > ratio.approximateValue else { return [] }
        return ["\(rule), but provided ratio is \(GoNumber.sixPlaces(observed))"]
    }
}

/// What a LimitRange gives containers that say nothing.
package struct ContainerLimitDefaults {
    private static let annotation = "kubernetes.io/limit-ranger"
    private var requests = JSONObject()
    private var limits = JSONObject()

    package init(_ range: JSON) {
        for limit in range["spec"]?["limits"]?.arrayValue ?? [] where limit["type"] == "Container" {
            for entry in limit["defaultRequest"]?.objectValue ?? [:] { requests[entry.key] = entry.value }
            for entry in limit["default"]?.objectValue ?? [:] { limits[entry.key] = entry.value }
        }
    }

    /// Fills in, and notes in an annotation what and where.
    package func apply(to pod: inout JSON) {
        var notes: [String] = []
        pod.edit { pod in
            pod.edit("spec") { spec in
                spec.editItems(of: "containers") { notes += fill(&$0, "container") }
                spec.editItems(of: "initContainers") { notes += fill(&$0, "init container") }
            }
            guard !notes.isEmpty else { return }
            pod.editCreating("metadata") { metadata in
                metadata.editCreating("annotations") { annotations in
                    annotations[Self.annotation] = .string(
                        "LimitRanger plugin set: " + notes.joined(separator: "; "))
                }
            }
        }
    }

    private func fill(_ container: inout JSONObject, _ noun: String) -> [String] {
        let name = container.string("name") ?? ""
        var notes: [String] = []
        for (list, word, values) in [("requests", "request", requests), ("limits", "limit", limits)] {
            let given = container.object("resources")?.object(list) ?? [:]
            let missing = values.members.filter { !given.has($0.key) }
            guard !missing.isEmpty else { continue }
            container.editCreating("resources") { resources in
                resources.editCreating(list) { amounts in
                    for member in missing { amounts[member.key] = member.value }
                }
            }
            notes.append("\(missing.map(\.key).sorted().joined(separator: ", ")) \(word) for \(noun) \(name)")
        }
        return notes
    }
}
