import APIMachinery
import JSON
import Storage

/// Gives pods the number behind their priority class, and the default class to those that name none (Kubernetes'
/// `Priority` plugin). A class that is to be the default may have no other beside it.
struct PodPriority: AdmissionPlugin {
    private static let pod = GroupKind(group: "", kind: "Pod")
    private static let priorityClass = GroupKind(group: "scheduling.k8s.io", kind: "PriorityClass")
    private static let classes = ResourceKey(group: "scheduling.k8s.io", resource: "priorityclasses")
    private static let preempts = "PreemptLowerPriority"

    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.subresource == nil else { return }
        switch request.resource.definition.groupKind {
        case Self.pod where request.operation == .create: try assign(&request)
        case Self.pod where request.operation == .update: keep(&request)
        case Self.priorityClass where request.operation == .delete: try keepSystemClass(request)
        case Self.priorityClass: try checkDefault(request)
        default: return
        }
    }

    private func assign(_ request: inout AdmissionRequest) throws {
        guard let spec = request.object?["spec"] else { return }
        let name = spec["priorityClassName"]?.stringValue ?? ""
        var value: Int64 = 0
        var policy = Self.preempts
        let found = try name.isEmpty ? defaultClass(request.snapshot) : namedClass(name, request)
        if let found {
            value = found["value"]?.intValue ?? 0
            policy = found["preemptionPolicy"]?.stringValue ?? Self.preempts
        }
        if let given = spec["priority"]?.intValue, given != value {
            throw request.forbidden(
                "the integer value of priority (\(given)) must not be provided in pod spec; priority admission "
                    + "controller computed \(value) from the given PriorityClass name")
        }
        if let given = spec["preemptionPolicy"]?.stringValue, given != policy {
            throw request.forbidden(
                "the string value of PreemptionPolicy (\(given)) must not be provided in pod spec; priority admission "
                    + "controller computed \(policy) from the given PriorityClass name")
        }
        request.changeSpec { spec in
            if let found { spec["priorityClassName"] = .string(found.metadataText("name")) }
            spec["priority"] = .int(value)
            spec["preemptionPolicy"] = .string(policy)
        }
    }

    private func namedClass(_ name: String, _ request: AdmissionRequest) throws -> JSON? {
        guard let found = request.snapshot[ObjectKey(resource: Self.classes, path: name)] else {
            throw request.forbidden("no PriorityClass with name \(name) was found")
        }
        return try JSON(parsing: found.bytes)
    }

    /// The default with the lowest number, should there be more than one.
    private func defaultClass(_ snapshot: Snapshot) throws -> JSON? {
        try defaults(snapshot).min { $0["value"]?.intValue ?? 0 < $1["value"]?.intValue ?? 0 }
    }

    private func defaults(_ snapshot: Snapshot) throws -> [JSON] {
        try snapshot.documents(in: Self.classes, with: Self.mark).filter { $0["globalDefault"]?.boolValue == true }
    }

    private static let mark = Array("globalDefault\":true".utf8)

    /// An update that leaves out what was computed keeps it.
    private func keep(_ request: inout AdmissionRequest) {
        guard let spec = request.object?["spec"], let old = request.old?["spec"] else { return }
        for field in ["priority", "preemptionPolicy"] where spec[field] == nil {
            if let value = old[field] { request.changeSpec { $0[field] = value } }
        }
    }

    private func keepSystemClass(_ request: AdmissionRequest) throws {
        guard ["system-node-critical", "system-cluster-critical"].contains(request.name) else { return }
        throw request.forbidden("this is a system priority class and cannot be deleted")
    }

    private func checkDefault(_ request: AdmissionRequest) throws {
        guard let object = request.object, object["globalDefault"]?.boolValue == true else { return }
        for other in try defaults(request.snapshot) where other.metadataText("name") != object.metadataText("name") {
            throw request.forbidden(
                "PriorityClass \(other.metadataText("name")) is already marked as default. Only one default can exist")
        }
    }
}
