import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    /// PUT: the object as a whole, or by way of one of its subresources.
    func update(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        try await replace(resource, context, subresource: nil)
    }

    /// - Parameter subresource: where it has the kind of the resource itself, as `status`.
    func replace(
        _ resource: ServedResource, _ context: RequestContext, subresource: String?
    ) async throws -> Answer {
        let (request, options) = try await readUpdate(context)
        let document = try decode(request, as: resource, options, in: context)
        try Self.checkNamespace(of: document, in: context, of: resource)
        try Self.checkName(of: document, in: context)

        let proposal = try storageDocument(document, of: resource)
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun, subresource: subresource)
        let plan = UpdatePlan(
            uid: document.metadataText("uid"),
            allowsCreation: subresource == nil && resource.strategy.allowsCreationOnUpdate
        ) { current in
            guard current == nil else { return proposal }
            // An object that is to be made has no uid to agree with.
            var proposal = proposal
            proposal.updateMetadata { $0[.uid] = nil }
            return proposal
        }
        let (result, wasCreated) = try await writer.update(context.info.name ?? "", plan)
        return try answer(with: result, of: resource, in: context, status: wasCreated ? 201 : 200)
    }

    /// The body and the options of a PUT, in Kubernetes' order of checks: unlike a creation's, the body's type is looked at
    /// last.
    func readUpdate(_ context: RequestContext) async throws -> (WriteRequest, WriteOptions) {
        let body = try await RequestBody.read(context)
        let options = try WriteOptions(context.query, for: .update)
        let codec = try BodyCodec(contentType: context.request.headers["content-type"])
        return (WriteRequest(codec: codec, body: body), options)
    }
}
