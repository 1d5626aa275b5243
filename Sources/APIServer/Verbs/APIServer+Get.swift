import APIMachinery
import Storage

extension APIServer {
    /// One object. Reads are always of the newest state, which is at least as new as any version that a client knows;
    /// one that is still to come is waited for, as by a list.
    func get(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let name = context.info.name ?? ""
        let representation = representation(of: resource, in: context)
        let wanted: Revision?
        do {
            wanted = try Revision.parameter(context.query["resourceVersion"] ?? "")
        } catch {
            throw error.asUnknown
        }
        let snapshot = try await snapshot(notOlderThan: wanted)
        let key = ObjectKey(resource: resource.key, namespace: context.info.namespace(of: resource), name: name)
        guard let object = snapshot[key] else { throw APIStatus.notFound(resource.groupResource, name: name) }
        return .body(
            status: 200, contentType: representation.form.mediaType.rawValue, try representation.body(of: object))
    }

    /// The newest state, once it is at least at a revision that the client has seen.
    /// - Throws: 504 where the store does not get there within three seconds (Kubernetes' own patience).
    func snapshot(notOlderThan revision: Revision?) async throws -> Snapshot {
        let snapshot = storage.snapshot
        guard let revision, revision > snapshot.revision else { return snapshot }
        let deadline = ContinuousClock.now + Self.patienceForFutureRevisions
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
            let snapshot = storage.snapshot
            if snapshot.revision >= revision { return snapshot }
        }
        throw APIStatus(
            code: 504, reason: .timeout,
            message: "Timeout: Too large resource version: \(revision), current: \(storage.snapshot.revision)",
            details: .init(
                causes: [.init(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                retryAfterSeconds: 1))
    }

    private static let patienceForFutureRevisions = Duration.seconds(3)
}

extension RequestInfo {
    /// The namespace part of an object's key: `nil` for a cluster-scoped resource.
    func namespace(of resource: ServedResource) -> String? {
        resource.definition.isNamespaced ? namespace ?? "" : nil
    }
}
