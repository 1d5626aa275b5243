import APIMachinery
import HTTPTransport
import Storage

extension APIServer {
    /// Deletes what a list with the same parameters shows, one by one, and answers with that list.
    ///
    /// An object that someone else deleted meanwhile is no error; any other ends the request, with those before it gone.
    func deleteCollection(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let representation = representation(of: resource, in: context)
        let listOptions = try ListOptions(context.query, isWatch: false, of: resource)
        let options = try await deleteOptions(context)
        let plan = try ListPlan(listOptions)
        let snapshot = try await snapshot(for: plan, of: resource, context)
        let page = ListPage(of: resource, in: snapshot, namespace: context.info.namespace, plan: plan)

        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun)
        for object in page.objects {
            let name = object.key.path.utf8.dropFirst(writer.namespace.map { $0.utf8.count + 1 } ?? 0)
            do {
                _ = try await writer.delete(String(Substring(name)), options)
            } catch let status as APIStatus where status.reason == .notFound {
                continue
            }
        }
        return .body(
            status: 200, contentType: representation.form.mediaType.rawValue,
            try representation.list(page.objects, metadata: page.metadata))
    }
}
