import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    /// PATCH: a change of the object as it is now, or by way of one of its subresources.
    func patch(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        try await patch(resource, context, subresource: nil)
    }

    /// - Parameter subresource: where it has the kind of the resource itself, as `status`.
    func patch(
        _ resource: ServedResource, _ context: RequestContext, subresource: String?
    ) async throws -> Answer {
        let (patch, options) = try await readPatch(resource, context)
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun, subresource: subresource)
        let plan = UpdatePlan { current in
            guard let current else { throw writer.notFound(context.info.name ?? "") }
            let patched = try patch.apply(
                to: try resource.servedDocument(current), of: resource.kind, resource.version.schema)
            for warning in patched.warnings { context.warn(warning) }
            try Self.checkNamespace(of: patched.document, in: context, of: resource)
            try Self.checkName(of: patched.document, in: context)
            return try self.storageDocument(patched.document, of: resource)
        }
        let (result, _) = try await writer.update(context.info.name ?? "", plan)
        return try answer(with: result, of: resource, in: context, status: 200)
    }

    /// The patch and its options, in Kubernetes' order of checks.
    func readPatch(
        _ resource: ServedResource, _ context: RequestContext
    ) async throws -> (ObjectPatch, WriteOptions) {
        let kind = try ObjectPatch.Kind(contentType: context.request.headers["content-type"])
        let body = try await RequestBody.read(context)
        let options = try WriteOptions(context.query, for: kind == .apply ? .apply : .patch)
        if kind == .apply {
            throw APIStatus(code: 501, reason: .unknown, message: "server-side apply is not built yet")
        }
        return (try ObjectPatch(kind, body, validation: options.fieldValidation), options)
    }
}
