import JSON
import KubernetesClient
import Logging

/// Keeps the taints of nodes as their conditions call for.
///
/// What is not built: marking nodes whose lease is not renewed as `Unknown`, and evicting the pods of nodes with
/// `NoExecute` taints.
final class NodeTaintController: RunnableController {
    private static let workers = 4

    private let context: ControllerContext
    private let nodes: Informer
    private let queue: WorkQueue<NamespacedName>

    init(_ context: ControllerContext) {
        self.context = context
        nodes = context.informers.informer(for: .nodes)
        queue = context.workQueue()
        nodes.addHandler(
            InformerHandler(
                onAdd: { [queue] in queue.add($0.key) }, onUpdate: { [queue] _, node in queue.add(node.key) }))
    }

    func run() async throws {
        let controller = Controller(
            name: "node-lifecycle", workers: Self.workers, queue: queue, waitingFor: [nodes], logger: context.logger
        ) { try await self.reconcile($0) }
        try await controller.run()
    }

    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let node = nodes.get(key), !node.isBeingDeleted,
            let taints = NodeTaints.wanted(for: node, now: context.now)
        else { return .done }
        let patch: JSON = [
            "metadata": ["uid": .string(node.uid), "resourceVersion": .string(node.resourceVersion)],
            "spec": ["taints": taints.isEmpty ? .null : .array(taints)],
        ]
        do {
            _ = try await context.client.resource(.nodes).patch(key.name, .merge(patch))
        } catch  where error.isNotFound {
            return .done
        }
        return .done
    }
}
