import APIMachinery
import JSON
import KubernetesClient
import Logging
import Synchronization

/// Takes the pods of the simulated nodes through their lives.
final class PodRunner: Sendable {
    private static let workers = 16

    private let client: APIClient
    private let pods: Informer
    private let nodes: [String: SimulatedNode]
    private let queue: WorkQueue<NamespacedName>
    private let recorder: EventRecorder
    private let addresses = Mutex(AddressPool())
    private let logger: Logger

    init(client: APIClient, informers: SharedInformers, nodes: [SimulatedNode], logger: Logger) {
        self.client = client
        self.logger = logger
        self.nodes = Dictionary(nodes.map { ($0.name, $0) }) { first, _ in first }
        let selector = nodes.count == 1 ? "spec.nodeName=" + nodes[0].name : "spec.nodeName!="
        pods = informers.informer(for: .pods, selection: ObjectSelection(fieldSelector: selector))
        queue = WorkQueue(timeSource: client.options.timeSource)
        var options = EventRecorder.Options()
        options.timeSource = client.options.timeSource
        recorder = EventRecorder(
            client: client, component: "kubelet", instance: nodes.count == 1 ? nodes[0].name : "", options: options)
        pods.addHandler(handler)
    }

    func run() async throws {
        // The cache is whole before the first pod gets an address, so that none is given twice.
        let controller = Controller(
            name: "pods", workers: Self.workers, queue: queue, waitingFor: [pods], logger: logger
        ) { try await self.advance($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private var handler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] in self?.observe($0) },
            onUpdate: { [weak self] old, new in
                guard let self else { return }
                if old.uid != new.uid { addresses.withLock { $0.release(pod: old.uid) } }
                observe(new)
            },
            onDelete: { [weak self] pod in self?.addresses.withLock { $0.release(pod: pod.uid) } })
    }

    private func observe(_ object: KubernetesObject) {
        let pod = Pod(object)
        if let address = pod.status["podIP"]?.stringValue, !pod.hasEnded {
            addresses.withLock { $0.note(address, pod: pod.uid) }
        }
        if nodes[pod.nodeName] != nil { queue.add(pod.key) }
    }

    private func advance(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let object = pods.get(key) else { return .done }
        let pod = Pod(object)
        if pod.hasEnded, !pod.isBeingDeleted { return .done }
        guard let node = nodes[pod.nodeName], let place = place(of: pod, on: node) else { return .done }
        let now = client.options.timeSource.wallTime
        let resource = client.resource(.pods, namespace: pod.namespace)
        do {
            switch PodLifecycle(pod, at: place, now: now).step {
            case .none(let next): return next.map { .after($0 - now) } ?? .done
            case .writeStatus(let status, let events):
                // Bears the version it was decided on: a cache that lags makes the write fail, not repeat itself.
                _ = try await resource.updateStatus(pod.withStatus(status))
                for event in events {
                    recorder.record(pod.object, .normal, reason: event.reason, message: event.message)
                }
            case .delete:
                try await resource.delete(
                    pod.name,
                    DeleteOptions(preconditions: DeleteOptions.Preconditions(uid: pod.uid), gracePeriodSeconds: 0))
            }
        } catch  where error.isNotFound {
            return .done
        } catch  where error.isConflict {
            // Another one of this name, or a newer state of this one: either comes by the watch.
            return .after(.milliseconds(100))
        }
        return .done
    }

    private func place(of pod: Pod, on node: SimulatedNode) -> PodLifecycle.Place? {
        if pod.spec["hostNetwork"]?.boolValue ?? false {
            return PodLifecycle.Place(hostIP: node.address, podIP: node.address)
        }
        guard let address = addresses.withLock({ $0.address(forPod: pod.uid) }) else {
            logger.error("Had no address left for a pod", metadata: ["pod": .string(pod.key.description)])
            return nil
        }
        return PodLifecycle.Place(hostIP: node.address, podIP: address)
    }
}
