import APIMachinery
import JSON
public import KubernetesClient
public import Logging
import Synchronization

/// Gives every pod that names this scheduler a node.
///
/// What is not built: preemption (a pod of higher priority waits as any other), volumes, dynamic resources, and the
/// order of the queue by priority.
public final class Scheduler: Sendable {
    public struct Options: Sendable {
        /// `spec.schedulerName` of the pods that are taken.
        public var name = "default-scheduler"
        /// Where set, the scheduler works only while this process holds the lease.
        public var leaderElection: LeaderElection?
        /// The first wait before a pod that fits nowhere is tried again without a change in the cluster; it doubles.
        public var initialBackoff: Duration = .seconds(1)
        public var maximumBackoff: Duration = .seconds(10)
        /// A pod that fits nowhere is tried at least so often.
        public var unschedulablePeriod: Duration = .seconds(60)
        public var logger = Logger(label: "scheduler")

        public init() {}
    }

    public struct LeaderElection: Sendable {
        public var lease = NamespacedName(namespace: "kube-system", name: "kube-scheduler")
        /// Differs between the candidates.
        public var identity: String
        public var options = LeaderElector.Options()

        public init(identity: String) { self.identity = identity }
    }

    private let client: APIClient
    private let options: Options

    public init(client: APIClient, options: Options = Options()) {
        self.client = client
        self.options = options
    }

    /// Runs until the task is cancelled or the lease is lost.
    public func run() async throws {
        guard let election = options.leaderElection else { return try await schedule() }
        let elector = LeaderElector(
            client: client, lease: election.lease, identity: election.identity, options: election.options)
        try await elector.run { try await self.schedule() }
    }

    private func schedule() async throws {
        let loop = SchedulingLoop(client: client, options: options)
        try await loop.run()
    }
}
