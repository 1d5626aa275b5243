import APIMachinery
import JSON
import Storage

// Between documents and what the store holds.
extension ServedResource {
    /// The document of a stored object, in its storage version.
    func decode(_ object: StoredObject) throws(APIStatus) -> JSON {
        fatalError("to be written: the lead")
    }

    /// The bytes to store, with the place of the revision, and the attributes that selectors test. The document is in
    /// the storage version and canonical; any `metadata.resourceVersion` in it is left out.
    func encode(_ document: JSON) -> EncodedValue {
        fatalError("to be written: the lead")
    }
}

extension APIServer {
    /// Answers with one object in the form and version that the client asked for.
    func answer(
        with object: StoredObject, of resource: ServedResource, in context: RequestContext, status: Int = 200
    ) throws -> Answer {
        fatalError("to be written: the lead")
    }

    /// Answers with a document that is not stored: a dry run's result, a Status, a Scale, a review.
    /// `resource` is needed where the client may have asked for a table.
    func answer(
        with document: JSON, of resource: ServedResource?, in context: RequestContext, status: Int
    ) throws -> Answer {
        fatalError("to be written: the lead")
    }
}
