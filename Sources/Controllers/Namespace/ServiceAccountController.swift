import JSON
import KubernetesClient
import Logging

/// Keeps a ServiceAccount `default` in every namespace.
final class ServiceAccountController: RunnableController {
    private static let account = "default"

    private let context: ControllerContext
    private let namespaces: Informer
    private let accounts: Informer
    private let queue: WorkQueue<NamespacedName>

    init(_ context: ControllerContext) {
        self.context = context
        namespaces = context.informers.informer(for: .namespaces)
        accounts = context.informers.informer(for: .serviceAccounts)
        queue = context.workQueue()
        namespaces.addHandler(.anyChange { [queue] in queue.add($0.key) })
        accounts.addHandler(
            InformerHandler(onDelete: { [queue] account in
                if account.name == Self.account { queue.add(NamespacedName(name: account.namespace)) }
            }))
    }

    func run() async throws {
        let controller = Controller(
            name: "serviceaccount", queue: queue, waitingFor: [namespaces, accounts], logger: context.logger
        ) { try await self.reconcile($0) }
        try await controller.run()
    }

    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let namespace = namespaces.get(key), !namespace.isBeingDeleted,
            accounts.get(namespace: key.name, name: Self.account) == nil
        else { return .done }
        let account = KubernetesObject(.serviceAccounts, namespace: key.name, name: Self.account)
        do {
            _ = try await context.client.resource(.serviceAccounts, namespace: key.name).create(account)
        } catch  where error.isAlreadyExists || error.isOfTerminatingNamespace || error.isNotFound {
            return .done
        }
        return .done
    }
}
