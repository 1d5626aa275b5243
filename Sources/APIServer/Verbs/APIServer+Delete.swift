import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    func delete(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let options = try await deleteOptions(context)
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun)
        let result = try await writer.delete(context.info.name ?? "", options)
        return try answer(with: result, of: resource, in: context)
    }

    func deleteOptions(_ context: RequestContext) async throws -> DeleteOptions {
        try DeleteOptions(
            body: try await RequestBody.read(context), contentType: context.request.headers["content-type"],
            query: context.query)
    }

    /// An object that remains is shown. One that is gone is told of by a `Status`, or shown where its kind does so.
    private func answer(
        with result: DeletionResult, of resource: ServedResource, in context: RequestContext
    ) throws -> Answer {
        switch result {
        case .remains(let object): return try answer(with: object, of: resource, in: context, status: 200)
        case .removed(let object) where resource.version.deletionReturnsObject:
            return try answer(with: object, of: resource, in: context, status: 200)
        case .removed(let object):
            let last = try object.document(of: resource)
            let details = APIStatus.Details(
                name: last.metadataText("name"), group: resource.groupResource.group,
                kind: resource.groupResource.resource, uid: last.metadataText("uid"))
            let status = APIStatus(code: 200, reason: .unknown, message: "", details: details, isSuccess: true)
            return try answer(with: status.json, of: nil, in: context, status: 200)
        }
    }
}
