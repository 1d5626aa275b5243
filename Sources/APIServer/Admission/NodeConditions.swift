import APIMachinery
import JSON

/// Lets pods stay for a while on a node that fails (Kubernetes' `DefaultTolerationSeconds`).
struct DefaultTolerations: AdmissionPlugin {
    /// Seconds that a pod stays on a node that is not ready or cannot be reached.
    static let seconds: Int64 = 300
    private static let pod = GroupKind(group: "", kind: "Pod")
    private static let keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]

    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.operation == .create || request.operation == .update, request.subresource == nil,
            request.resource.definition.groupKind == Self.pod, let spec = request.object?["spec"]
        else { return }
        let given = spec["tolerations"]?.arrayValue ?? []
        var tolerations = given
        for key in Self.keys where !given.contains(where: { Self.tolerates($0, key) }) {
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": .int(Self.seconds),
            ])
        }
        guard tolerations.count != given.count else { return }
        request.changeSpec { $0["tolerations"] = .array(tolerations) }
    }

    private static func tolerates(_ toleration: JSON, _ key: String) -> Bool {
        let ownKey = toleration["key"]?.stringValue ?? ""
        let effect = toleration["effect"]?.stringValue ?? ""
        return (ownKey.isEmpty || ownKey == key) && (effect.isEmpty || effect == "NoExecute")
    }
}

/// A new node takes no pods until it is found ready (Kubernetes' `TaintNodesByCondition`).
struct NodeReadinessTaint: AdmissionPlugin {
    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.creates(GroupKind(group: "", kind: "Node")), var object = request.object else { return }
        var spec = object["spec"] ?? [:]
        var taints = spec["taints"]?.arrayValue ?? []
        let key: JSON = "node.kubernetes.io/not-ready"
        guard !taints.contains(where: { $0["key"] == key && $0["effect"] == "NoSchedule" }) else { return }
        taints.append(["key": key, "effect": "NoSchedule"])
        spec["taints"] = .array(taints)
        object["spec"] = spec
        request.object = object
    }
}
