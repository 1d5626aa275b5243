import APIMachinery
public import HTTPTransport
public import Storage
import Synchronization

/// One cluster's API: its store, its registry of resources, and the path that a request takes through them.
///
/// A value of its own with nothing global, so that a process can hold many.
public final class APIServer: Sendable {
    public let storage: any Storage
    public let registry: ResourceRegistry
    public let environment: ServerEnvironment
    public let options: ServerOptions
    public let authenticator: Authenticator
    public let authorizer: Authorizer
    let impersonation = Impersonation()
    let watchHub: WatchHub
    let wholeLists = WholeListCache()
    let lifecycle = ServerLifecycle()
    let healthChecks: HealthChecks
    let discoveryCache = DiscoveryCache()
    let openAPICache = OpenAPICache()
    let metrics = RequestMetrics()
    let watchMetrics = WatchMetrics()
    /// Nanoseconds since the epoch.
    let startTime: Int64
    /// What carries requests here, of whose own counts `/metrics` tells.
    let transport = Mutex(WeakTransport())
    let admission: AdmissionChain
    let allocators: Allocators
    /// `nil` where there are no tokens of service accounts.
    let serviceAccountAuthenticator: ServiceAccountAuthenticator?

    /// - Throws: where `options` cannot be, or stored services cannot be read.
    public init(
        storage: any Storage, registry: ResourceRegistry, authenticator: Authenticator,
        authorizer: Authorizer, options: ServerOptions, environment: ServerEnvironment
    ) throws {
        self.storage = storage
        self.registry = registry
        self.authenticator = authenticator
        self.authorizer = authorizer
        self.options = options
        self.environment = environment
        serviceAccountAuthenticator = options.serviceAccountIssuer.map(ServiceAccountAuthenticator.init(issuer:))
        startTime = environment.now()
        healthChecks = Self.makeHealthChecks(of: storage, lifecycle)
        watchHub = WatchHub(storage: storage)
        admission = options.admissionPlugins.chain
        allocators = try Allocators(
            serviceAddressRange: options.serviceAddressRange, nodePorts: options.nodePortRange, storage: storage,
            registry: registry, environment: environment, countsQuota: options.admissionPlugins.countsQuota)
    }

    /// Lets go of all that is kept for resources that are no longer served, or have another definition by now.
    func forgetUnserved() {
        let contents = registry.contents
        discoveryCache.forget(allBut: contents)
        wholeLists.forget()
        metrics.forgetResources(notIn: contents)
        watchMetrics.forgetKinds(notIn: contents)
    }
}

extension APIServer {
    struct WeakTransport: Sendable {
        weak var server: HTTPServer?
    }

    /// Lets `/metrics` tell what the transport has counted.
    public func observe(_ transport: HTTPServer) { self.transport.withLock { $0.server = transport } }
}

/// What the server takes from the world outside, so that a test can put its own in the place.
public struct ServerEnvironment: Sendable {
    /// Nanoseconds since the epoch.
    public var now: @Sendable () -> Int64
    /// Random bits, for uids and generated names.
    public var random: @Sendable () -> UInt64

    public init(now: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64) {
        self.now = now
        self.random = random
    }

    /// To the second, as objects' times are.
    var currentTime: KubernetesTime { KubernetesTime(epochNanoseconds: now()).wholeSeconds }
}
