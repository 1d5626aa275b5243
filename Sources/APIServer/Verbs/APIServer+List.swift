import APIMachinery
import HTTPTransport
import Storage

extension APIServer {
    /// A collection, or a page of it: all at one revision.
    func list(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let representation = representation(of: resource, in: context)
        let options = try ListOptions(context.query, isWatch: false, of: resource)
        let plan = try ListPlan(options)
        let snapshot = try await snapshot(for: plan, of: resource, context)
        if representation.isVerbatim, plan.isWhole(of: resource) {
            let prefix = resource.pathPrefix(in: context.info.namespace)
            return .body(
                status: 200, contentType: representation.form.mediaType.rawValue,
                wholeLists.body(of: resource, prefix: prefix, revision: snapshot.revision) {
                    representation.wholeList(of: snapshot, prefix: prefix)
                })
        }
        let page = ListPage(of: resource, in: snapshot, namespace: context.info.namespace, plan: plan)
        return .body(
            status: 200, contentType: representation.form.mediaType.rawValue,
            try representation.list(page.objects, metadata: page.metadata))
    }

    func snapshot(
        for plan: ListPlan, of resource: ServedResource, _ context: RequestContext
    ) async throws -> Snapshot {
        switch plan.state {
        case .newest: return storage.snapshot
        case .notOlderThan(let revision): return try await snapshot(notOlderThan: revision)
        case .exactly(let revision):
            let newest = try await snapshot(notOlderThan: revision)
            if newest.revision == revision { return newest }
            do {
                return try storage.snapshot(at: revision)
            } catch {
                guard case .compacted = error else { throw error }
                throw expired(plan, of: resource, context)
            }
        }
    }

    /// 410 for a state that is no longer kept. A list that was being paged gets a token to go on with at the newest
    /// state, at the price of one consistent view (API concepts, "410 Gone responses").
    private func expired(_ plan: ListPlan, of resource: ServedResource, _ context: RequestContext) -> APIStatus {
        guard let token = plan.token else {
            return .expired("The resourceVersion for the provided list is too old.")
        }
        var next = token
        next.revision = nil
        return .expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the remainder "
                + "of the results. Continuing with the provided token results in an inconsistent list - objects that "
                + "were created, modified, or deleted between the time the first chunk was returned and now may show "
                + "up in the list.",
            continuation: next.encoded)
    }
}

/// Which state a list shows, and from where on, as its parameters have it.
struct ListPlan {
    enum State {
        case newest
        case notOlderThan(Revision)
        case exactly(Revision)
    }

    var state: State
    var token: ContinueToken?
    var options: ListOptions

    /// - Throws: 400 where the version is no number, or stands beside a continue token.
    init(_ options: ListOptions) throws {
        self.options = options
        if let text = options.continuation {
            if !options.resourceVersion.isEmpty, options.resourceVersion != "0" {
                throw APIStatus.badRequest("specifying resource version is not allowed when using continue")
            }
            let token = try ContinueToken(parsing: text)
            self.token = token
            state = token.revision.map { .exactly($0) } ?? .newest
            return
        }
        let revision: Revision?
        do {
            revision = try Revision.parameter(options.resourceVersion)
        } catch {
            throw error.asBadRequest
        }
        // Before resourceVersionMatch there was a rule that a limit makes a version exact, which still holds.
        switch (revision, options.match) {
        case (nil, _), (.zero?, _): state = .newest
        case (let revision?, .exact): state = .exactly(revision)
        case (let revision?, nil) where options.limit != nil: state = .exactly(revision)
        case (let revision?, _): state = .notOlderThan(revision)
        }
    }
}

extension ListPlan {
    /// Whether every object of a collection is asked for, in one answer.
    func isWhole(of resource: ServedResource) -> Bool {
        token == nil && options.limit == nil && ObjectFilter(options, of: resource).isEmpty
    }
}

extension ServedResource {
    /// How the paths of a namespace's objects begin; empty for all namespaces.
    func pathPrefix(in namespace: String?) -> String {
        namespace.map { definition.isNamespaced ? $0 + "/" : "" } ?? ""
    }
}

/// The objects of one answer to a list, and what its metadata says.
struct ListPage {
    private(set) var objects: [StoredObject] = []
    private(set) var metadata: ListMetadata

    init(of resource: ServedResource, in snapshot: Snapshot, namespace: String?, plan: ListPlan) {
        metadata = ListMetadata(revision: snapshot.revision)
        let options = plan.options
        let prefix = resource.pathPrefix(in: namespace)
        let start = plan.token.map { prefix + $0.start }
        let filter = ObjectFilter(options, of: resource)
        let limit = options.limit ?? Int.max

        if let path = filter.onlyPath(namespace: namespace, of: resource) {
            if let object = snapshot[ObjectKey(resource: resource.key, path: path)], filter.matches(object) {
                objects = [object]
            }
            return
        }
        if options.limit == nil, filter.isEmpty {
            objects.reserveCapacity(snapshot.count(in: resource.key, prefix: prefix, from: start))
        }
        var next: StoredObject?
        snapshot.forEach(in: resource.key, prefix: prefix, from: start) { object in
            guard filter.matches(object) else { return true }
            if objects.count == limit {
                next = object
                return false
            }
            objects.append(object)
            return true
        }
        guard let next, let last = objects.last else { return }
        metadata.continuation =
            ContinueToken(revision: snapshot.revision, after: last.key.path.dropFirst(prefix.count)).encoded
        // With a selector nobody knows how many are left without looking at them.
        if filter.isEmpty {
            metadata.remainingItemCount = snapshot.count(in: resource.key, prefix: prefix, from: next.key.path)
        }
    }
}

/// Which objects a request's selectors take.
struct ObjectFilter: Sendable {
    let resource: ServedResource
    var labels: LabelSelector?
    var fields: FieldSelector?

    init(_ options: ListOptions, of resource: ServedResource) {
        self.resource = resource
        labels = options.labelSelector.flatMap { $0.isEverything ? nil : $0 }
        fields = options.fieldSelector.flatMap { $0.isEverything ? nil : $0 }
    }

    var isEmpty: Bool { labels == nil && fields == nil }

    func matches(_ object: StoredObject) -> Bool {
        if isEmpty { return true }
        let attributes = resource.attributes(of: object)
        if let labels, !labels.matches(attributes.labels) { return false }
        return fields?.matches { Self.value(of: $0, object.key, attributes) } ?? true
    }

    private static func value(of field: String, _ key: ObjectKey, _ attributes: SelectableAttributes) -> String {
        switch field {
        case "metadata.name": key.name
        case "metadata.namespace": key.namespace ?? ""
        default: attributes.fields[field] ?? ""
        }
    }

    /// The only path that can match, where a selector asks for one name in one namespace.
    func onlyPath(namespace: String?, of resource: ServedResource) -> String? {
        guard let name = fields?.requiredValue(of: "metadata.name"), !name.isEmpty else { return nil }
        guard resource.definition.isNamespaced else { return name }
        guard let namespace = namespace ?? fields?.requiredValue(of: "metadata.namespace") else { return nil }
        return namespace + "/" + name
    }
}
