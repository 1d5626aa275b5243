import APIMachinery
import JSON
import Storage

extension APIServer {
    /// `pods/eviction`: deletes a pod where the budget of its application allows it (API-initiated eviction).
    func evict(_ subresource: Subresource, of resource: ServedResource, _ context: RequestContext) async throws
        -> Answer
    {
        let (eviction, options) = try await decode(
            subresource, of: resource, alsoAccepted: [GroupVersion(group: "policy", version: "v1beta1")], context)
        let name = context.info.name ?? ""
        guard eviction.metadataText("name") == name else {
            throw APIStatus.badRequest("name in URL does not match name in Eviction object")
        }
        var deletion = DeleteOptions()
        if let given = eviction["deleteOptions"], !given.isNull { deletion = try DeleteOptions(given) }
        deletion.isDryRun = deletion.isDryRun || options.isDryRun
        let writer = ObjectWriter(self, resource, context, isDryRun: deletion.isDryRun, subresource: "eviction")
        try await takeFromBudget(of: name, writer, context)
        let time = writer.now.description
        try await writer.modify(name) { pod in
            PodCondition.set(
                "DisruptionTarget", to: "True", of: &pod, at: time, reason: "EvictionByEvictionAPI",
                message: "Eviction API: evicting")
        }
        _ = try await writer.delete(name, deletion)
        return try success(code: 201, context)
    }

    /// Takes one disruption from the budget that counts the pod, where there is one and the pod matters to it.
    private func takeFromBudget(of name: String, _ pods: ObjectWriter, _ context: RequestContext) async throws {
        let snapshot = storage.snapshot
        guard let stored = snapshot[pods.key(name)] else { throw pods.notFound(name) }
        let pod = try pods.resource.decode(stored)
        if Self.needsNoBudget(pod) { return }
        guard let budgets = registry.contents.storageResource(DisruptionBudget.resource) else { return }
        let matching = try DisruptionBudget.all(for: stored, in: snapshot, pods.resource, budgets)
        guard let budget = matching.first else { return }
        if matching.count > 1 {
            throw APIStatus.unclassified(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
        if try budget.spares(unreadyPod: pod) { return }
        let writer = ObjectWriter(self, budgets, context, isDryRun: pods.isDryRun)
        let time = writer.now.description
        // The server counts the disruption on its own account, by way of the budget's status.
        var management = writer.fieldManagement
        management.manager = UserInfo.serverManager
        management.subresource = "status"
        management.filter = budgets.strategy.unchangeableFields(for: "status")
        try await writer.modify(budget.name, management: management) { document in
            try DisruptionBudget(document).take(name, from: &document, at: time)
        }
    }

    /// A pod that has ended, has not begun, or is going already.
    private static func needsNoBudget(_ pod: JSON) -> Bool {
        if MetadataFields(of: pod).isBeingDeleted { return true }
        return switch pod["status"]?["phase"]?.stringValue {
        case "Succeeded", "Failed", "Pending": true
        default: false
        }
    }
}

/// What an eviction needs of a `PodDisruptionBudget`.
struct DisruptionBudget {
    static let resource = GroupResource(group: "policy", resource: "poddisruptionbudgets")
    /// Evicted pods that a budget remembers until its controller has seen them go (Kubernetes' limit).
    static let maximumDisruptedPods = 2000
    /// Seconds after which to try again where the budget has not been counted yet.
    static let retryAfterSeconds = 10

    let document: JSON

    init(_ document: JSON) { self.document = document }

    var name: String { document.metadataText("name") }
    private var status: JSON { document["status"] ?? [:] }
    private func number(_ name: String) -> Int64 { status[name]?.intValue ?? 0 }

    /// The budgets of a pod's namespace that select it.
    static func all(
        for pod: StoredObject, in snapshot: Snapshot, _ pods: ServedResource, _ budgets: ServedResource
    ) throws -> [DisruptionBudget] {
        let labels = pods.attributes(of: pod).labels
        let namespace = pod.key.path.prefix { $0 != "/" }
        var found: [DisruptionBudget] = []
        var failure: (any Error)?
        snapshot.forEach(in: budgets.key, prefix: namespace + "/") { object in
            do {
                let document = try budgets.decode(object)
                let selector = try? LabelSelector(structured: document["spec"]?["selector"])
                if selector?.matches(labels) == true { found.append(DisruptionBudget(document)) }
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return found
    }

    /// Whether a pod that is not ready may go without being counted (KEP-3017).
    func spares(unreadyPod pod: JSON) throws -> Bool {
        let conditions = pod["status"]?["conditions"]?.arrayValue ?? []
        let isReady = conditions.contains {
            $0["type"]?.stringValue == "Ready" && $0["status"]?.stringValue == "True"
        }
        if isReady { return false }
        if document["spec"]?["unhealthyPodEvictionPolicy"]?.stringValue == "AlwaysAllow" { return true }
        return number("currentHealthy") >= number("desiredHealthy") && number("desiredHealthy") > 0
    }

    /// Counts one disruption.
    /// - Throws: 429 where the budget has none left, or has not been counted.
    func take(_ pod: String, from document: inout JSON, at time: String) throws(APIStatus) {
        if number("observedGeneration") < document["metadata"]?["generation"]?.intValue ?? 0 {
            throw refusal("The disruption budget \(name) is still being processed by the server.", retries: true)
        }
        let allowed = number("disruptionsAllowed")
        let resource = GroupResource(group: "policy", resource: "poddisruptionbudget")
        if allowed < 0 { throw .forbidden(resource, name: name, "pdb disruptions allowed is negative") }
        var disrupted = status["disruptedPods"]?.objectValue ?? [:]
        if disrupted.count > Self.maximumDisruptedPods {
            throw .forbidden(
                resource, name: name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller")
        }
        if allowed == 0 { throw refusal(whyNone, retries: false) }
        disrupted[pod] = .string(time)
        let entries = disrupted.members.sorted { $0.key < $1.key }
        var changed = status
        changed["disruptedPods"] = .object(JSONObject(uniqueMembers: entries))
        changed["disruptionsAllowed"] = .int(allowed - 1)
        if allowed == 1 { setInsufficient(&changed, at: time) }
        document["status"] = changed
    }

    private var whyNone: String {
        let conditions = status["conditions"]?.arrayValue ?? []
        let condition = conditions.first { $0["type"]?.stringValue == "DisruptionAllowed" }
        if let condition, condition["reason"]?.stringValue == "SyncFailed" {
            return "The disruption budget \(name) does not allow evicting pods currently because it failed sync: "
                + (condition["message"]?.stringValue ?? "")
        }
        return "The disruption budget \(name) needs \(number("desiredHealthy")) healthy pods and has "
            + "\(number("currentHealthy")) currently"
    }

    private func refusal(_ why: String, retries: Bool) -> APIStatus {
        APIStatus(
            code: 429, reason: .tooManyRequests,
            message: "Cannot evict pod as it would violate the pod's disruption budget.",
            details: .init(
                causes: [.init(reason: "DisruptionBudget", message: why)],
                retryAfterSeconds: retries ? Self.retryAfterSeconds : nil))
    }

    /// The condition that says that nothing more may go.
    private func setInsufficient(_ status: inout JSON, at time: String) {
        var conditions = status["conditions"]?.arrayValue ?? []
        let index = conditions.firstIndex { $0["type"]?.stringValue == "DisruptionAllowed" }
        var condition: JSON = ["type": "DisruptionAllowed", "status": "False"]
        if let generation = status["observedGeneration"] { condition["observedGeneration"] = generation }
        let isSame = index.map { conditions[$0]["status"]?.stringValue == "False" } ?? false
        let transition = isSame ? index.flatMap { conditions[$0]["lastTransitionTime"] } : nil
        condition["lastTransitionTime"] = transition ?? .string(time)
        condition["reason"] = "InsufficientPods"
        condition["message"] = ""
        if let index { conditions[index] = condition } else { conditions.append(condition) }
        status["conditions"] = .array(conditions)
    }
}
