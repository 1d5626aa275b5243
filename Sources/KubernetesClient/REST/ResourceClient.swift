import JSON

/// The requests about one resource, in one namespace or in all.
///
/// Every method throws `APIStatus` where the server refused, `TransportError` where there was no answer, and
/// `CancellationError` where the task was cancelled.
public struct ResourceClient: Sendable {
    /// How much longer than the server's own timeout a watch is waited for.
    static let watchGrace: Duration = .seconds(30)

    public let client: APIClient
    public let resource: APIResource
    /// `nil` for all namespaces, or for a resource outside them.
    public let namespace: String?
    var isMetadataOnly = false

    init(client: APIClient, resource: APIResource, namespace: String?) {
        self.client = client
        self.resource = resource
        self.namespace = namespace
    }

    /// The same resource in a namespace.
    public func inNamespace(_ namespace: String) -> ResourceClient {
        ResourceClient(client: client, resource: resource, namespace: namespace)
    }

    public func get(_ name: String, resourceVersion: String? = nil) async throws -> KubernetesObject {
        var query = Query()
        query.add("resourceVersion", resourceVersion)
        return try await object(.get, path(name), query)
    }

    /// One page, or all of the collection where `options` set no limit.
    public func list(_ options: ListOptions = ListOptions()) async throws -> ObjectList {
        let json = try await client.request(.get, path(nil) + options.query.text, accept: acceptedList)
        return try ObjectList(json, of: resource)
    }

    /// All of the collection, a page at a time, as one revision's state.
    ///
    /// Where the pages' revision is compacted meanwhile (410), lists anew without pages.
    public func listAll(selection: ObjectSelection = .all, pageLimit: Int = 500) async throws -> ObjectList {
        var list = try await self.list(ListOptions(selection: selection, limit: pageLimit))
        do {
            while !list.continueToken.isEmpty {
                let page = try await self.list(
                    ListOptions(selection: selection, limit: pageLimit, continueToken: list.continueToken))
                list.items += page.items
                list.continueToken = page.continueToken
            }
        } catch  where error.isExpired {
            return try await self.list(ListOptions(selection: selection))
        }
        list.remainingItemCount = nil
        return list
    }

    /// The events of the collection. Returns when the server has begun the watch.
    public func watch(_ options: WatchOptions = WatchOptions()) async throws -> WatchStream {
        let timeout = options.timeoutSeconds.map { Duration.seconds($0) + Self.watchGrace }
        let response = try await client.open(
            .get, path(nil) + options.query.text, accept: acceptedObject, timeout: timeout)
        return WatchStream(body: response.body)
    }

    /// - Returns: the object as it was stored.
    public func create(_ object: KubernetesObject, _ options: WriteOptions = WriteOptions()) async throws
        -> KubernetesObject
    {
        let path = resource.path(namespace: namespace ?? object.namespace)
        return try await self.object(.post, path, options.query, object.json)
    }

    /// Replaces an object; where it carries a `resourceVersion`, only that very state (409 otherwise).
    public func update(_ object: KubernetesObject, _ options: WriteOptions = WriteOptions()) async throws
        -> KubernetesObject
    {
        try await self.object(.put, path(object), options.query, object.json)
    }

    /// Replaces an object's `status` and nothing else.
    public func updateStatus(_ object: KubernetesObject, _ options: WriteOptions = WriteOptions()) async throws
        -> KubernetesObject
    {
        try await self.object(.put, path(object, "status"), options.query, object.json)
    }

    public func patch(
        _ name: String, _ patch: Patch, subresource: String? = nil, _ options: WriteOptions = WriteOptions()
    ) async throws -> KubernetesObject {
        var query = options.query
        if case .apply(_, let fieldManager, let force) = patch {
            query =
                WriteOptions(
                    isDryRun: options.isDryRun, fieldManager: fieldManager, fieldValidation: options.fieldValidation
                ).query
            query.add("force", ifSet: force)
        }
        return KubernetesObject(
            try await client.request(
                .patch, path(name, subresource) + query.text, body: patch.body, contentType: patch.contentType))
    }

    /// Server-side apply of an object under its own name.
    public func apply(
        _ object: KubernetesObject, fieldManager: String, force: Bool = false, subresource: String? = nil
    ) async throws -> KubernetesObject {
        try await inNamespace(of: object).patch(
            object.name, .apply(object.json, fieldManager: fieldManager, force: force), subresource: subresource)
    }

    /// - Returns: the object where it stays for now (finalizers, a grace period), `nil` where it is gone.
    @discardableResult
    public func delete(_ name: String, _ options: DeleteOptions = DeleteOptions()) async throws -> KubernetesObject? {
        let json = try await client.request(.delete, path(name), body: options.json)
        return json["kind"]?.stringValue == "Status" ? nil : KubernetesObject(json)
    }

    public func deleteCollection(
        _ options: DeleteOptions = DeleteOptions(), selection: ObjectSelection = .all
    ) async throws {
        _ = try await client.request(
            .delete, path(nil) + ListOptions(selection: selection).query.text, body: options.json)
    }
}

// Subresources.
extension ResourceClient {
    public func getSubresource(_ subresource: String, of name: String) async throws -> KubernetesObject {
        try await object(.get, path(name, subresource), Query())
    }

    public func updateSubresource(
        _ subresource: String, of name: String, _ object: KubernetesObject, _ options: WriteOptions = WriteOptions()
    ) async throws -> KubernetesObject {
        try await self.object(.put, path(name, subresource), options.query, object.json)
    }

    public func createSubresource(
        _ subresource: String, of name: String, _ object: KubernetesObject, _ options: WriteOptions = WriteOptions()
    ) async throws -> KubernetesObject {
        try await self.object(.post, path(name, subresource), options.query, object.json)
    }

    /// The `autoscaling/v1` Scale of an object.
    public func getScale(_ name: String) async throws -> KubernetesObject {
        try await getSubresource("scale", of: name)
    }

    /// Sets the number of replicas, whatever it was.
    public func scale(_ name: String, replicas: Int) async throws -> KubernetesObject {
        try await patch(name, .merge(["spec": ["replicas": .int(Int64(replicas))]]), subresource: "scale")
    }

    /// Binds a pod to a node.
    public func bind(pod name: String, uid: String? = nil, toNode node: String) async throws {
        var binding: JSON = [
            "apiVersion": "v1", "kind": "Binding", "metadata": ["name": .string(name)],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
        ]
        if let namespace { binding["metadata"]?["namespace"] = .string(namespace) }
        if let uid { binding["metadata"]?["uid"] = .string(uid) }
        _ = try await client.request(.post, path(name, "binding"), body: binding)
    }

    /// Deletes a pod unless a disruption budget forbids it (429).
    public func evict(pod name: String, _ options: DeleteOptions? = nil) async throws {
        var eviction: JSON = [
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(name)],
        ]
        if let namespace { eviction["metadata"]?["namespace"] = .string(namespace) }
        eviction["deleteOptions"] = options?.json
        _ = try await client.request(.post, path(name, "eviction"), body: eviction)
    }

    /// Replaces a namespace's `spec.finalizers`.
    public func finalize(_ object: KubernetesObject) async throws -> KubernetesObject {
        try await self.object(.put, path(object, "finalize"), Query(), object.json)
    }
}

extension ResourceClient {
    private func path(_ name: String?, _ subresource: String? = nil) -> String {
        resource.path(namespace: namespace, name: name, subresource: subresource)
    }

    private func path(_ object: KubernetesObject, _ subresource: String? = nil) -> String {
        resource.path(namespace: namespace ?? object.namespace, name: object.name, subresource: subresource)
    }

    private func inNamespace(of object: KubernetesObject) -> ResourceClient {
        namespace == nil && !object.namespace.isEmpty ? inNamespace(object.namespace) : self
    }

    private func object(
        _ method: TransportRequest.Method, _ path: String, _ query: Query, _ body: JSON? = nil
    ) async throws -> KubernetesObject {
        KubernetesObject(try await client.request(method, path + query.text, body: body, accept: acceptedObject))
    }
}
