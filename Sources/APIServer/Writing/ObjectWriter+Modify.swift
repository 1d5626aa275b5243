import APIMachinery
import JSON
import Storage

extension ObjectWriter {
    /// Changes an object on the server's own account, past the rules of its kind: for what a subresource does to it.
    /// - Parameters:
    ///   - uid, resourceVersion: what the object must have; empty for any.
    ///   - management: how the change is noted in `managedFields`; `nil` where nobody comes to own what it sets.
    ///   - change: gets the object in its storage version, and leaves it canonical.
    @discardableResult
    func modify(
        _ name: String, uid: String = "", resourceVersion: String = "", management: FieldManagement? = nil,
        _ change: (inout JSON) throws -> Void
    ) async throws -> StoredObject {
        let key = key(name)
        while true {
            try Task.checkCancellation()
            guard let current = server.storage.snapshot[key] else { throw notFound(name) }
            var object = try resource.decode(current)
            let found = object.metadataText("uid")
            if !uid.isEmpty, uid != found { throw otherUID(name, wanted: uid, found: found) }
            if case .some(let revision) = try GivenRevision(resourceVersion), revision != current.revision {
                throw APIStatus.staleResourceVersion(resource.groupResource, name: name)
            }
            let old = object
            try change(&object)
            if let management {
                trackFields(of: &object, replacing: old, management)
                try settle(&object)
            }
            let value = resource.encode(object)
            if isDryRun || value.isSame(as: current) { return current }
            do {
                return try await commit(Write(.put(value), at: key, if: .revision(current.revision)))
            } catch StorageError.conflict {
                // Someone else was faster: made anew from what they wrote.
            }
        }
    }
}
