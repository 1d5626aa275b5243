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
        let (body, options) = try await readPatch(resource, context)
        switch body {
        case .patch(let patch): return try await self.patch(patch, options, resource, context, subresource)
        case .configuration(let body):
            return try await apply(body, options, to: resource, context, subresource: subresource)
        }
    }

    private func patch(
        _ patch: ObjectPatch, _ options: WriteOptions, _ resource: ServedResource, _ context: RequestContext,
        _ subresource: String?
    ) async throws -> Answer {
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

    /// The body of a PATCH.
    enum PatchBody {
        case patch(ObjectPatch)
        /// What is to be applied, not read yet.
        case configuration([UInt8])
    }

    /// The body and its options, in Kubernetes' order of checks.
    /// - Throws: 415 where the body is of another type.
    func readPatch(
        _ resource: ServedResource, _ context: RequestContext
    ) async throws -> (PatchBody, WriteOptions) {
        let type = try PatchType(of: context, for: resource)
        let body = try await RequestBody.read(context)
        switch type {
        case .apply: return (.configuration(body), try WriteOptions(context.query, for: .apply))
        case .patch(let kind):
            let options = try WriteOptions(context.query, for: .patch)
            return (.patch(try ObjectPatch(kind, body, validation: options.fieldValidation)), options)
        }
    }
}
