import Glibc
import Synchronization

/// An HTTP server: TLS or clear text, HTTP/1.1 and HTTP/2, on epoll.
///
///     let server = try HTTPServer(configuration: configuration, handler: handler)
///     let addresses = try server.start()
///     ...
///     await server.shutDown(grace: .seconds(10))
public final class HTTPServer: Sendable {
    /// What the connections are spread over. They exist from `init` on.
    public let reactors: [Reactor]

    private let core: ServerCore
    private let configuration: HTTPServerConfiguration

    private enum State {
        /// `start` may be called.
        case new
        /// Listening; `shutDown` leads on.
        case running([ListeningSocket])
        /// Not listening; nothing leads on.
        case down
    }
    private let state = Mutex(State.new)

    public init(configuration: HTTPServerConfiguration, handler: any HTTPHandler) {
        self.configuration = configuration
        let count = configuration.reactorCount > 0 ? configuration.reactorCount : Self.coreCount
        reactors = (0..<count).map(Reactor.init(index:))
        core = ServerCore(limits: configuration.limits, handler: handler, reactors: reactors)
    }

    private static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Listening when it returns; tells the addresses in the order of the configured listeners, as `127.0.0.1:6443` or
    /// a Unix socket's path, with the real ports where 0 was asked for.
    ///
    /// - Throws: `HTTPServerError` where an address or the TLS configuration cannot be used; nothing listens then.
    public func start() throws -> [String] {
        try state.withLock { state in
            guard case .new = state else { throw HTTPServerError(code: .alreadyStarted, message: "started before") }
            if configuration.listeners.contains(where: \.isTLS) {
                guard let tls = configuration.tls else {
                    throw HTTPServerError(code: .tls, message: "a TLS listener needs a certificate and a key")
                }
                core.tlsContext = try TLSContext(tls)
            }
            var sockets: [ListeningSocket] = []
            do {
                for listener in configuration.listeners { sockets.append(try ListeningSocket(listener)) }
            } catch {
                for socket in sockets { socket.close() }
                throw error
            }
            for socket in sockets { socket.start(core, on: reactors[0]) }
            core.startSweeping()
            state = .running(sockets)
            return sockets.map(\.address)
        }
    }

    /// What the server has done and holds. From any thread.
    public var statistics: HTTPServerStatistics {
        var statistics = HTTPServerStatistics()
        for reactor in reactors { reactor.counters.add(to: &statistics) }
        return statistics
    }

    /// Stops accepting, sends GOAWAY, asks streams to end, lets short requests finish within `grace`, then closes.
    ///
    /// Returns when every connection is closed. A second call returns at once.
    public func shutDown(grace: Duration) async {
        let sockets = state.withLock { state -> [ListeningSocket]? in
            defer { state = .down }
            if case .running(let sockets) = state { return sockets }
            return nil
        }
        guard let sockets else { return }
        for socket in sockets { socket.close() }
        core.shutDown()
        await core.connectionsToEnd(within: grace)
        core.stopSweeping()
    }
}

/// What a server's connections share.
// Unchecked: `tlsContext` is set before the first connection; the rest is constant, atomic or in a mutex.
final class ServerCore: @unchecked Sendable {
    let limits: HTTPServerLimits
    let handler: any HTTPHandler
    let reactors: [Reactor]
    var tlsContext: TLSContext?

    private let isGoingDown = Atomic<Bool>(false)
    private let connectionCount = Atomic<Int>(0)
    private let nextReactor = Atomic<Int>(0)

    private let waiters = Mutex<[CheckedContinuation<Void, Never>]>([])

    init(limits: HTTPServerLimits, handler: any HTTPHandler, reactors: [Reactor]) {
        self.limits = limits
        self.handler = handler
        self.reactors = reactors
    }

    var isShuttingDown: Bool { isGoingDown.load(ordering: .acquiring) }

    // MARK: Connections

    /// Gives an accepted socket to a reactor.
    func adopt(descriptor: Int32, isTLS: Bool, address: String) {
        let turn = nextReactor.wrappingAdd(1, ordering: .relaxed).newValue
        let reactor = reactors[Int(truncatingIfNeeded: UInt(bitPattern: turn) % UInt(reactors.count))]
        let count = connectionCount.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= limits.maximumConnections, !isShuttingDown else {
            close(descriptor)
            reactor.execute { reactor.counters.refusedConnections.add(1) }
            return connectionClosed()
        }
        reactor.execute {
            let connection = Connection(reactor: reactor, server: self, isTLS: isTLS, address: address)
            connection.open(descriptor: descriptor)
            if self.isShuttingDown { connection.shutDown() }
        }
    }

    func connectionClosed() {
        guard connectionCount.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        resumeWaiters()
    }

    // MARK: Going down

    func shutDown() {
        isGoingDown.store(true, ordering: .releasing)
        forEachConnection { $0.shutDown() }
    }

    /// Waits until there is no connection, closing what is left after `grace`.
    func connectionsToEnd(within grace: Duration) async {
        let timer = reactors.first?.schedule(after: grace) { self.forEachConnection { $0.close() } }
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.append(continuation) }
            if connectionCount.load(ordering: .acquiring) == 0 { resumeWaiters() }
        }
        timer?.cancel()
    }

    private func resumeWaiters() {
        let resumed = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for waiter in resumed { waiter.resume() }
    }

    private func forEachConnection(_ body: @escaping @Sendable (Connection) -> Void) {
        for reactor in reactors {
            reactor.execute {
                for connection in reactor.connections.values { body(connection) }
            }
        }
    }

    // MARK: Time-outs

    /// Looks for overdue connections once a second, oftener where a limit asks for it.
    func startSweeping() {
        let shortest =
            [
                limits.tlsHandshakeTimeout, limits.headerTimeout, limits.idleTimeout, limits.bodyTimeout,
                limits.sendTimeout, limits.lingerTimeout, limits.halfClosedTimeout,
            ].map(\.clampedNanoseconds).min() ?? 0
        let interval = min(1_000_000_000, max(10_000_000, shortest / 4))
        for reactor in reactors { reactor.startSweeping(everyNanoseconds: interval) }
    }

    func stopSweeping() {
        for reactor in reactors { reactor.stopSweeping() }
    }
}
