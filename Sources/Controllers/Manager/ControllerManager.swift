public import KubernetesClient
public import Logging

/// Runs a selection of controllers over one client and one set of informers.
///
/// ```swift
/// let manager = try ControllerManager(client: client, options: options)
/// try await manager.run()
/// ```
public struct ControllerManager: Sendable {
    public struct Options: Sendable {
        /// As `--controllers`: `*`, `name` or `-name`.
        public var controllers = ["*"]
        public var registry = ControllerRegistry.builtIn
        /// Where set, controllers run only while this process holds the lease.
        public var leaderElection: LeaderElection?
        /// What `kube-root-ca.crt` says in every namespace; without it none is published.
        public var rootCertificates: String?
        public var logger = Logger(label: "controller-manager")

        public init() {}
    }

    public struct LeaderElection: Sendable {
        public var lease = NamespacedName(namespace: "kube-system", name: "kube-controller-manager")
        /// Differs between the candidates.
        public var identity: String
        public var options = LeaderElector.Options()

        public init(identity: String) { self.identity = identity }
    }

    private let client: APIClient
    private let options: Options
    private let selected: [ControllerRegistry.Entry]

    /// - Throws: `ControllerRegistry.UnknownController` where a selected name is none.
    public init(client: APIClient, options: Options = Options()) throws {
        self.client = client
        self.options = options
        selected = try options.registry.selected(by: options.controllers)
    }

    /// Runs until the task is cancelled, a controller fails, or the lease is lost. Whoever started it starts it anew:
    /// every controller begins from what the server says.
    public func run() async throws {
        guard let election = options.leaderElection else { return try await runControllers() }
        let elector = LeaderElector(
            client: client, lease: election.lease, identity: election.identity, options: election.options)
        try await elector.run { try await runControllers() }
    }

    private func runControllers() async throws {
        let informers = SharedInformers(client: client, options: Self.informerOptions(client))
        let context = ControllerContext(
            client: client, informers: informers, logger: options.logger, rootCertificates: options.rootCertificates)
        let controllers = selected.map { $0.make(context) }
        options.logger.info(
            "Started controllers",
            metadata: ["controllers": .string(selected.map(\.name).joined(separator: ","))])
        try await withThrowingTaskGroup { group in
            group.addTask { await informers.run() }
            for controller in controllers { group.addTask { try await controller.run() } }
            defer { group.cancelAll() }
            // Each runs for ever: the first that ends, ends all.
            try await group.next()
        }
        try Task.checkCancellation()
    }

    private static func informerOptions(_ client: APIClient) -> Informer.Options {
        var options = Informer.Options()
        options.reflector.timeSource = client.options.timeSource
        // No controller looks at who manages which field, and it is half of many an object.
        options.transform = { $0.setMetadata("managedFields", nil) }
        return options
    }
}
