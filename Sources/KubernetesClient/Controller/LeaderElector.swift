import APIMachinery
import JSON
public import Logging
import Synchronization

/// Lets one of several processes lead, by a Lease that the leader renews.
///
/// Clocks of the processes need not agree: a candidate takes over when it has seen the lease unchanged for its duration
/// by its own clock. As in client-go, a leader that is cut off may work on until its renew deadline, which therefore
/// must be shorter than the lease's duration.
public final class LeaderElector: Sendable {
    public struct Options: Sendable {
        public var leaseDuration: Duration = .seconds(15)
        /// A leader that could not renew for so long stops.
        public var renewDeadline: Duration = .seconds(10)
        public var retryPeriod: Duration = .seconds(2)
        /// Gives the lease up when the work ends, so that the next need not wait.
        public var releasesOnEnd = true
        public var timeSource: any TimeSource = SystemTimeSource()
        public var random = RandomSource.system
        public var logger = Logger(label: "leader-election")

        public init() {}
    }

    /// The lease was lost, or could not be renewed in time: the work was cancelled.
    public struct LeadershipLost: Error, Sendable {
        public var lease: NamespacedName
    }

    /// The random part of the time between tries, as client-go has it.
    private static let retryJitter = 1.2

    private let leases: ResourceClient
    private let lease: NamespacedName
    private let identity: String
    private let options: Options
    private let observation = Mutex(Observation())

    /// What this candidate last saw, and when.
    private struct Observation {
        var object: KubernetesObject?
        var seenAt: Duration = .zero
    }

    /// - Parameter identity: must differ between the candidates.
    public init(client: APIClient, lease: NamespacedName, identity: String, options: Options = Options()) {
        leases = client.resource(.leases, namespace: lease.namespace)
        self.lease = lease
        self.identity = identity
        self.options = options
    }
}

extension LeaderElector {
    /// Who holds the lease as far as this candidate has seen; empty for nobody.
    public var observedHolder: String { observation.withLock { $0.object.map(Self.holder) ?? "" } }

    public var isLeader: Bool { observedHolder == identity }

    /// Waits to become the leader, then works.
    ///
    /// - Parameter work: is cancelled when the lease is lost.
    /// - Returns: when `work` has ended by itself.
    /// - Throws: `LeadershipLost`, `CancellationError`, or what `work` throws.
    public func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await acquire()
        options.logger.info("Became leader", metadata: metadata)
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await work() }
                group.addTask { try await self.renew() }
                defer { group.cancelAll() }
                try await group.next()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        options.logger.info("Stopped leading", metadata: metadata)
        if options.releasesOnEnd, isLeader {
            // The task may be cancelled already, and the release must go out all the same.
            await Task { await self.release() }.value
        }
        try outcome.get()
    }

    private func acquire() async throws {
        while true {
            if try await tryToHold() { return }
            try await options.timeSource.sleep(for: options.random.jittered(options.retryPeriod, by: Self.retryJitter))
        }
    }

    private func renew() async throws {
        var renewedAt = options.timeSource.uptime
        while true {
            try await options.timeSource.sleep(for: options.retryPeriod)
            let remaining = options.renewDeadline - (options.timeSource.uptime - renewedAt)
            let startedAt = options.timeSource.uptime
            if try await tryToHold(within: max(remaining, .zero)) {
                renewedAt = startedAt
            } else if !isLeader || options.timeSource.uptime - renewedAt >= options.renewDeadline {
                throw LeadershipLost(lease: lease)
            }
        }
    }

    /// As `tryToHold()`, but a try that takes longer than there is time counts as failed.
    private func tryToHold(within limit: Duration) async throws -> Bool {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.tryToHold() }
            group.addTask {
                try await self.options.timeSource.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// Takes or renews the lease where nobody else holds it.
    /// - Returns: whether this candidate holds it now. Failures of the server are logged and count as no.
    private func tryToHold() async throws -> Bool {
        do {
            if isLeader, let known = observation.withLock({ $0.object }) {
                // The usual case: one request, that fails where somebody else was faster.
                do { return try await write(holding(known)) } catch  where error.isConflict || error.isNotFound {}
            }
            return try await takeIfFree()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let text = (error as? APIStatus)?.message ?? "\(error)"
            options.logger.debug(
                "Failed to hold the lease", metadata: metadata.merging(["error": .string(text)]) { $1 })
            try Task.checkCancellation()
            return false
        }
    }

    private func takeIfFree() async throws -> Bool {
        let object: KubernetesObject
        do {
            object = try await leases.get(lease.name)
        } catch  where error.isNotFound {
            let new = KubernetesObject(.leases, namespace: lease.namespace, name: lease.name)
            observe(try await leases.create(holding(new)))
            return true
        }
        observe(object)
        guard isFree(object) else { return false }
        return try await write(holding(object))
    }

    private func write(_ object: KubernetesObject) async throws -> Bool {
        observe(try await leases.update(object))
        return true
    }

    private func isFree(_ object: KubernetesObject) -> Bool {
        let holder = Self.holder(object)
        if holder.isEmpty || holder == identity { return true }
        let seenAt = observation.withLock { $0.seenAt }
        let duration = object.spec?["leaseDurationSeconds"]?.intValue.map { Duration.seconds($0) }
        return options.timeSource.uptime - seenAt >= duration ?? options.leaseDuration
    }

    /// Notes what the lease says; it was "seen" when it last changed.
    private func observe(_ object: KubernetesObject) {
        let now = options.timeSource.uptime
        observation.withLock { observation in
            if observation.object?.spec != object.spec { observation.seenAt = now }
            observation.object = object
        }
    }

    /// The lease as this candidate wants it.
    private func holding(_ object: KubernetesObject) -> KubernetesObject {
        var object = object
        let now = JSON.string(options.timeSource.wallTime.microTime)
        var spec = object.spec ?? [:]
        if spec.objectValue == nil { spec = [:] }
        let changesHands = Self.holder(object) != identity
        if changesHands {
            let transitions = spec["leaseTransitions"]?.intValue
            spec["leaseTransitions"] = .int(transitions.map { $0 &+ 1 } ?? 0)
        }
        if changesHands || spec["acquireTime"] == nil { spec["acquireTime"] = now }
        spec["holderIdentity"] = .string(identity)
        spec["leaseDurationSeconds"] = .int(max(1, options.leaseDuration.components.seconds))
        spec["renewTime"] = now
        object.spec = spec
        return object
    }

    private func release() async {
        guard let known = observation.withLock({ $0.object }) else { return }
        var object = known
        let now = JSON.string(options.timeSource.wallTime.microTime)
        var spec = object.spec ?? [:]
        spec["holderIdentity"] = ""
        spec["leaseDurationSeconds"] = 1
        spec["renewTime"] = now
        spec["acquireTime"] = now
        object.spec = spec
        do {
            observe(try await leases.update(object))
        } catch {
            let text = (error as? APIStatus)?.message ?? "\(error)"
            options.logger.warning(
                "Failed to release the lease", metadata: metadata.merging(["error": .string(text)]) { $1 })
        }
    }

    private static func holder(_ object: KubernetesObject) -> String {
        object.spec?["holderIdentity"]?.stringValue ?? ""
    }

    private var metadata: Logger.Metadata {
        ["lease": .string(lease.description), "identity": .string(identity)]
    }
}
