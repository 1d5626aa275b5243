import APIMachinery
import JSON
import KubernetesClient
import Logging

/// Brings a Deployment's pods to its template, by a replica set a template.
final class DeploymentController: RunnableController {
    private static let workers = 5

    let context: ControllerContext
    let recorder: EventRecorder
    private let deployments: Informer
    private let sets: Informer
    private let pods: Informer
    private let queue: WorkQueue<NamespacedName>
    private let adoption: Adoption

    init(_ context: ControllerContext) {
        self.context = context
        deployments = context.informers.informer(for: .deployments)
        sets = context.informers.informer(for: .replicaSets)
        pods = context.informers.informer(for: .pods)
        recorder = context.recorder("deployment-controller")
        queue = context.workQueue()
        adoption = Adoption(client: context.client, resource: .replicaSets, ownerResource: .deployments)
        ControllerIndex.add(to: sets)
        ControllerIndex.add(to: pods)
        deployments.addHandler(.anyChange { [queue] in queue.add($0.key) })
        sets.addHandler(setHandler)
        pods.addHandler(InformerHandler(onDelete: { [weak self] in self?.podIsGone($0) }))
    }

    func run() async throws {
        let controller = Controller(
            name: "deployment", workers: Self.workers, queue: queue, waitingFor: [deployments, sets, pods],
            logger: context.logger
        ) { try await self.reconcile($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
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
        let labels = set.labels
        for deployment in deployments.list(namespace: set.namespace)
        where Deployment(deployment).selector.map({ !$0.isEverything && $0.matches(labels) }) ?? false {
            queue.add(deployment.key)
        }
    }

    private func addDeployment(managing set: KubernetesObject) {
        guard let reference = set.controllerReference, reference.kind == "Deployment" else { return }
        queue.add(NamespacedName(namespace: set.namespace, name: reference.name))
    }

    /// A Deployment that recreates waits for its last old pod to be gone.
    private func podIsGone(_ pod: KubernetesObject) {
        guard let reference = pod.controllerReference, reference.kind == "ReplicaSet",
            let set = sets.get(namespace: pod.namespace, name: reference.name),
            let owner = set.controllerReference, owner.kind == "Deployment",
            let deployment = deployments.get(namespace: pod.namespace, name: owner.name),
            Deployment(deployment).strategy == .recreate
        else { return }
        queue.add(deployment.key)
    }
}

// A pass.
extension DeploymentController {
    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let object = deployments.get(key) else { return .done }
        let deployment = Deployment(object)
        guard let selector = deployment.selector else {
            throw TerminalError("the selector of Deployment \(key) cannot be read")
        }
        if selector.isEverything { return try await refuse(deployment) }
        let candidates = ControllerIndex.candidates(in: sets, for: deployment).map { ReplicaSet($0) }
        let owned = try await adoption.claim(candidates, for: deployment, selector: selector)
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
            ControllerIndex.owned(in: pods, by: set.uid).contains { !Pod($0).hasEnded }
        }
    }
}
