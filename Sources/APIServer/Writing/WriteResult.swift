import APIMachinery
import JSON
import Storage

/// What a write ends in.
enum WriteResult {
    /// The object as the store has it now.
    case stored(StoredObject)
    /// A document that the store has not: of a dry run, or the last state of an object that went. In the storage
    /// version, with the `resourceVersion` that is to be told.
    case document(JSON)
}

extension APIServer {
    func answer(
        with result: WriteResult, of resource: ServedResource, in context: RequestContext, status: Int
    ) throws -> Answer {
        switch result {
        case .stored(let object): return try answer(with: object, of: resource, in: context, status: status)
        case .document(let document):
            let served = try resource.servedDocument(document)
            return try answer(with: served, of: resource, in: context, status: status)
        }
    }
}

extension WriteResult {
    /// The document in the storage version.
    func document(of resource: ServedResource) throws -> JSON {
        switch self {
        case .stored(let object): try resource.decode(object)
        case .document(let document): document
        }
    }
}
