import APIMachinery
import JSON
import Storage

extension ObjectWriter {
    /// Stores a new object.
    ///
    /// A name that is generated and turns out to be taken is generated anew, eight times at most.
    /// - Parameter ownership: who comes to own the fields.
    func create(
        _ document: consuming JSON, name requestedName: String? = nil, ownership: FieldOwnership = .ofWriter
    ) async throws -> WriteResult {
        if resource.definition.isTerminating {
            var refusal = APIStatus.methodNotSupported(resource.groupResource, verb: "create")
            refusal.message = "create not allowed while custom resource definition is terminating"
            throw refusal
        }
        var template = document
        place(&template)
        if ownership == .ofWriter { trackFields(of: &template, replacing: nil) }
        let givenName = requestedName ?? template.metadataText("name")
        try await admit(&template, replacing: nil, name: givenName, in: server.storage.snapshot)
        let generates = givenName.isEmpty && !template.metadataText("generateName").isEmpty
        var attemptsLeft = generates ? NameGenerator.maximumAttempts : 1
        while true {
            attemptsLeft -= 1
            var object = template
            if attemptsLeft == 0 { template = .null }  // leaves `object` the only owner, so that it changes in place
            initialize(&object)
            strategy.prepareForCreation(&object)
            stamp.stampNew(&object, of: resource.definition.groupKind)
            do {
                return try await storeReserved(&object)
            } catch StorageError.conflict(let key, let current) {
                if attemptsLeft == 0 { throw taken(key, by: current, wasGenerated: generates, object) }
            }
        }
    }

    /// Stores an object with what its kind hands out for it, handed out anew as long as others were faster to get that.
    private func storeReserved(_ object: inout JSON) async throws -> WriteResult {
        let key = key(object.metadataText("name"))
        while true {
            do {
                return try await reserving(for: &object, replacing: nil) { object, companions in
                    try check(&object)
                    return try await store(new: object, with: companions)
                }
            } catch StorageError.conflict(let other, _) where other != key {
                try Task.checkCancellation()
            }
        }
    }

    /// The rules of the kind, and the form in which the object is stored.
    private func check(_ object: inout JSON) throws {
        let problems = strategy.validateCreation(object)
        if !problems.isEmpty { throw invalid(object.metadataText("name"), problems) }
        warn(of: object, replacing: nil)
        try settle(&object)
    }

    /// The metadata that a client cannot choose.
    private func initialize(_ object: inout JSON) {
        let generator = NameGenerator(random: server.environment.random)
        object.updateMetadata { metadata in
            metadata[text: .uid] = generator.uid()
            metadata[.creationTimestamp] = .string(now.description)
            metadata[.deletionTimestamp] = nil
            metadata[.deletionGracePeriodSeconds] = nil
            metadata[.selfLink] = nil
            let prefix = metadata[text: .generateName]
            if metadata[text: .name].isEmpty, !prefix.isEmpty { metadata[text: .name] = generator.name(from: prefix) }
        }
    }

    private func store(new object: consuming JSON, with companions: [Write]) async throws -> WriteResult {
        // Kubernetes' store takes an unreadable version for none here.
        if case .some(.some) = try? GivenRevision(object.metadataText("resourceVersion")) {
            throw APIStatus.unclassified("resourceVersion should not be set on objects to be created")
        }
        let key = key(object.metadataText("name"))
        if isDryRun {
            if let current = server.storage.snapshot[key] { throw StorageError.conflict(key: key, current: current) }
            object.updateMetadata { $0[.resourceVersion] = nil }
            return .document(object)
        }
        return .stored(try await commit(Write(.put(resource.encode(object)), at: key, if: .absent), with: companions))
    }

    private func taken(_ key: ObjectKey, by current: StoredObject?, wasGenerated: Bool, _ object: JSON) -> APIStatus {
        let name = object.metadataText("name")
        var status = APIStatus.alreadyExists(resource.groupResource, name: name)
        if wasGenerated {
            status.message += ", the server was not able to generate a unique name for the object"
            status.details?.retryAfterSeconds = 1
        }
        if let current, let document = try? resource.decode(current), MetadataFields(of: document).isBeingDeleted {
            status.message = "object is being deleted: " + status.message
        }
        return status
    }
}
