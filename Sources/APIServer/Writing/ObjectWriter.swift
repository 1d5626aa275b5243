import APIMachinery
import JSON
import Storage

/// One write of a resource on its way to the store: the steps that every verb that changes something shares.
///
/// Documents are in the storage version, canonical and with their defaults. A write that loses a race for the object is
/// made anew from its newest state, as long as nothing that the client asked for stands against it. Belongs to the task
/// of its request.
struct ObjectWriter {
    let server: APIServer
    let resource: ServedResource
    let context: RequestContext
    /// The namespace part of the keys; `nil` for a cluster-scoped resource.
    let namespace: String?
    var isDryRun: Bool
    /// The subresource that is written, where it is not the object as a whole.
    var subresource: String?

    init(
        _ server: APIServer, _ resource: ServedResource, _ context: RequestContext, isDryRun: Bool,
        subresource: String? = nil
    ) {
        self.server = server
        self.resource = resource
        self.context = context
        namespace = resource.definition.isNamespaced ? context.info.namespace ?? "" : nil
        self.isDryRun = isDryRun
        self.subresource = subresource
    }

    var strategy: any ResourceStrategy { resource.strategy }

    func key(_ name: String) -> ObjectKey { ObjectKey(resource: resource.key, namespace: namespace, name: name) }

    var now: KubernetesTime { server.environment.currentTime }

    var stamp: ServerStamp { ServerStamp(user: context.user, time: now) }

    func notFound(_ name: String) -> APIStatus { .notFound(resource.groupResource, name: name) }

    func invalid(_ name: String, _ problems: [FieldError]) -> APIStatus {
        // A view's objects are of the kind of what they are stored as.
        let group = resource.definition.storageGroupVersion.group
        return .invalid(GroupKind(group: group, kind: resource.definition.names.kind), name: name, problems)
    }

    // MARK: Steps

    /// Puts an object into the namespace of the request, which a body may leave out.
    func place(_ object: inout JSON) {
        // A custom object outside namespaces loses the one that its body names.
        if namespace == nil, resource.definition.isCustom, !object.metadataText("namespace").isEmpty {
            object.updateMetadata { $0[.namespace] = nil }
        }
        guard let namespace, object.metadataText("namespace") != namespace else { return }
        object.updateMetadata { $0[text: .namespace] = namespace }
    }

    /// What the admission plugins make of an object, and of its owners before and after.
    func admit(
        _ object: inout JSON, replacing old: JSON?, name: String, in snapshot: Snapshot
    ) async throws {
        if let warning = OwnerReferences.deduplicate(in: &object, afterAdmission: false) { context.warn(warning) }
        var request = AdmissionRequest(
            operation: old == nil ? .create : .update, resource: resource, subresource: subresource,
            namespace: context.info.namespace, name: name, user: context.user, isDryRun: isDryRun, object: object,
            old: old, snapshot: snapshot)
        object = .null  // leaves the request the only owner, so that plugins change it in place
        try await server.admission.admit(&request)
        for warning in request.warnings { context.warn(warning) }
        guard let admitted = request.object else { return }
        object = admitted
        if let warning = OwnerReferences.deduplicate(in: &object, afterAdmission: true) { context.warn(warning) }
    }

    /// The last touches of the kind, and then the form in which the API writes it: what strategies and plugins added
    /// stands in its place, and what they emptied is written as its type writes it.
    func settle(_ object: inout JSON) throws {
        strategy.canonicalize(&object)
        try resource.complete(&object)
    }

    /// Runs a write between what its kind hands out for it and the settling of that: kept where the object was stored,
    /// given back where it was not.
    func reserving(
        for object: inout JSON, replacing old: JSON?,
        _ write: (_ object: inout JSON, _ companions: [Write]) async throws -> WriteResult
    ) async throws -> WriteResult {
        let request = ReservationRequest(
            resource: resource, subresource: subresource, namespace: namespace, isDryRun: isDryRun,
            snapshot: server.storage.snapshot)
        let reservations = try server.allocators.reserve(for: &object, replacing: old, in: request)
        do {
            let result = try await write(&object, reservations.companions)
            if case .stored = result { reservations.keep() } else { reservations.giveBack() }
            return result
        } catch {
            reservations.giveBack()
            throw error
        }
    }

    func warn(of object: JSON, replacing old: JSON?) {
        for warning in strategy.warnings(for: object, replacing: old) { context.warn(warning) }
    }

    /// Sends a write to the store.
    /// - Parameter companions: writes of other objects that happen with it, before it, or not at all.
    /// - Throws: `StorageError.conflict` where an object is not as its write expects it.
    func commit(_ write: Write, with companions: [Write] = []) async throws -> StoredObject {
        if companions.isEmpty { return try await server.storage.commit(write).object }
        let events = try await server.storage.commit(companions + [write])
        guard let last = events.last else { throw APIStatus.internalError("the store has lost a write") }
        return last.object
    }
}

extension APIStatus {
    /// An error that Kubernetes lets through from within: 500 without a reason.
    static func unclassified(_ message: String) -> APIStatus {
        APIStatus(code: 500, reason: .unknown, message: message)
    }
}

/// The revision that a client gives in `metadata.resourceVersion`.
enum GivenRevision: Hashable {
    /// Left out, or `0`.
    case none
    case some(Revision)

    /// - Throws: 500 with Go's complaint, as Kubernetes does, where it is no number.
    init(_ text: String) throws(APIStatus) {
        if text.isEmpty || text == "0" {
            self = .none
        } else if let revision = Revision(text) {
            self = .some(revision)
        } else {
            throw .unclassified("strconv.ParseUint: parsing \(JSON.string(text)): invalid syntax")
        }
    }
}
