import APIMachinery
import JSON
import Storage

/// A write as admission sees it: after decoding and defaulting, before the kind's own preparation and validation.
struct AdmissionRequest {
    enum Operation: String, Sendable, Hashable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
        case connect = "CONNECT"
    }

    let operation: Operation
    let resource: ServedResource
    let subresource: String?
    /// Of the request; for a namespace its own name.
    let namespace: String?
    /// Empty where it is still to be generated.
    let name: String
    let user: UserInfo
    let isDryRun: Bool
    /// What is to be stored, which a plugin may change; `nil` for a deletion.
    var object: JSON?
    /// What is there; `nil` for a creation.
    let old: JSON?
    /// The store as the write finds it.
    let snapshot: Snapshot
    private(set) var warnings: [String] = []

    init(
        operation: Operation, resource: ServedResource, subresource: String?, namespace: String?, name: String,
        user: UserInfo, isDryRun: Bool, object: JSON?, old: JSON?, snapshot: Snapshot
    ) {
        self.operation = operation
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
        self.user = user
        self.isDryRun = isDryRun
        self.object = object
        self.old = old
        self.snapshot = snapshot
    }

    /// Whether the request makes an object of a kind, as a whole.
    func creates(_ kind: GroupKind) -> Bool {
        operation == .create && subresource == nil && resource.definition.groupKind == kind
    }

    /// Changes the object's `spec` in place.
    mutating func changeSpec(_ change: (inout JSONObject) -> Void) {
        object?.edit { $0.editCreating("spec", change) }
    }

    mutating func warn(_ text: String) { warnings.append(text) }

    /// A refusal in the words of `admission.NewForbidden`.
    func forbidden(_ why: String) -> APIStatus {
        var name = name
        if name.isEmpty { name = object?.metadataText("name") ?? "" }
        if name.isEmpty { name = object?.metadataText("generateName") ?? "" }
        return .forbidden(resource.groupResource, name: name, why)
    }
}

/// A step of admission: changes a write or refuses it (API concepts, "Admission control").
protocol AdmissionPlugin: Sendable {
    func admit(_ request: inout AdmissionRequest) async throws
}

/// The plugins of a server, in their order (`AdmissionPlugins`).
struct AdmissionChain: Sendable {
    private let plugins: [any AdmissionPlugin]
    let metrics: AdmissionMetrics

    init(_ plugins: [(name: String, plugin: any AdmissionPlugin)]) {
        self.plugins = plugins.map(\.plugin)
        metrics = AdmissionMetrics(names: plugins.map(\.name))
    }

    func admit(_ request: inout AdmissionRequest) async throws {
        var passage = AdmissionMetrics.Passage(pluginCount: plugins.count)
        var isRejected = true
        defer { metrics.record(passage, request.operation, isRejected: isRejected) }
        for plugin in plugins {
            defer { passage.note() }
            try await plugin.admit(&request)
        }
        isRejected = false
    }
}
