public import KubernetesClient
public import Logging

/// A number of nodes that run nothing: each registers, shows that it lives, and takes its pods through their lives in
/// the API.
///
/// How long a pod runs and what it exits with is chosen by the annotations of `PodRun`. All that matters is in the API:
/// the process may end at any moment, and another goes on where it was.
public struct SimulatedNodes: Sendable {
    public struct Options: Sendable {
        public var count = 1
        /// Node names are this and a number from 0.
        public var namePrefix = "node-"
        /// The nodes are spread over so many zones, `z0` and up.
        public var zones = 3
        /// How often a node renews its lease.
        public var leasePeriod: Duration = .seconds(10)
        /// How often a node's status is written where nothing has changed.
        public var statusPeriod: Duration = .seconds(300)
        public var logger = Logger(label: "simulated-nodes")

        public init() {}
    }

    private let client: APIClient
    private let options: Options

    public init(client: APIClient, options: Options = Options()) {
        self.client = client
        self.options = options
    }

    /// Runs until the task is cancelled.
    public func run() async throws {
        let nodes = (0..<max(0, options.count)).map {
            SimulatedNode(prefix: options.namePrefix, index: $0, zones: options.zones)
        }
        var informerOptions = Informer.Options()
        informerOptions.reflector.timeSource = client.options.timeSource
        informerOptions.transform = { $0.setMetadata("managedFields", nil) }
        let informers = SharedInformers(client: client, options: informerOptions)
        let heartbeats = NodeHeartbeats(client: client, informers: informers, nodes: nodes, options: options)
        let pods = PodRunner(client: client, informers: informers, nodes: nodes, logger: options.logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await informers.run() }
            group.addTask { try await heartbeats.run() }
            group.addTask { try await pods.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
