import APIMachinery
import JSON
import Storage

/// A change of an object that may have to be made more than once.
struct UpdatePlan {
    /// The uid that the object must have.
    var uid: String?
    /// Whether the object is made where it is not there.
    var allowsCreation = false
    var ownership = FieldOwnership.ofWriter
    /// The object that is wanted, from the one that is there (`nil`: none).
    var propose: (_ current: JSON?) throws -> JSON
}

extension ObjectWriter {
    /// Puts what a plan proposes in the place of an object.
    func update(_ name: String, _ plan: UpdatePlan) async throws -> (result: WriteResult, wasCreated: Bool) {
        let key = key(name)
        while true {
            try Task.checkCancellation()
            let snapshot = server.storage.snapshot
            do {
                if let current = snapshot[key] {
                    return (try await replace(current, plan, in: snapshot), false)
                }
                return (try await createByUpdate(name, plan), true)
            } catch StorageError.conflict {
                // Someone else was faster: the next round sees what they wrote.
            }
        }
    }

    private func createByUpdate(_ name: String, _ plan: UpdatePlan) async throws -> WriteResult {
        if let uid = plan.uid, !uid.isEmpty { throw otherUID(name, wanted: uid, found: "") }
        guard plan.allowsCreation else { throw notFound(name) }
        var proposal = try plan.propose(nil)
        let uid = proposal.metadataText("uid")
        if !uid.isEmpty {
            throw APIStatus.conflict(
                resource.groupResource, name: name,
                "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
        }
        // A version that nothing has is not held against an object that is made on the way.
        proposal.updateMetadata { $0[.resourceVersion] = nil }
        return try await create(proposal, name: name, ownership: plan.ownership)
    }

    private func replace(_ current: StoredObject, _ plan: UpdatePlan, in snapshot: Snapshot) async throws -> WriteResult
    {
        let old = try resource.decode(current)
        let name = old.metadataText("name")
        if let uid = plan.uid, !uid.isEmpty, uid != old.metadataText("uid") {
            throw otherUID(name, wanted: uid, found: old.metadataText("uid"))
        }
        var object = try plan.propose(old)
        place(&object)
        if plan.ownership == .ofWriter { trackFields(of: &object, replacing: old) }
        try await admit(&object, replacing: old, name: name, in: snapshot)
        keepTimesOfManagers(of: &object, from: old)
        try checkRevision(of: object, against: current, name)
        prepareUpdate(of: &object, from: old)
        return try await reserving(for: &object, replacing: old) { object, companions in
            try check(&object, from: old)
            if Self.endsDeletion(object, from: old, of: resource) { return try await remove(current, leaving: object) }
            return try await store(object, replacing: current, with: companions)
        }
    }

    /// The version that the client gives must be the newest; none is only taken where the kind allows it.
    private func checkRevision(of object: JSON, against current: StoredObject, _ name: String) throws {
        switch try GivenRevision(object.metadataText("resourceVersion")) {
        case .some(current.revision): return
        case .some: throw APIStatus.staleResourceVersion(resource.groupResource, name: name)
        case .none where strategy.allowsUnconditionalUpdate: return
        case .none:
            let kind = GroupKind(group: resource.groupResource.group, kind: resource.groupResource.resource)
            throw APIStatus.invalid(
                kind, name: name,
                [.invalid(FieldPath("metadata", "resourceVersion"), 0, "must be specified for an update")])
        }
    }

    /// Keeps what an update cannot change (`rest.BeforeUpdate`).
    private func prepareUpdate(of object: inout JSON, from old: JSON) {
        keepSystemMetadata(of: &object, from: old)
        if let subresource {
            strategy.prepareForUpdate(ofSubresource: subresource, &object, from: old)
        } else {
            strategy.prepareForUpdate(&object, from: old)
        }
        stamp.stampUpdate(&object, of: resource.definition.groupKind, replacing: old)
    }

    /// The rules of the kind, and the form in which the object is stored.
    private func check(_ object: inout JSON, from old: JSON) throws {
        let problems =
            if let subresource {
                strategy.validateUpdate(ofSubresource: subresource, object, from: old)
            } else {
                strategy.validateUpdate(object, from: old)
            }
        if !problems.isEmpty { throw invalid(old.metadataText("name"), problems) }
        warn(of: object, replacing: old)
        try settle(&object)
    }

    private func keepSystemMetadata(of object: inout JSON, from old: JSON) {
        let before = MetadataFields(of: old)
        object.updateMetadata { metadata in
            metadata[.generation] = before[.generation]
            metadata[.creationTimestamp] = before[.creationTimestamp]
            metadata[.resourceVersion] = before[.resourceVersion]
            metadata[.selfLink] = nil
            if metadata[text: .uid].isEmpty { metadata[.uid] = before[.uid] }
            if let time = before[.deletionTimestamp] { metadata[.deletionTimestamp] = time }
            if metadata[.deletionGracePeriodSeconds] == nil {
                metadata[.deletionGracePeriodSeconds] = before[.deletionGracePeriodSeconds]
            }
        }
    }

    /// Writes the object, unless it is what is there already: then nothing happens, and its version stays.
    private func store(
        _ object: consuming JSON, replacing current: StoredObject, with companions: [Write]
    ) async throws -> WriteResult {
        let value = resource.encode(object)
        if value.isSame(as: current) { return .stored(current) }
        if isDryRun { return .document(object) }
        let write = Write(.put(value), at: current.key, if: .revision(current.revision))
        return .stored(try await commit(write, with: companions))
    }

    // MARK: An update that ends a deletion

    /// Whether an update takes away the last thing that a deletion waits for.
    static func endsDeletion(_ object: JSON, from old: JSON, of resource: ServedResource) -> Bool {
        let before = MetadataFields(of: old)
        guard before.isBeingDeleted, MetadataFields(of: object).finalizers.isEmpty else { return false }
        guard before[.deletionGracePeriodSeconds]?.intValue ?? 0 == 0 else { return false }
        return !NamespaceDeletion.isWaiting(object, of: resource)
    }

    /// Removes an object that an update has freed; the answer is what the update made of it.
    private func remove(_ current: StoredObject, leaving object: JSON) async throws -> WriteResult {
        if isDryRun { return .document(object) }
        let document = try resource.decode(current)
        let removed = try await commit(
            Write(.delete(resource.encode(document)), at: current.key, if: .revision(current.revision)),
            with: try companions(removing: document))
        server.allocators.release(removed, of: resource)
        return .document(object)
    }

    func otherUID(_ name: String, wanted: String, found: String) -> APIStatus {
        .conflict(
            resource.groupResource, name: name,
            "StorageError: invalid object, Code: 4, Key: \(registryKey(name)), ResourceVersion: 0, "
                + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(wanted), UID in object meta: \(found)"
        )
    }

    /// Where Kubernetes keeps the object in etcd, which its errors tell.
    private func registryKey(_ name: String) -> String {
        let place = resource.definition.storageGroupResource
        let collection =
            switch (place.group, place.resource) {
            case ("", "replicationcontrollers"): "controllers"
            case ("", "endpoints"): "services/endpoints"
            case ("", "services"): "services/specs"
            case ("", "nodes"): "minions"
            case ("networking.k8s.io", "ingresses"): "ingress"
            default: resource.definition.isCustom ? place.group + "/" + place.resource : place.resource
            }
        return "/registry/\(collection)/\(key(name).path)"
    }
}
