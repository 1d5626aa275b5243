import APIMachinery
import JSON
import KubernetesClient
import Logging

/// Keeps as many pods of a template as a ReplicaSet asks for.
final class ReplicaSetController: RunnableController {
    private let loop: WorkloadLoop<ReplicaSet>
    private let expectations = Expectations()

    private var queue: WorkQueue<NamespacedName> { loop.queue }
    private var recorder: EventRecorder { loop.recorder }
    private var context: ControllerContext { loop.context }

    init(_ context: ControllerContext) {
        loop = WorkloadLoop("replicaset", for: .replicaSets, keeping: .pods, context)
        loop.owners.addHandler(setHandler)
        loop.pods.addHandler(podHandler)
    }

    func run() async throws { try await loop.run { try await self.reconcile($0) } }
}

// What happened, and whom it concerns.
extension ReplicaSetController {
    private var setHandler: InformerHandler {
        InformerHandler(
            onAdd: { [queue] in queue.add($0.key) },
            onUpdate: { [queue, expectations] old, new in
                if old.uid != new.uid { expectations.forget(old.uid) }
                queue.add(new.key)
            },
            onDelete: { [queue, expectations] in
                expectations.forget($0.uid)
                queue.add($0.key)
            })
    }

    private var podHandler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] pod in
                guard let self else { return }
                if pod.isBeingDeleted { return podIsGoing(pod) }
                if let set = set(managing: pod) {
                    expectations.creationObserved(set.uid)
                    queue.add(set.key)
                } else if pod.controllerReference == nil {
                    loop.addOwners(selecting: pod)
                }
            },
            onUpdate: { [weak self] old, new in self?.podChanged(from: old, to: new) },
            onDelete: { [weak self] in self?.podIsGoing($0) })
    }

    private func podIsGoing(_ pod: KubernetesObject) {
        guard let set = set(managing: pod) else { return }
        expectations.deletionObserved(set.uid, uid: pod.uid)
        queue.add(set.key)
    }

    private func podChanged(from old: KubernetesObject, to new: KubernetesObject) {
        if old.uid != new.uid { podIsGoing(old) }
        if new.isBeingDeleted { return podIsGoing(new) }
        let changedHands = old.controllerReference?.uid != new.controllerReference?.uid
        if changedHands, let before = set(managing: old) { queue.add(before.key) }
        if let set = set(managing: new) {
            queue.add(set.key)
        } else if new.controllerReference == nil, changedHands || old.labels != new.labels {
            loop.addOwners(selecting: new)
        }
    }

    private func set(managing pod: KubernetesObject) -> KubernetesObject? {
        guard let reference = pod.controllerReference, reference.kind == "ReplicaSet",
            let set = loop.owners.get(namespace: pod.namespace, name: reference.name), set.uid == reference.uid
        else { return nil }
        return set
    }
}

// A pass.
extension ReplicaSetController {
    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let (set, selector) = try loop.owner(key) else { return .done }
        // Asked before the pods are read: what is seen after that is in the cache.
        let mayAct = expectations.areFulfilled(set.uid, now: context.now)
        let candidates = loop.candidates(for: set).map { Pod($0) }
        let active = try await loop.claim(candidates.filter(\.isActive), for: set, selector: selector)
        let terminating = candidates.count {
            $0.isTerminating && OwnershipClaim(of: $0, by: set, selector: selector) == .owned
        }
        var failure: (any Error)?
        if mayAct, !set.isBeingDeleted { failure = await adjust(set, active: active) }
        let now = context.now
        let status = ReplicaSetStatus.make(
            of: set, active: active, terminating: terminating, failure: failure.map(Self.text), now: now)
        if status != set.status {
            do {
                _ = try await context.client.resource(.replicaSets, namespace: key.namespace).updateStatus(
                    set.withStatus(status))
            } catch  where error.isNotFound {
                return .done
            }
        }
        if let failure { throw failure }
        guard let next = ReplicaSetStatus.nextAvailability(of: set, active: active, now: now) else { return .done }
        return .after(next - now)
    }

    /// - Returns: why not everything could be done.
    private func adjust(_ set: ReplicaSet, active: [Pod]) async -> (any Error)? {
        switch ReplicaSetPlan(for: set, active: active, related: related(to: set), now: context.now) {
        case .none: return nil
        case .create(let count): return await create(count, for: set)
        case .delete(let pods): return await delete(pods, of: set)
        }
    }

    /// The pods of all sets that one Deployment has.
    private func related(to set: ReplicaSet) -> [Pod] {
        let siblings =
            set.controllerReference.map { ControllerIndex.owned(in: loop.owners, by: $0.uid) } ?? [set.object]
        return siblings.flatMap { ControllerIndex.owned(in: loop.pods, by: $0.uid) }.map { Pod($0) }
    }

    private func create(_ count: Int, for set: ReplicaSet) async -> (any Error)? {
        expectations.expect(set.uid, creations: count, now: context.now)
        let pod = KubernetesObject(PodTemplate.pod(from: set.template, owner: set.object))
        let client = context.client.resource(.pods, namespace: set.namespace)
        let outcome = await SlowStart.run(count) { [recorder, expectations] _ in
            do {
                let created = try await client.create(pod)
                recorder.record(
                    set.object, .normal, reason: "SuccessfulCreate", message: "Created pod: \(created.name)")
            } catch {
                expectations.creationObserved(set.uid)
                if error.isOfTerminatingNamespace { return }
                recorder.record(
                    set.object, .warning, reason: "FailedCreate", message: "Error creating: \(Self.text(error))")
                throw error
            }
        }
        if outcome.skipped > 0 { expectations.creationObserved(set.uid, count: outcome.skipped) }
        return outcome.error
    }

    private func delete(_ pods: [Pod], of set: ReplicaSet) async -> (any Error)? {
        expectations.expect(set.uid, deletions: pods.map(\.uid), now: context.now)
        let client = context.client.resource(.pods, namespace: set.namespace)
        return await withTaskGroup(of: (any Error)?.self) { [recorder, expectations] group in
            for pod in pods {
                group.addTask {
                    do {
                        try await client.delete(
                            pod.name, DeleteOptions(preconditions: DeleteOptions.Preconditions(uid: pod.uid)))
                        recorder.record(
                            set.object, .normal, reason: "SuccessfulDelete", message: "Deleted pod: \(pod.name)")
                        return nil
                    } catch {
                        expectations.deletionObserved(set.uid, uid: pod.uid)
                        if error.isNotFound || error.isConflict { return nil }
                        recorder.record(
                            set.object, .warning, reason: "FailedDelete", message: "Error deleting: \(Self.text(error))"
                        )
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
    }

    private static func text(_ error: any Error) -> String { (error as? APIStatus)?.message ?? "\(error)" }
}
