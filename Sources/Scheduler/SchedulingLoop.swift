import APIMachinery
import JSON
import KubernetesClient
import Logging
import Synchronization

/// Takes one waiting pod after the other, decides by `Placement`, and binds.
final class SchedulingLoop: Sendable {
    private static let workers = 8

    private let client: APIClient
    private let options: Scheduler.Options
    private let informers: SharedInformers
    private let pods: Informer
    private let nodes: Informer
    private let namespaces: Informer
    private let queue: WorkQueue<NamespacedName>
    private let recorder: EventRecorder
    private let state = Mutex(SchedulerState())

    init(client: APIClient, options: Scheduler.Options) {
        self.client = client
        self.options = options
        var informerOptions = Informer.Options()
        informerOptions.reflector.timeSource = client.options.timeSource
        informerOptions.transform = { $0.setMetadata("managedFields", nil) }
        informers = SharedInformers(client: client, options: informerOptions)
        pods = informers.informer(
            for: .pods, selection: ObjectSelection(fieldSelector: "status.phase!=Succeeded,status.phase!=Failed"))
        nodes = informers.informer(for: .nodes)
        namespaces = informers.informer(for: .namespaces)
        queue = WorkQueue(timeSource: client.options.timeSource)
        var recorderOptions = EventRecorder.Options()
        recorderOptions.timeSource = client.options.timeSource
        recorder = EventRecorder(client: client, component: options.name, options: recorderOptions)
        pods.addHandler(podHandler)
        nodes.addHandler(nodeHandler)
        namespaces.addHandler(namespaceHandler)
    }

    func run() async throws {
        // Decisions are made one at a time under the state's lock; the workers wait for the server side by side.
        let controller = Controller(
            name: "scheduler", workers: Self.workers, queue: queue, waitingFor: [pods, nodes, namespaces],
            logger: options.logger
        ) { try await self.schedule($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await self.informers.run() }
            group.addTask { await self.recorder.run() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

// What happened.
extension SchedulingLoop {
    private var podHandler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] in self?.observe($0) },
            onUpdate: { [weak self] old, new in
                if old.uid != new.uid { self?.forget(old) }
                self?.observe(new)
            },
            onDelete: { [weak self] in self?.forget($0) })
    }

    private func observe(_ object: KubernetesObject) {
        let pod = Pod(object)
        if pod.nodeName.isEmpty {
            if isMine(pod) { queue.add(pod.key) }
            return
        }
        let isNew = state.withLock { state in
            let isNew = !state.isPlaced(pod.uid)
            if pod.hasEnded { state.remove(pod: pod.uid) } else { state.place(pod, on: pod.nodeName) }
            state.forgetUnschedulable(pod.key)
            return isNew
        }
        if pod.hasEnded { retryUnschedulable() } else if isNew { retryUnschedulable { $0.waitsForPods } }
    }

    private func forget(_ object: KubernetesObject) {
        state.withLock { state in
            state.remove(pod: object.uid)
            state.forgetUnschedulable(object.key)
        }
        retryUnschedulable()
    }

    private var nodeHandler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] node in self?.changeNodes { $0.set(node: node) } },
            onUpdate: { [weak self] old, new in
                guard let self else { return }
                state.withLock { $0.set(node: new) }
                // Heartbeats change nothing that a pod may wait for.
                if Self.matters(old) != Self.matters(new) { retryUnschedulable() }
            },
            onDelete: { [weak self] node in self?.changeNodes { $0.remove(node: node.name) } })
    }

    private func changeNodes(_ change: (inout SchedulerState) -> Void) {
        state.withLock { change(&$0) }
        retryUnschedulable()
    }

    private static func matters(_ node: KubernetesObject) -> [JSON?] {
        [
            node.spec, node.metadata["labels"], node.status?["allocatable"],
            node.condition("Ready").map { .string($0.status) },
        ]
    }

    private var namespaceHandler: InformerHandler {
        InformerHandler(
            onAdd: { [weak self] namespace in self?.state.withLock { $0.set(namespace: namespace) } },
            onUpdate: { [weak self] _, namespace in self?.state.withLock { $0.set(namespace: namespace) } },
            onDelete: { [weak self] namespace in self?.state.withLock { $0.remove(namespace: namespace.name) } })
    }

    /// Something has changed that pods may have waited for. Those that have tried often wait a little for more changes.
    private func retryUnschedulable(where mayHelp: (SchedulerState.Unschedulable) -> Bool = { _ in true }) {
        for (key, entry) in state.withLock({ $0.unschedulable }) where mayHelp(entry) {
            queue.add(key, after: backoff(entry.attempts) / 10)
        }
    }

    private func backoff(_ attempts: Int) -> Duration {
        min(options.maximumBackoff, options.initialBackoff * (1 << min(max(0, attempts - 1), 10)))
    }

    private func isMine(_ pod: Pod) -> Bool {
        (pod.spec["schedulerName"]?.stringValue ?? "default-scheduler") == options.name && !pod.isBeingDeleted
            && (pod.spec["schedulingGates"]?.arrayValue ?? []).isEmpty && !pod.hasEnded
    }
}

// A pod.
extension SchedulingLoop {
    private func schedule(_ key: NamespacedName) async throws -> ReconcileResult {
        guard let object = pods.get(key) else {
            state.withLock { $0.forgetUnschedulable(key) }
            return .done
        }
        let pod = Pod(object)
        guard pod.nodeName.isEmpty, isMine(pod) else { return .done }
        let placement: Placement? = state.withLock { state in
            if state.isPlaced(pod.uid) { return nil }
            let placement = Placement(of: pod, among: state.nodes.values, namespaceLabels: state.namespaceLabels)
            if case .node(let node) = placement { state.place(pod, on: node) }
            return placement
        }
        switch placement {
        case nil: return .done
        case .node(let node): return try await bind(pod, to: node)
        case .unschedulable(let message): return try await reportUnschedulable(pod, message)
        }
    }

    private func bind(_ pod: Pod, to node: String) async throws -> ReconcileResult {
        do {
            try await client.resource(.pods, namespace: pod.namespace).bind(pod: pod.name, uid: pod.uid, toNode: node)
        } catch {
            state.withLock { $0.remove(pod: pod.uid) }
            // Gone, or bound by someone else: the watch tells.
            if error.isNotFound || error.isConflict { return .done }
            throw error
        }
        state.withLock { $0.forgetUnschedulable(pod.key) }
        retryUnschedulable { $0.waitsForPods }
        recorder.record(
            pod.object, .normal, reason: "Scheduled", message: "Successfully assigned \(pod.key) to \(node)")
        return .done
    }

    private func reportUnschedulable(_ pod: Pod, _ message: String) async throws -> ReconcileResult {
        let attempts = state.withLock { $0.noteUnschedulable(pod) }
        recorder.record(pod.object, .warning, reason: "FailedScheduling", message: message)
        let present = pod.condition("PodScheduled")
        if present?.status != "False" || present?.reason != "Unschedulable" || present?.message != message {
            var condition: JSON = [
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(message),
                "lastProbeTime": .null,
                "lastTransitionTime": (present?.status == "False" ? present?.json["lastTransitionTime"] : nil)
                    ?? client.options.timeSource.wallTime.json,
            ]
            if pod.generation > 0 { condition["observedGeneration"] = .int(pod.generation) }
            let patch: JSON = ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": [condition]]]
            do {
                _ = try await client.resource(.pods, namespace: pod.namespace).patch(
                    pod.name, .strategic(patch), subresource: "status")
            } catch  where error.isNotFound || error.isConflict {
                return .done
            }
        }
        return .after(attempts < 2 ? backoff(attempts) : options.unschedulablePeriod)
    }
}
