import APIMachinery
import JSON
import Storage

// Writes by the server itself, which take the path of every other write.
extension APIServer {
    /// Applies a status to a cluster-scoped object, if it is there, and takes the fields from whoever has them.
    /// - Parameter manager: what Kubernetes calls the part of the server that does this.
    func applyStatus(
        _ status: JSON, to name: String, of resource: ServedResource, by manager: String
    ) async throws {
        let context = RequestContext(updateOf: resource, subresource: "status", by: .server, as: manager)
        context.info.name = name
        var options = WriteOptions()
        options.force = true
        let configuration: JSON = [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind.kind),
            "metadata": ["name": .string(name)], "status": status,
        ]
        do {
            _ = try await apply(configuration.encoded, options, to: resource, context, subresource: "status")
        } catch let error as APIStatus where error.code == 404 {
            // It has gone meanwhile.
        }
    }

    /// Creates an object where it is missing.
    func create(_ object: JSON, of resource: ServedResource, in namespace: String?, by manager: String) async throws {
        let context = RequestContext(creationOf: resource, in: namespace, by: .server, as: manager)
        let decoded = try decoder(of: resource, .strict).decode(object)
        do {
            _ = try await ObjectWriter(self, resource, context, isDryRun: false)
                .create(try storageDocument(decoded.document, of: resource))
        } catch let error as APIStatus where error.reason == .alreadyExists {
            // Someone was faster.
        }
    }

    /// Puts what belongs to the server into an object, if it is there.
    func update(
        _ key: ObjectKey, of resource: ServedResource, in namespace: String?, by manager: String,
        _ change: @escaping (inout JSON) -> Void
    ) async throws {
        let context = RequestContext(creationOf: resource, in: namespace, by: .server, as: manager)
        context.info.verb = Verb.update.rawValue
        let writer = ObjectWriter(self, resource, context, isDryRun: false)
        let plan = UpdatePlan { current in
            guard var object = current else { throw writer.notFound(key.name) }
            change(&object)
            return object
        }
        do {
            _ = try await writer.update(key.name, plan)
        } catch let error as APIStatus where error.code == 404 {
            // It has gone meanwhile.
        }
    }
}
