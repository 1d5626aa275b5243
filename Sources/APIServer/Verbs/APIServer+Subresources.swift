import APIMachinery
import JSON

extension APIServer {
    /// Any request that names a subresource: `status`, `scale`, `binding`, `eviction`, `finalize`, `approval`, `token`…
    func subresource(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let name = context.info.subresource ?? ""
        if resource.definition.isCustom, resource.version.subresource(named: name) == nil {
            throw APIStatus.notFound(resource.groupResource, name: context.info.name ?? "")
        }
        guard let subresource = resource.version.subresource(named: name), context.info.name != nil,
            !resource.definition.isNamespaced || context.info.namespace != nil
        else { throw APIStatus.unknownResource }
        if !subresource.connectMethods.isEmpty || name == "log" {
            return try await connect(subresource, of: resource, context)
        }
        guard let verb = Verb(rawValue: context.info.verb), subresource.verbs.contains(verb) else {
            if !resource.definition.isCustom { throw APIStatus.methodNotAllowed }
            throw APIStatus.methodNotSupported(resource.groupResource, verb: context.info.verb)
        }
        try agreeOnForm(of: resource, for: verb, context)
        switch name {
        case "scale": return try await scale(verb, of: resource, subresource, context)
        case "binding": return try await bind(subresource, of: resource, context)
        case "eviction": return try await evict(subresource, of: resource, context)
        case "token": return try await requestToken(subresource, of: resource, context)
        default: return try await wholeObject(verb, of: resource, subresource, context)
        }
    }

    /// A subresource that shows the object itself, and lets a part of it be changed.
    private func wholeObject(
        _ verb: Verb, of resource: ServedResource, _ subresource: Subresource, _ context: RequestContext
    ) async throws -> Answer {
        switch verb {
        case .get: try await get(resource, context)
        case .update: try await replace(resource, context, subresource: subresource.name)
        case .patch: try await patch(resource, context, subresource: subresource.name)
        case .create, .delete, .deletecollection, .list, .watch: throw APIStatus.methodNotAllowed
        }
    }

    /// The body of a POST to a subresource that has a kind of its own.
    func decode(
        _ subresource: Subresource, of resource: ServedResource, alsoAccepted: Set<GroupVersion> = [],
        _ context: RequestContext
    ) async throws -> (document: JSON, options: WriteOptions) {
        let request = try await WriteRequest(context)
        let options = try WriteOptions(context.query, for: .create)
        let decoder = ObjectDecoder(
            expected: subresource.kind, schema: subresource.schema ?? resource.version.schema,
            validation: options.fieldValidation, contents: registry.contents, alsoAccepted: alsoAccepted)
        let decoded = try decoder.decode(request.body, as: request.codec)
        for warning in decoded.warnings { context.warn(warning) }
        try Self.checkNamespace(of: decoded.document, in: context, of: resource)
        return (decoded.document, options)
    }

    /// A `Status` that says that something was done: with the code, which a deletion's leaves out.
    func success(code: Int, _ context: RequestContext) throws -> Answer {
        let status = APIStatus(code: code, reason: .unknown, message: "", isSuccess: true)
        var document = status.json
        document["code"] = .int(Int64(code))
        return try answer(with: document, of: nil, in: context, status: code)
    }
}
