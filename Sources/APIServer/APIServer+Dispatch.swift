import APIMachinery
public import HTTPTransport
import JSON
import Storage

extension APIServer: HTTPHandler {
    /// One request: who, what, the verb, the answer.
    public func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) async {
        let query = QueryParameters(request.query)
        guard let info = RequestInfo(method: request.method, path: request.path, query: query) else {
            return exchange.respond(
                status: 400, headers: ["content-type": "text/plain; charset=utf-8"],
                body: ByteSegments(Array("400 Bad Request: malformed path\n".utf8)))
        }
        let context = RequestContext(
            request: request, exchange: exchange, info: info, query: query, user: UserInfo(name: ""))
        let start = ContinuousClock.now
        let isMutating = request.method != "GET" && request.method != "HEAD"
        metrics.begin(isMutating: isMutating)
        let answer: Answer
        do {
            try authenticate(context)
            try impersonate(context)
            try authorize(context)
            answer = try await dispatch(context)
        } catch {
            answer = self.answer(to: error, in: context)
        }
        send(answer, context)
        metrics.end(isMutating: isMutating)
        record(context, answer, since: start)
    }

    private func authenticate(_ context: RequestContext) throws {
        if let user = authenticator.authenticate(context.request) ?? serviceAccount(context.request) {
            context.user = user
        } else {
            throw APIStatus.unauthorized
        }
    }

    /// Puts the user whom the request names in the place of the one who makes it.
    private func impersonate(_ context: RequestContext) throws(APIStatus) {
        guard let wanted = try ImpersonationHeaders.user(in: context.request.headers) else { return }
        let (requester, path) = (context.user, context.request.path)
        let rights = Impersonation.Rights(
            allows: { self.authorizer.allows(requester, $0, path: path) },
            refusal: { self.authorizer.refusal(requester, $0, path: path) })
        context.user = try impersonation.user(wanted: wanted, by: requester, for: context.info, rights)
        context.impersonator = requester
    }

    private func serviceAccount(_ request: HTTPRequest) -> UserInfo? {
        guard let serviceAccountAuthenticator, let issuer = options.serviceAccountIssuer,
            let token = Authenticator.bearerToken(of: request)
        else { return nil }
        return try? serviceAccountAuthenticator.authenticate(
            token, for: issuer.audiences, in: storage.snapshot, now: epochSeconds)?.user
    }

    private func authorize(_ context: RequestContext) throws {
        let path = context.request.path
        guard authorizer.allows(context.user, context.info, path: path) else {
            throw authorizer.refusal(context.user, context.info, path: path)
        }
    }

    func dispatch(_ context: RequestContext) async throws -> Answer {
        guard context.info.isResourceRequest else { return try await nonResource(context) }
        let resource = try resource(of: context)
        context.resource = resource
        if let warning = resource.version.deprecationWarning { context.warn(warning) }
        if context.info.subresource != nil { return try await subresource(resource, context) }
        if resource.definition.isCustom, let verb = Verb(rawValue: context.info.verb),
            !verb.allowsNamespace(of: context.info, resource)
        {
            throw UnknownPath()
        }
        guard let verb = Verb(rawValue: context.info.verb), context.request.method != "HEAD",
            resource.version.verbs.contains(verb),
            verb.allowsName(context.info.name != nil), verb.allowsNamespace(of: context.info, resource)
        else { throw APIStatus.methodNotAllowed }
        try agreeOnForm(of: resource, for: verb, context)
        return switch verb {
        case .get: try await get(resource, context)
        case .list: try await list(resource, context)
        case .watch: try await watch(resource, context)
        case .create: try await create(resource, context)
        case .update: try await update(resource, context)
        case .patch: try await patch(resource, context)
        case .delete: try await delete(resource, context)
        case .deletecollection: try await deleteCollection(resource, context)
        }
    }

    /// What the path names. A group or version that is not served is no path at all, in plain text; a resource that it
    /// has not is a `Status`.
    private func resource(of context: RequestContext) throws -> ServedResource {
        let contents = registry.contents
        guard let resource = contents.resource(context.info.groupVersion, context.info.resource) else {
            guard contents.hasBuiltIn(group: context.info.groupVersion.group) else { throw UnknownPath() }
            throw APIStatus.unknownResource
        }
        let isItsOwnNamespace = context.info.resource == "namespaces" && context.info.groupVersion.group.isEmpty
        if !resource.definition.isNamespaced, context.info.namespace != nil, !isItsOwnNamespace {
            if resource.definition.isCustom { throw UnknownPath() }
            throw APIStatus.unknownResource
        }
        // An object of a namespaced resource has no path outside its namespace.
        if resource.definition.isNamespaced, context.info.namespace == nil, context.info.name != nil {
            if resource.definition.isCustom { throw UnknownPath() }
            throw APIStatus.unknownResource
        }
        return resource
    }

    private func send(_ answer: Answer, _ context: RequestContext) {
        guard case .body(let status, let contentType, let body, let extra) = answer else { return }
        var headers = answerHeaders(contentType: contentType, context)
        if extra.contains(where: { $0.name == "cache-control" }) {
            headers.fields.removeAll { $0.name == "cache-control" }
        }
        headers.fields.append(contentsOf: extra)
        context.exchange?.respond(
            status: status, headers: headers, body: body,
            // Documents that vary by themselves, as OpenAPI's, go uncompressed in Kubernetes.
            compression: context.acceptsCompression && headers["vary"] == nil ? .gzipWhenLarge : .none)
    }

    func answerHeaders(contentType: String, _ context: RequestContext) -> HTTPHeaders {
        var headers: HTTPHeaders = ["cache-control": "no-cache, private"]
        if !contentType.isEmpty { headers.add("content-type", contentType) }
        for warning in context.warnings { headers.add("warning", "299 - \(JSON.string(warning).description)") }
        return headers
    }
}

/// A path that stands for nothing: 404 in plain text.
struct UnknownPath: Error {}

extension Verb {
    /// Whether the verb is for one named object, or for a collection.
    fileprivate func allowsName(_ hasName: Bool) -> Bool {
        switch self {
        case .get, .update, .patch, .delete: hasName
        case .create: !hasName
        case .list, .deletecollection: !hasName
        case .watch: true
        }
    }

    /// A namespaced object is only read and written by way of its namespace.
    fileprivate func allowsNamespace(of info: RequestInfo, _ resource: ServedResource) -> Bool {
        switch self {
        case .list, .watch: true
        case .create, .get, .update, .patch, .delete, .deletecollection:
            !resource.definition.isNamespaced || info.namespace != nil
        }
    }
}
