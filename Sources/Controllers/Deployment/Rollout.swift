import APIMachinery
import JSON
import KubernetesClient

/// One pass over one Deployment: decides by `DeploymentScaling` and `DeploymentStatus`, and writes what they say.
struct Rollout {
    private let controller: DeploymentController
    private var deployment: Deployment
    private var new: ReplicaSet?
    private var old: [ReplicaSet]

    init(_ controller: DeploymentController, _ deployment: Deployment, _ sets: [ReplicaSet]) {
        self.controller = controller
        self.deployment = deployment
        let new = DeploymentRevision.newSet(of: deployment, among: sets)
        self.new = new
        old = sets.filter { $0.uid != new?.uid }
    }

    private var now: KubernetesTime { controller.context.now }
    private var scaling: DeploymentScaling { DeploymentScaling(deployment: deployment, new: new, old: old) }
    private var status: DeploymentStatus {
        DeploymentStatus(deployment: deployment, new: new, old: old, now: now)
    }
    private var deployments: ResourceClient {
        controller.context.client.resource(.deployments, namespace: deployment.namespace)
    }
    private var replicaSets: ResourceClient {
        controller.context.client.resource(.replicaSets, namespace: deployment.namespace)
    }

    /// Takes the Deployment as far as it gets before something has to be seen again.
    mutating func advance() async throws -> ReconcileResult {
        if deployment.isBeingDeleted {
            try await write(status.counted)
            return .done
        }
        try await notePause()
        if deployment.isPaused || scaling.isScalingEvent { return try await resize() }
        switch deployment.strategy {
        case .rollingUpdate: return try await roll()
        case .recreate: return try await recreate()
        }
    }

    /// Changes sizes only: a paused Deployment rolls no further, and one whose size changed rolls on from there.
    private mutating func resize() async throws -> ReconcileResult {
        try await adoptRevision()
        for change in scaling.resizeChanges { try await apply(change, notingSizes: true) }
        if deployment.isPaused { try await dropHistory() }
        try await write(status.counted)
        return .done
    }

    private mutating func roll() async throws -> ReconcileResult {
        try await ensureNewSet()
        if let change = scaling.newSetChange {
            try await apply(change)
            return try await report()
        }
        let changes = scaling.oldSetChanges
        for change in changes { try await apply(change) }
        if changes.isEmpty, status.isComplete(deployment.status) { try await dropHistory() }
        return try await report()
    }

    private mutating func recreate() async throws -> ReconcileResult {
        try await adoptRevision()
        let changes = scaling.recreateChanges
        for change in changes { try await apply(change) }
        if !changes.isEmpty || controller.hasRunningPods(old) { return try await report() }
        try await ensureNewSet()
        if let change = scaling.newSetChange { try await apply(change) }
        if status.isComplete(deployment.status) { try await dropHistory() }
        return try await report()
    }

    /// Writes how far the rollout is, and comes back when its deadline has passed.
    private mutating func report() async throws -> ReconcileResult {
        let status = status.rolledOut
        let isNews = status != deployment.status
        try await write(status)
        guard let time = self.status.timeUntilDeadline(status) else { return .done }
        // A write is seen, and seen to; without one there is nothing to wake this up.
        return isNews && time <= .zero ? .done : .after(max(time, .milliseconds(100)))
    }
}

// Writes.
extension Rollout {
    private mutating func write(_ status: JSON) async throws {
        guard status != deployment.status else { return }
        deployment = Deployment(try await deployments.updateStatus(deployment.withStatus(status)))
    }

    private mutating func notePause() async throws {
        guard deployment.progressDeadlineSeconds != nil else { return }
        let condition = deployment.condition(DeploymentStatus.ConditionType.progressing)
        if condition?.reason == DeploymentStatus.Reason.progressDeadlineExceeded { return }
        let wasPaused = condition?.reason == DeploymentStatus.Reason.paused
        guard wasPaused != deployment.isPaused else { return }
        try await setProgress(
            "Unknown", deployment.isPaused ? DeploymentStatus.Reason.paused : DeploymentStatus.Reason.resumed,
            deployment.isPaused ? "Deployment is paused" : "Deployment is resumed")
    }

    private mutating func setProgress(_ value: String, _ reason: String, _ message: String) async throws {
        try await write(DeploymentStatus.status(of: deployment, progressing: value, reason, message, now: now))
    }

    /// Gives the set that is there for the template its revision and annotations.
    private mutating func adoptRevision() async throws {
        guard let present = new else { return }
        let revision = DeploymentRevision.next(after: old)
        var wanted = DeploymentRevision.annotated(present, for: deployment, revision: revision)
        if present.minReadySeconds != deployment.minReadySeconds {
            var spec = wanted.spec
            spec["minReadySeconds"] = deployment.minReadySeconds == 0 ? nil : .int(deployment.minReadySeconds)
            wanted.json["spec"] = spec
        }
        if wanted != present { new = ReplicaSet(try await replicaSets.update(wanted.object)) }
        try await noteRevision(
            wanted.annotation(DeploymentAnnotation.revision), reason: DeploymentStatus.Reason.foundNewReplicaSet,
            message: "Found new replica set \"\(present.name)\"", onlyFirst: true)
    }

    private mutating func ensureNewSet() async throws {
        if new == nil { try await createNewSet() } else { try await adoptRevision() }
    }

    private mutating func createNewSet() async throws {
        let revision = DeploymentRevision.next(after: old)
        let set = NewReplicaSet.make(for: deployment, replicas: scaling.newSetReplicas, revision: revision)
        let created: ReplicaSet
        do {
            created = ReplicaSet(try await replicaSets.create(set.object))
        } catch  where error.isAlreadyExists {
            created = try await resolveCollision(set)
        } catch  where error.isOfTerminatingNamespace {
            throw TerminalError("the namespace of Deployment \(deployment.key) is going", cause: error)
        } catch {
            let text = (error as? APIStatus)?.message ?? "\(error)"
            let message = "Failed to create new replica set \"\(set.name)\": \(text)"
            if deployment.progressDeadlineSeconds != nil {
                try await setProgress("False", DeploymentStatus.Reason.replicaSetCreateError, message)
            }
            controller.recorder.record(
                deployment.object, .warning, reason: DeploymentStatus.Reason.replicaSetCreateError, message: message)
            throw error
        }
        new = created
        if created.replicas > 0 { recordScaling("up", created.name, from: 0, to: created.replicas) }
        try await noteRevision(
            String(revision), reason: DeploymentStatus.Reason.newReplicaSetCreated,
            message: "Created new replica set \"\(created.name)\"", onlyFirst: false)
    }

    /// A set of that name is there. It may be ours, and only unknown to the cache; else two templates have one hash, and
    /// the next try hashes with another count.
    private mutating func resolveCollision(_ set: ReplicaSet) async throws -> ReplicaSet {
        let present = ReplicaSet(try await replicaSets.get(set.name))
        if present.controllerReference?.uid == deployment.uid,
            PodTemplateComparison.areEqual(present.template, deployment.template)
        {
            return present
        }
        var status = deployment.status.isNull ? .object([:]) : deployment.status
        status["collisionCount"] = .int((deployment.collisionCount ?? 0) &+ 1)
        try await write(status)
        throw HashCollision(name: set.name)
    }

    /// The Deployment bears its new set's revision; the write of its status takes the annotation along.
    private mutating func noteRevision(
        _ revision: String?, reason: String, message: String, onlyFirst: Bool
    ) async throws {
        var wanted = deployment
        if let revision { wanted.setAnnotation(DeploymentAnnotation.revision, revision) }
        let condition = deployment.condition(DeploymentStatus.ConditionType.progressing)
        if deployment.progressDeadlineSeconds != nil, condition == nil || !onlyFirst {
            wanted.json["status"] = DeploymentStatus.status(
                of: deployment, progressing: "True", reason, message, now: now)
        }
        guard wanted != deployment else { return }
        deployment = Deployment(try await deployments.updateStatus(wanted.object))
    }

    /// - Parameter notingSizes: whether the set's notes of the Deployment's size are brought up to date even where its
    ///   own size stays.
    private mutating func apply(_ change: ScaleChange, notingSizes: Bool = false) async throws {
        var set = DeploymentRevision.sized(change.replicaSet, for: deployment)
        set.replicas = change.replicas
        guard change.isChange || (notingSizes && set != change.replicaSet) else { return }
        let written = ReplicaSet(try await replicaSets.update(set.object))
        if written.uid == new?.uid { new = written }
        if let index = old.firstIndex(where: { $0.uid == written.uid }) { old[index] = written }
        guard change.isChange else { return }
        recordScaling(
            change.replicas > change.replicaSet.replicas ? "up" : "down", written.name,
            from: change.replicaSet.replicas, to: change.replicas)
    }

    private func recordScaling(_ direction: String, _ name: String, from: Int64, to: Int64) {
        controller.recorder.record(
            deployment.object, .normal, reason: "ScalingReplicaSet",
            message: "Scaled \(direction) replica set \(name) from \(from) to \(to)")
    }

    private func dropHistory() async throws {
        for set in DeploymentRevision.expired(of: deployment, old: old) {
            do {
                try await replicaSets.delete(
                    set.name, DeleteOptions(preconditions: DeleteOptions.Preconditions(uid: set.uid)))
            } catch  where error.isNotFound {
                continue
            }
        }
    }
}

/// Two templates have the same hash: the next pass hashes with another count.
struct HashCollision: Error, CustomStringConvertible {
    var name: String
    var description: String { "a replica set \(name) of another template is there" }
}
