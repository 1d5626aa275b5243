import APIMachinery
import JSON
import KubernetesClient
import Logging
import Synchronization

/// Deletes what has lost all its owners, and sees foreground and orphaning deletions through, over every resource that
/// can be listed, watched and deleted.
final class GarbageCollector: RunnableController {
    static let workers = 20
    /// How often the server is asked for resources that have come or gone.
    static let discoveryPeriod: Duration = .seconds(30)
    /// A resource whose objects could not be listed for so long does not hold up the others any more.
    static let syncPatience: Duration = .seconds(30)
    /// Before an owner is judged by its dependents: one that was created just before may come a moment later.
    static let settlingTime: Duration = .milliseconds(250)
    /// Until an object is looked at again whose owner is there but was not seen by its watch.
    static let unseenOwnerPeriod: Duration = .seconds(30)
    /// They come and go by the thousand and have no owners.
    static let ignored: Set<GroupResource> = [
        GroupResource(group: "", resource: "events"), GroupResource(group: "events.k8s.io", resource: "events"),
    ]

    struct State {
        var graph = OwnerGraph()
        var monitors: [APIResource: Monitor] = [:]
        var discovery: DiscoveryResult?
        var absent = AbsentOwners()
    }

    /// The watch over one resource.
    struct Monitor: Sendable {
        var informer: Informer
        var startedAt: Duration
        var stop: AsyncStream<Never>.Continuation
    }

    let context: ControllerContext
    let state = Mutex(State())
    let queue: WorkQueue<OwnerGraph.Work>
    let recorder: EventRecorder
    private var timeSource: any TimeSource { context.client.options.timeSource }

    init(_ context: ControllerContext) {
        self.context = context
        queue = context.workQueue()
        recorder = context.recorder("garbage-collector-controller")
    }

    func run() async throws {
        let controller = Controller(
            name: "garbage-collector", workers: Self.workers, queue: queue, logger: context.logger
        ) { try await self.reconcile($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { try await self.watchResources() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Whether what the graph says of dependents is complete.
    var isComplete: Bool {
        let now = timeSource.uptime
        return state.withLock { state in
            !state.monitors.isEmpty
                && state.monitors.values.allSatisfy {
                    $0.informer.hasSynced || now - $0.startedAt > Self.syncPatience
                }
        }
    }

    func enqueue(_ work: [OwnerGraph.Work]) { for one in work { queue.add(one) } }
}

// The resources that there are.
extension GarbageCollector {
    private func watchResources() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                do {
                    let result = try await Discovery(client: context.client).resources()
                    for (informer, stopped) in update(result) {
                        group.addTask { await Self.run(informer, until: stopped) }
                    }
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    context.logger.warning("Failed to discover resources", metadata: ["error": .string("\(error)")])
                }
                try await timeSource.sleep(for: Self.discoveryPeriod)
            }
        }
    }

    private static func run(_ informer: Informer, until stopped: AsyncStream<Never>) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await informer.run() }
            for await _ in stopped {}
            group.cancelAll()
        }
    }

    /// Stops what is not served any more.
    /// - Returns: the new monitors, to be run.
    private func update(_ result: DiscoveryResult) -> [(Informer, AsyncStream<Never>)] {
        let wanted = Set(result.deletable.map(\.resource)).filter { !Self.ignored.contains($0.groupResource) }
        let unknown = Set(result.failures.keys)
        var started: [(Informer, AsyncStream<Never>, APIResource)] = []
        state.withLock { state in
            state.discovery = result
            // A group that could not be asked is taken to be as it was.
            for (resource, monitor) in state.monitors
            where !wanted.contains(resource) && !unknown.contains(resource.groupVersion) {
                monitor.stop.finish()
                state.monitors[resource] = nil
                state.graph.forget(resource: resource)
            }
            for resource in wanted where state.monitors[resource] == nil {
                let (stopped, stop) = AsyncStream.makeStream(of: Never.self)
                let informer = informer(for: resource)
                state.monitors[resource] = Monitor(informer: informer, startedAt: timeSource.uptime, stop: stop)
                started.append((informer, stopped, resource))
            }
        }
        for (informer, _, resource) in started { informer.addHandler(handler(for: resource)) }
        return started.map { ($0.0, $0.1) }
    }

    private func informer(for resource: APIResource) -> Informer {
        var options = Informer.Options()
        options.reflector.timeSource = timeSource
        options.transform = { object in
            for member in ["managedFields", "labels", "annotations"] { object.setMetadata(member, nil) }
        }
        return Informer(context.client.resource(resource).metadataOnly, options: options)
    }

    private func handler(for resource: APIResource) -> InformerHandler {
        let observe: @Sendable (KubernetesObject) -> Void = { [weak self] object in
            guard let self else { return }
            for work in state.withLock({ $0.graph.observe(OwnedObject(object, resource: resource)) }) {
                let settles = work == .orphanDependents(uid: object.uid) || work == .examine(uid: object.uid)
                if settles, object.isBeingDeleted {
                    queue.add(work, after: Self.settlingTime)
                } else {
                    queue.add(work)
                }
            }
        }
        return InformerHandler(
            onAdd: observe,
            onUpdate: { [weak self] old, new in
                if old.uid != new.uid { self?.forget(uid: old.uid) }
                observe(new)
            },
            onDelete: { [weak self] in self?.forget(uid: $0.uid) })
    }

    func forget(uid: String) {
        enqueue(
            state.withLock { state in
                state.absent.insert(uid)
                return state.graph.forget(uid: uid)
            })
    }
}

/// Uids of owners that are known to be gone: a uid never comes back.
struct AbsentOwners: Sendable {
    private static let limit = 4096

    private var uids: Set<String> = []
    private var order: [String] = []
    private var oldest = 0

    func contains(_ uid: String) -> Bool { uids.contains(uid) }

    mutating func insert(_ uid: String) {
        guard uids.insert(uid).inserted else { return }
        if order.count < Self.limit {
            order.append(uid)
        } else {
            uids.remove(order[oldest])
            order[oldest] = uid
            oldest = (oldest + 1) % Self.limit
        }
    }
}
