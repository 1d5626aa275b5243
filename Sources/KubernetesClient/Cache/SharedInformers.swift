import Synchronization

/// The informers of a process: one for each collection, whoever asks for it.
///
/// ```swift
/// let informers = SharedInformers(client: client)
/// let pods = informers.informer(for: .pods)
/// try await withThrowingTaskGroup { group in
///     group.addTask { await informers.run() }
///     group.addTask { try await controller.run() }
/// }
/// ```
public final class SharedInformers: Sendable {
    private struct Identity: Hashable {
        var resource: APIResource
        var namespace: String?
        var selection: ObjectSelection
    }

    private struct State {
        var informers: [Identity: Informer] = [:]
        /// Starts informers that are asked for while `run()` runs.
        var start: AsyncStream<Informer>.Continuation?
    }

    public let client: APIClient
    private let options: Informer.Options
    private let state = Mutex(State())

    /// - Parameter options: of every informer; the selection is the request's own.
    public init(client: APIClient, options: Informer.Options = Informer.Options()) {
        self.client = client
        self.options = options
    }

    /// The informer of a collection, made when first asked for. It fills only while `run()` runs.
    public func informer(
        for resource: APIResource, namespace: String? = nil, selection: ObjectSelection = .all
    ) -> Informer {
        let identity = Identity(resource: resource, namespace: namespace, selection: selection)
        return state.withLock { state in
            if let informer = state.informers[identity] { return informer }
            var options = options
            options.reflector.selection = selection
            let informer = Informer(client.resource(resource, namespace: namespace), options: options)
            state.informers[identity] = informer
            state.start?.yield(informer)
            return informer
        }
    }

    /// Waits until all informers that have been asked for hold their collections.
    public func waitForSync() async throws {
        for informer in state.withLock({ Array($0.informers.values) }) { try await informer.waitForSync() }
    }

    /// Runs all informers, and those that are asked for later, until the task is cancelled. To be run once.
    public func run() async {
        let (informers, continuation) = AsyncStream.makeStream(of: Informer.self)
        state.withLock { state in
            for informer in state.informers.values { continuation.yield(informer) }
            state.start = continuation
        }
        await withDiscardingTaskGroup { group in
            for await informer in informers { group.addTask { await informer.run() } }
        }
        state.withLock { $0.start = nil }
    }
}
