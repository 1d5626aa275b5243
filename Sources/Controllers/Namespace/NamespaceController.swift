import APIMachinery
import JSON
import KubernetesClient
import Logging

/// Empties namespaces that are being deleted, tells what is left in them, and lets them go.
final class NamespaceController: RunnableController {
    static let finalizer = "kubernetes"
    private static let workers = 10
    /// Until a namespace is looked at again whose content is on its way out.
    private static let contentPeriod: Duration = .seconds(1)
    /// The same where only finalizers hold it.
    private static let finalizerPeriod: Duration = .seconds(5)

    private let context: ControllerContext
    private let namespaces: Informer
    private let queue: WorkQueue<NamespacedName>

    init(_ context: ControllerContext) {
        self.context = context
        namespaces = context.informers.informer(for: .namespaces)
        queue = context.workQueue()
        namespaces.addHandler(.anyChange { [queue] in if $0.isBeingDeleted { queue.add($0.key) } })
    }

    func run() async throws {
        let controller = Controller(
            name: "namespace", workers: Self.workers, queue: queue, waitingFor: [namespaces], logger: context.logger
        ) { try await self.reconcile($0) }
        try await controller.run()
    }

    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        let client = context.client.resource(.namespaces)
        var namespace: KubernetesObject
        do { namespace = try await client.get(key.name) } catch  where error.isNotFound { return .done }
        guard namespace.isBeingDeleted, Self.finalizers(of: namespace).contains(Self.finalizer) else { return .done }
        if namespace.status?["phase"]?.stringValue != "Terminating" {
            var status = namespace.status ?? .object([:])
            status["phase"] = "Terminating"
            namespace = try await client.updateStatus(namespace.withStatus(status))
        }
        let findings = try await NamespaceContent(client: context.client, namespace: key.name).delete()
        let status = findings.status(of: namespace, now: context.now)
        if status != namespace.status {
            namespace = try await client.updateStatus(namespace.withStatus(status))
        }
        guard findings.isComplete else {
            let onlyHeld =
                findings.contentFailures.isEmpty && findings.discoveryFailures.isEmpty
                && findings.remaining.values.reduce(0, +) <= findings.finalizers.values.reduce(0, +)
            return .after(onlyHeld ? Self.finalizerPeriod : Self.contentPeriod)
        }
        let rest = Self.finalizers(of: namespace).filter { $0 != Self.finalizer }
        var spec = namespace.spec ?? .object([:])
        spec["finalizers"] = rest.isEmpty ? nil : .array(rest.map { .string($0) })
        namespace.spec = spec
        do { _ = try await client.finalize(namespace) } catch  where error.isNotFound { return .done }
        return .done
    }

    private static func finalizers(of namespace: KubernetesObject) -> [String] {
        namespace.spec?["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
