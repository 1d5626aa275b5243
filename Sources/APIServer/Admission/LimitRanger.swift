import APIMachinery
import JSON
import KubernetesAPI
import Storage

/// Gives containers what their namespace's limits say by default, and refuses pods and claims beyond the limits
/// (Kubernetes' plugin of this name).
struct LimitRanger: AdmissionPlugin {
    private static let ranges = ResourceKey(group: "", resource: "limitranges")
    private static let pod = GroupKind(group: "", kind: "Pod")
    private static let claim = GroupKind(group: "", kind: "PersistentVolumeClaim")

    func admit(_ request: inout AdmissionRequest) async throws {
        guard let namespace = request.namespace, Self.isLimited(request) else { return }
        let ranges = try request.snapshot.documents(in: Self.ranges, prefix: namespace + "/")
        guard !ranges.isEmpty, var object = request.object else { return }
        let isPod = request.resource.definition.groupKind == Self.pod
        if isPod, request.operation == .create {
            for range in ranges { ContainerLimitDefaults(range).apply(to: &object) }
            request.object = object
        }
        for range in ranges {
            let limits = NamespaceLimits(range)
            let problems = isPod ? limits.problems(ofPod: object) : limits.problems(ofClaim: object)
            if !problems.isEmpty { throw request.forbidden(Self.aggregate(problems)) }
        }
    }

    /// What a pod asks for changes by its `resize` alone.
    private static func isLimited(_ request: AdmissionRequest) -> Bool {
        let kind = request.resource.definition.groupKind
        switch request.operation {
        case .create: return request.subresource == nil && (kind == pod || kind == claim)
        case .update: return kind == claim ? request.subresource == nil : kind == pod && request.subresource == "resize"
        case .delete, .connect: return false
        }
    }

    /// As Kubernetes writes several errors as one.
    private static func aggregate(_ problems: [String]) -> String {
        var unique: [String] = []
        for problem in problems where !unique.contains(problem) { unique.append(problem) }
        return unique.count == 1 ? unique[0] : "[" + unique.joined(separator: ", ") + "]"
    }
}
