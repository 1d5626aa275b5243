import APIMachinery
import JSON
import Storage

extension APIServer {
    private static let flowSchemas = GroupResource(group: "flowcontrol.apiserver.k8s.io", resource: "flowschemas")
    private static let priorityLevels = GroupResource(
        group: "flowcontrol.apiserver.k8s.io", resource: "prioritylevelconfigurations")

    /// Tells each `FlowSchema` whether the priority level that it names is there (its condition `Dangling`).
    func followFlowSchemas() async throws {
        guard let schemas = registry.contents.storageResource(Self.flowSchemas),
            let levels = registry.contents.storageResource(Self.priorityLevels)?.key
        else { return }
        let key = schemas.key
        try await follow("flow schemas", where: { $0.resource == key || $0.resource == levels }) {
            try await self.judge(schemas, by: levels)
            return false
        }
    }

    private func judge(_ resource: ServedResource, by levels: ResourceKey) async throws {
        let snapshot = storage.snapshot
        for object in snapshot.objects(in: resource.key) {
            let schema = try resource.decode(object)
            let level = schema["spec"]?["priorityLevelConfiguration"]?["name"]?.stringValue ?? ""
            let isThere = snapshot[ObjectKey(resource: levels, namespace: nil, name: level)] != nil
            guard var condition = Self.danglingCondition(of: schema, level: level, isThere: isThere) else { continue }
            condition["lastTransitionTime"] = .string(environment.currentTime.description)
            try await applyStatus(
                ["conditions": .array([condition])], to: object.key.name, of: resource, by: Self.flowSchemaManager)
        }
    }

    /// Kubernetes' name for the part of the server that does this.
    private static let flowSchemaManager = "api-priority-and-fairness-config-consumer-v1"

    /// The condition that a flow schema is to have, without a time; `nil` where it has it.
    static func danglingCondition(of schema: JSON, level: String, isThere: Bool) -> JSON? {
        let subject =
            "This FlowSchema references the PriorityLevelConfiguration object named " + JSON.string(level).description
        let wanted: JSON = [
            "type": "Dangling", "status": isThere ? "False" : "True", "reason": isThere ? "Found" : "NotFound",
            "message": .string(subject + (isThere ? " and it exists" : " but there is no such object")),
        ]
        let current = schema["status"]?["conditions"]?.arrayValue?.first { $0["type"] == "Dangling" }
        let isSame = ["status", "reason", "message"].allSatisfy { current?[$0] == wanted[$0] }
        if isSame { return nil }
        return wanted
    }
}
