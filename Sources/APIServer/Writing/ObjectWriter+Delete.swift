import APIMachinery
import JSON
import Storage

/// What a deletion ends in.
enum DeletionResult {
    /// The object is still there: marked, or on its way already.
    case remains(WriteResult)
    /// The object is gone; its last state.
    case removed(WriteResult)
}

extension ObjectWriter {
    func delete(_ name: String, _ options: DeleteOptions) async throws -> DeletionResult {
        let key = key(name)
        while true {
            try Task.checkCancellation()
            let snapshot = server.storage.snapshot
            guard let current = snapshot[key] else { throw notFound(name) }
            do {
                return try await delete(current, options, in: snapshot)
            } catch StorageError.conflict {
                // Someone else changed or removed it: the next round sees what is there now.
            }
        }
    }

    private func delete(
        _ current: StoredObject, _ options: DeleteOptions, in snapshot: Snapshot
    ) async throws -> DeletionResult {
        var object = try resource.decode(current)
        if resource.groupResource == DefinitionDeletion.resource {
            object = DefinitionDeletion.prepared(object, now: now)
        }
        try await admitDeletion(of: object, in: snapshot)
        switch try deletionStep(for: object, options) {
        case .isPending: return .remains(.stored(current))
        case .mark(let marked):
            if isDryRun { return .remains(.document(marked)) }
            let value = resource.encode(marked)
            if value.isSame(as: current) { return .remains(.stored(current)) }
            let stored = try await commit(Write(.put(value), at: current.key, if: .revision(current.revision)))
            return .remains(.stored(stored))
        case .markAndRemove(let marked):
            if isDryRun { return .removed(.document(marked)) }
            // Both or neither: nobody can come between the mark and the removal.
            let value = resource.encode(marked)
            let mark = Write(.put(value), at: current.key, if: .revision(current.revision))
            let removed = try await commit(
                Write(.delete(value), at: current.key, if: .exists), with: try companions(removing: object) + [mark])
            return .removed(.stored(released(removed)))
        case .remove:
            if isDryRun { return .removed(.stored(current)) }
            let removed = try await commit(
                Write(.delete(resource.encode(object)), at: current.key, if: .revision(current.revision)),
                with: try companions(removing: object))
            return .removed(.stored(released(removed)))
        }
    }

    /// Writes that go with the removal of an object.
    func companions(removing object: JSON) throws -> [Write] {
        try server.allocators.companions(removing: object, of: resource, in: server.storage.snapshot)
    }

    private func released(_ object: StoredObject) -> StoredObject {
        server.allocators.release(object, of: resource)
        return object
    }

    private func deletionStep(for object: JSON, _ options: DeleteOptions) throws -> Deletion.Step {
        if resource.groupResource == NamespaceDeletion.resource,
            let step = try NamespaceDeletion.step(for: object, options: options, now: now)
        {
            return step
        }
        let deletion = Deletion(
            options: options, now: now, defaultPropagationPolicy: strategy.defaultPropagationPolicy,
            gracePeriodSeconds: { strategy.gracePeriodSeconds(deleting: $0, requested: $1) },
            kind: resource.definition.groupKind)
        return try deletion.step(for: object)
    }

    private func admitDeletion(of object: JSON, in snapshot: Snapshot) async throws {
        var request = AdmissionRequest(
            operation: .delete, resource: resource, subresource: subresource, namespace: context.info.namespace,
            name: object.metadataText("name"), user: context.user, isDryRun: isDryRun, object: nil, old: object,
            snapshot: snapshot)
        try await server.admission.admit(&request)
    }
}
