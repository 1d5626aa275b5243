import JSON
import KubernetesClient
import Logging

/// Keeps a ConfigMap with the authorities of the API server in every namespace, for pods to trust it by.
final class RootCertificatePublisher: RunnableController {
    private static let configMap = "kube-root-ca.crt"
    private static let file = "ca.crt"
    private static let descriptionAnnotation = "kubernetes.io/description"
    private static let description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
        + "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
        + "Kubernetes clusters."

    private let context: ControllerContext
    private let namespaces: Informer
    private let configMaps: Informer
    private let queue: WorkQueue<NamespacedName>

    init(_ context: ControllerContext) {
        self.context = context
        namespaces = context.informers.informer(for: .namespaces)
        configMaps = context.informers.informer(
            for: .configMaps, selection: ObjectSelection(fieldSelector: "metadata.name=" + Self.configMap))
        queue = context.workQueue()
        namespaces.addHandler(.anyChange { [queue] in queue.add($0.key) })
        configMaps.addHandler(.anyChange { [queue] in queue.add(NamespacedName(name: $0.namespace)) })
    }

    func run() async throws {
        let controller = Controller(
            name: "root-ca-certificate-publisher", queue: queue, waitingFor: [namespaces, configMaps],
            logger: context.logger
        ) { try await self.reconcile($0) }
        try await controller.run()
    }

    private func reconcile(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let certificates = context.rootCertificates, let namespace = namespaces.get(key),
            !namespace.isBeingDeleted
        else { return .done }
        let client = context.client.resource(.configMaps, namespace: key.name)
        let data: JSON = [Self.file: .string(certificates)]
        do {
            guard var present = configMaps.get(namespace: key.name, name: Self.configMap) else {
                var new = KubernetesObject(.configMaps, namespace: key.name, name: Self.configMap, ["data": data])
                new.annotations = [Self.descriptionAnnotation: Self.description]
                _ = try await client.create(new)
                return .done
            }
            guard !present.isBeingDeleted,
                present["data"] != data || present.annotation(Self.descriptionAnnotation) != Self.description
            else { return .done }
            present["data"] = data
            present.annotations[Self.descriptionAnnotation] = Self.description
            _ = try await client.update(present)
        } catch  where error.isAlreadyExists || error.isOfTerminatingNamespace || error.isNotFound {
            return .done
        }
        return .done
    }
}
