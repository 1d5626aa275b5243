import APIMachinery
import JSON
import KubernetesClient
import Synchronization

extension GarbageCollector {
    func reconcile(_ work: OwnerGraph.Work) async throws -> ReconcileResult {
        switch work {
        case .examine(let uid): try await examine(uid)
        case .orphanDependents(let uid): try await orphanDependents(of: uid)
        }
    }

    private func client(_ object: OwnedObject) -> ResourceClient {
        context.client.resource(object.resource, namespace: object.namespace.isEmpty ? nil : object.namespace)
            .metadataOnly
    }

    /// - Returns: `nil` where the object is gone; the graph then forgets it.
    private func live(_ object: OwnedObject) async throws -> KubernetesObject? {
        do {
            let live = try await client(object).get(object.name)
            if live.uid == object.uid { return live }
        } catch  where error.isNotFound {
            // As below.
        }
        forget(uid: object.uid)
        return nil
    }

    private func examine(_ uid: String) async throws -> ReconcileResult {
        guard let object = state.withLock({ $0.graph[uid] }) else { return .done }
        if object.isBeingDeleted, !object.waitsForDependents { return .done }
        guard let live = try await live(object) else { return .done }
        if object.waitsForDependents { return try await release(live, object) }

        var owners: [(reference: OwnerReference, state: CollectionVerdict.OwnerState)] = []
        for reference in live.ownerReferences {
            guard let state = try await ownerState(reference, of: object) else { return .after(Self.unseenOwnerPeriod) }
            owners.append((reference, state))
        }
        let dependents = state.withLock { $0.graph.dependents(of: uid) }
        let verdict = CollectionVerdict(owners: owners, finalizers: live.finalizers, dependents: dependents)
        try await carryOut(verdict, on: live, object)
        let isSettled = verdict != .keep || state.withLock { $0.graph.knowsOwners(of: object) }
        return isSettled ? .done : .after(Self.unseenOwnerPeriod)
    }

    private func carryOut(
        _ verdict: CollectionVerdict, on live: KubernetesObject, _ object: OwnedObject
    ) async throws {
        switch verdict {
        case .keep: return
        case .removeReferences(let uids):
            let rest = live.ownerReferences.filter { !uids.contains($0.uid) }
            try await setReferences(rest, of: live, object)
        case .delete(let propagation, let unblocking):
            var live = live
            if unblocking {
                let free = live.ownerReferences.map { reference in
                    var reference = reference
                    reference.blocksOwnerDeletion = false
                    return reference
                }
                if free != live.ownerReferences { live = try await setReferences(free, of: live, object) }
            }
            try await delete(live, object, propagation)
        }
    }

    private func delete(
        _ live: KubernetesObject, _ object: OwnedObject, _ propagation: CollectionVerdict.Propagation
    ) async throws {
        let policy: PropagationPolicy =
            switch propagation {
            case .background: .background
            case .foreground: .foreground
            case .orphan: .orphan
            }
        do {
            // The version makes sure that no owner was added meanwhile.
            try await client(object).delete(
                object.name,
                DeleteOptions(
                    preconditions: DeleteOptions.Preconditions(uid: live.uid, resourceVersion: live.resourceVersion),
                    propagationPolicy: policy))
        } catch  where error.isNotFound {
            forget(uid: object.uid)
        }
    }

    /// - Returns: `nil` where the owner's kind is not known (now).
    private func ownerState(
        _ reference: OwnerReference, of object: OwnedObject
    ) async throws -> CollectionVerdict.OwnerState? {
        let (isAbsent, resource) = state.withLock {
            (
                $0.absent.contains(reference.uid),
                $0.discovery?.resource(apiVersion: reference.apiVersion, kind: reference.kind)?.resource
            )
        }
        if isAbsent { return .absent }
        guard let resource else { return nil }
        if resource.isNamespaced, object.namespace.isEmpty {
            // Cannot be resolved, and is no reason to delete anything.
            reportInvalidNamespace(reference, of: object)
            return .solid
        }
        do {
            let owner = try await context.client.resource(
                resource, namespace: resource.isNamespaced ? object.namespace : nil
            ).metadataOnly.get(reference.name)
            guard owner.uid == reference.uid else { return await absent(reference, of: object) }
            let waits = owner.isBeingDeleted && owner.finalizers.contains(OwnedObject.foregroundFinalizer)
            return waits ? .waitingForDependents : .solid
        } catch  where error.isNotFound {
            return await absent(reference, of: object)
        }
    }

    private func absent(_ reference: OwnerReference, of object: OwnedObject) async
        -> CollectionVerdict.OwnerState
    {
        // A uid that exists elsewhere is absent here alone: it must not be remembered as gone.
        let isElsewhere = state.withLock { state in
            if state.graph[reference.uid] != nil { return true }
            state.absent.insert(reference.uid)
            return false
        }
        if isElsewhere { reportInvalidNamespace(reference, of: object) }
        return .absent
    }

    private func reportInvalidNamespace(_ reference: OwnerReference, of object: OwnedObject) {
        var involved = KubernetesObject(object.resource, namespace: object.namespace, name: object.name)
        involved.uid = object.uid
        let text =
            "ownerRef [\(reference.apiVersion)/\(reference.kind), namespace: \(object.namespace), "
            + "name: \(reference.name), uid: \(reference.uid)] does not exist in namespace \"\(object.namespace)\""
        recorder.record(involved, .warning, reason: "OwnerRefInvalidNamespace", message: text)
    }
}

// Owners that wait.
extension GarbageCollector {
    /// An owner that is deleted in the foreground goes when nothing blocks it.
    private func release(_ live: KubernetesObject, _ object: OwnedObject) async throws -> ReconcileResult {
        guard isComplete else { return .after(Self.settlingTime) }
        let blocking = state.withLock { $0.graph.blockingDependents(of: object.uid) }
        if blocking.isEmpty {
            try await removeFinalizer(OwnedObject.foregroundFinalizer, from: live, object)
        } else {
            enqueue(blocking.filter { !$0.waitsForDependents }.map { .examine(uid: $0.uid) })
        }
        return .done
    }

    private func orphanDependents(of uid: String) async throws -> ReconcileResult {
        guard let owner = state.withLock({ $0.graph[uid] }) else { return .done }
        guard isComplete else { return .after(Self.settlingTime) }
        for dependent in state.withLock({ $0.graph.dependents(of: uid) }) {
            guard let live = try await live(dependent) else { continue }
            let rest = live.ownerReferences.filter { $0.uid != uid }
            if rest != live.ownerReferences { try await setReferences(rest, of: live, dependent) }
        }
        guard let live = try await live(owner) else { return .done }
        try await removeFinalizer(OwnedObject.orphanFinalizer, from: live, owner)
        return .done
    }

    @discardableResult
    private func setReferences(
        _ references: [OwnerReference], of live: KubernetesObject, _ object: OwnedObject
    ) async throws -> KubernetesObject {
        try await patch(
            live, object, "ownerReferences", references.isEmpty ? .null : .array(references.map(\.json)))
    }

    private func removeFinalizer(
        _ finalizer: String, from live: KubernetesObject, _ object: OwnedObject
    ) async throws {
        let rest = live.finalizers.filter { $0 != finalizer }
        guard rest != live.finalizers else { return }
        _ = try await patch(live, object, "finalizers", rest.isEmpty ? .null : .array(rest.map { .string($0) }))
    }

    /// Changes one member of the metadata, unless the object has changed since it was read.
    private func patch(
        _ live: KubernetesObject, _ object: OwnedObject, _ member: String, _ value: JSON
    ) async throws -> KubernetesObject {
        var metadata: JSON = ["uid": .string(live.uid), "resourceVersion": .string(live.resourceVersion)]
        metadata[member] = value
        do {
            return try await client(object).patch(object.name, .merge(["metadata": metadata]))
        } catch  where error.isNotFound {
            forget(uid: object.uid)
            return live
        }
    }
}
