import APIMachinery
import JSON
import KubernetesClient
import Logging

/// Registers the nodes, and keeps their leases and statuses fresh.
struct NodeHeartbeats: Sendable {
    private static let leaseNamespace = "kube-node-lease"

    private let client: APIClient
    private let registered: Informer
    private let nodes: [SimulatedNode]
    private let options: SimulatedNodes.Options
    private var timeSource: any TimeSource { client.options.timeSource }

    init(client: APIClient, informers: SharedInformers, nodes: [SimulatedNode], options: SimulatedNodes.Options) {
        self.client = client
        self.nodes = nodes
        self.options = options
        registered = informers.informer(for: .nodes)
    }

    func run() async throws {
        try await registered.waitForSync()
        try await withThrowingTaskGroup { group in
            for node in nodes { group.addTask { try await self.beat(node) } }
            try await group.waitForAll()
        }
        // Without nodes there is nothing to do, but to be there.
        while true { try await timeSource.sleep(for: options.leasePeriod) }
    }

    private func beat(_ node: SimulatedNode) async throws {
        var lease: KubernetesObject?
        while true {
            do {
                let object = try await register(node)
                lease = try await renew(lease, of: node, object)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                lease = nil
                let text = (error as? APIStatus)?.message ?? "\(error)"
                options.logger.warning(
                    "Failed to keep a node alive", metadata: ["node": .string(node.name), "error": .string(text)])
            }
            try await timeSource.sleep(for: options.leasePeriod)
        }
    }

    /// The node as it is registered, with a status that is true and fresh.
    private func register(_ node: SimulatedNode) async throws -> KubernetesObject {
        let now = timeSource.wallTime
        let nodes = client.resource(.nodes)
        var object: KubernetesObject
        if let known = registered.get(name: node.name) {
            object = known
        } else {
            do {
                object = try await nodes.create(node.object(now: now))
                options.logger.info("Registered node", metadata: ["node": .string(node.name)])
            } catch  where error.isAlreadyExists {
                object = try await nodes.get(node.name)
            }
        }
        if needsStatus(object, now: now) {
            do {
                object = try await nodes.updateStatus(object.withStatus(node.status(of: object, now: now)))
            } catch  where error.isConflict {
                // Someone marked the node meanwhile: the next beat sees it.
                return object
            }
        }
        return object
    }

    private func needsStatus(_ node: KubernetesObject, now: KubernetesTime) -> Bool {
        guard let ready = node.condition("Ready"), ready.isTrue,
            let heartbeat = ready.json["lastHeartbeatTime"].flatMap({ KubernetesTime(json: $0) })
        else { return true }
        return now - heartbeat >= options.statusPeriod
    }

    private func renew(
        _ lease: KubernetesObject?, of node: SimulatedNode, _ object: KubernetesObject
    ) async throws -> KubernetesObject {
        let leases = client.resource(.leases, namespace: Self.leaseNamespace)
        let fresh = node.lease(of: object, now: timeSource.wallTime)
        if var lease {
            lease.spec = fresh.spec
            do { return try await leases.update(lease) } catch  where error.isConflict || error.isNotFound {}
        }
        do {
            return try await leases.create(fresh)
        } catch  where error.isAlreadyExists {
            var present = try await leases.get(node.name)
            present.spec = fresh.spec
            present.ownerReferences = fresh.ownerReferences
            return try await leases.update(present)
        }
    }
}
