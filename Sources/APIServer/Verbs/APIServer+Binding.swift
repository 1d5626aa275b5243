import APIMachinery
import JSON

extension APIServer {
    /// `pods/binding`: gives a pod its node.
    func bind(_ subresource: Subresource, of resource: ServedResource, _ context: RequestContext) async throws -> Answer
    {
        let (binding, options) = try await decode(subresource, of: resource, context)
        guard binding.metadataText("name") == context.info.name else {
            throw APIStatus.badRequest("name in URL does not match name in Binding object")
        }
        try await assign(binding, pods: resource, isDryRun: options.isDryRun, context)
        return try success(code: 201, context)
    }

    /// Does what a `Binding` asks for, sent to the pod or to the collection of bindings.
    func assign(_ binding: JSON, pods: ServedResource, isDryRun: Bool, _ context: RequestContext) async throws {
        try Self.validate(binding)
        let name = binding.metadataText("name")
        let writer = ObjectWriter(self, pods, context, isDryRun: isDryRun, subresource: "binding")
        let time = writer.now.description
        try await writer.modify(
            name, uid: binding.metadataText("uid"), resourceVersion: binding.metadataText("resourceVersion")
        ) { pod in
            if let why = Self.obstacle(to: pod, name) {
                throw APIStatus.conflict(GroupResource(group: "", resource: "pods/binding"), name: name, why)
            }
            Self.assign(&pod, binding, at: time)
        }
    }

    private static func validate(_ binding: JSON) throws(APIStatus) {
        let target = binding["target"]
        var problems: [FieldError] = []
        let kind = target?["kind"]?.stringValue ?? ""
        if !kind.isEmpty, kind != "Node" {
            problems.append(
                .notSupported(FieldPath("target", "kind"), .string(kind), supported: ["Node", "<empty>"]))
        }
        if target?["name"]?.stringValue ?? "" == "" { problems.append(.required(FieldPath("target", "name"))) }
        guard let first = problems.first else { return }
        let text =
            problems.count == 1
            ? first.description : "[" + problems.map(\.description).joined(separator: ", ") + "]"
        throw .unclassified(text)
    }

    /// Why a pod takes no node; `nil` where it does.
    private static func obstacle(to pod: JSON, _ name: String) -> String? {
        if MetadataFields(of: pod).isBeingDeleted {
            return "pod \(name) is being deleted, cannot be assigned to a host"
        }
        let node = pod["spec"]?["nodeName"]?.stringValue ?? ""
        if !node.isEmpty { return "pod \(name) is already assigned to node \"\(node)\"" }
        if pod["spec"]?["schedulingGates"]?.arrayValue?.isEmpty == false {
            return "pod \(name) has non-empty .spec.schedulingGates"
        }
        return nil
    }

    private static func assign(_ pod: inout JSON, _ binding: JSON, at time: String) {
        var spec = pod["spec"] ?? [:]
        spec["nodeName"] = binding["target"]?["name"]
        pod["spec"] = spec
        pod.updateMetadata { metadata in
            metadata[.annotations] = metadata[.annotations].merging(binding["metadata"]?["annotations"])
            metadata[.labels] = metadata[.labels].merging(binding["metadata"]?["labels"])
        }
        PodCondition.set("PodScheduled", to: "True", of: &pod, at: time)
    }
}

/// Conditions of a pod's status.
enum PodCondition {
    /// Sets a condition; its transition time is kept where the status was the same.
    static func set(
        _ type: String, to value: String, of pod: inout JSON, at time: String, reason: String = "", message: String = ""
    ) {
        var status = pod["status"] ?? [:]
        var conditions = status["conditions"]?.arrayValue ?? []
        let index = conditions.firstIndex { $0["type"]?.stringValue == type }
        let isSame = index.map { conditions[$0]["status"]?.stringValue == value } ?? false
        let transition = isSame ? index.flatMap { conditions[$0]["lastTransitionTime"] } : nil
        var condition: JSON = ["type": .string(type)]
        if let generation = pod["metadata"]?["generation"], status["observedGeneration"] != nil {
            condition["observedGeneration"] = generation
        }
        condition["status"] = .string(value)
        condition["lastProbeTime"] = .null
        condition["lastTransitionTime"] = transition ?? .string(time)
        if !reason.isEmpty { condition["reason"] = .string(reason) }
        if !message.isEmpty { condition["message"] = .string(message) }
        if let index { conditions[index] = condition } else { conditions.append(condition) }
        status["conditions"] = .array(conditions)
        pod["status"] = status
    }
}

extension JSON? {
    /// A map of texts with the entries of another, keys in order; `nil` where both are empty.
    fileprivate func merging(_ other: JSON?) -> JSON? {
        guard let other, case .object(let added) = other, !added.isEmpty else { return self }
        var object = self?.objectValue ?? [:]
        for member in added.members { object[member.key] = member.value }
        return .object(JSONObject(uniqueMembers: object.members.sorted { $0.key < $1.key }))
    }
}
