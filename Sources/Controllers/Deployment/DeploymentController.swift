import APIMachinery
import JSON
import KubernetesClient
import Logging

/// Brings a Deployment's pods to its template, by a replica set a template.
final class DeploymentController: RunnableController {
    private let loop: WorkloadLoop<Deployment>

    var context: ControllerContext { loop.context }
    var recorder: EventRecorder { loop.recorder }

    init(_ context: ControllerContext) {
        loop = WorkloadLoop("deployment", for: .deployments, keeping: .replicaSets, context)
        loop.owners.addHandler(.anyChange { [queue = loop.queue] in queue.add($0.key) })
        loop.dependents.addHandler(setHandler)
        loop.pods.addHandler(InformerHandler(onDelete: { [weak self] in self?.podIsGone($0) }))
    }

    func run() async throws { try await loop.run { try await self.reconcile($0) } }
}

// What happened, and whom it concerns.
extension DeploymentController {
    private var setHandler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] in self?.setChanged($0) },
            onUpdate: { [weak self] old, new in
                if old.controllerReference?.uid != new.controllerReference?.uid { self?.addDeployment(managing: old) }
                self?.setChanged(new)
            },
            onDelete: { [weak self] in self?.addDeployment(managing: $0) })
    }

    private func setChanged(_ set: KubernetesObject) {
        if set.controllerReference != nil { return addDeployment(managing: set) }
        loop.addOwners(selecting: set)
    }

    private func addDeployment(managing set: KubernetesObject) {
        guard let reference = set.controllerReference, reference.kind == "Deployment" else { return }
        loop.queue.add(NamespacedName(namespace: set.namespace, name: reference.name))
    }

    /// A Deployment that recreates waits for its last old pod to be gone.
    private func podIsGone(_ pod: KubernetesObject) {
        guard let reference = pod.controllerReference, reference.kind == "ReplicaSet",
            let set = loop.dependents.get(namespace: pod.namespace, name: reference.name),
            let owner = set.controllerReference, owner.kind == "Deployment",
            let deployment = loop.owners.get(namespace: pod.namespace, name: owner.name),
            Deployment(deployment).strategy == .recreate
        else { return }
        loop.queue.add(deployment.key)
    }
}

// A pass.
extension DeploymentController {
    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let (deployment, selector) = try loop.owner(key) else { return .done }
        if selector.isEverything { return try await refuse(deployment) }
        let candidates = loop.candidates(for: deployment).map { ReplicaSet($0) }
        let owned = try await loop.claim(candidates, for: deployment, selector: selector)
        var rollout = Rollout(self, deployment, owned)
        do {
            return try await rollout.advance()
        } catch  where error.isNotFound {
            // The Deployment or one of its sets has gone meanwhile: the watch tells which.
            return .done
        }
    }

    private func refuse(_ deployment: Deployment) async throws -> ReconcileResult {
        recorder.record(
            deployment.object, .warning, reason: "SelectingAll",
            message: "This deployment is selecting all pods. A non-empty selector is required.")
        if deployment.observedGeneration < deployment.generation {
            var status = deployment.status.isNull ? .object([:]) : deployment.status
            status["observedGeneration"] = .int(deployment.generation)
            _ = try await context.client.resource(.deployments, namespace: deployment.namespace).updateStatus(
                deployment.withStatus(status))
        }
        return .done
    }

    /// Whether a pod of an old set may still run.
    func hasRunningPods(_ old: [ReplicaSet]) -> Bool {
        if old.contains(where: { $0.actualReplicas > 0 }) { return true }
        return old.contains { set in
            ControllerIndex.owned(in: loop.pods, by: set.uid).contains { !Pod($0).hasEnded }
        }
    }
}
