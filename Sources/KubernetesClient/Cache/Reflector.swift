import APIMachinery
public import Logging

/// Where a reflector puts what it sees. Called from one task, in order.
public protocol ReflectorStore: Sendable {
    /// The collection is exactly these objects.
    func replace(_ objects: [KubernetesObject], resourceVersion: String) async
    /// One object was added or changed, or is gone.
    func apply(_ event: WatchEvent) async
}

/// Keeps a store equal to a collection of the API, by list and watch.
///
/// Begins with a streaming list (KEP-3157) and falls back to pages and a watch where the server refuses. A broken watch
/// goes on from the last version that was seen; only a version that the server no longer has (410) leads to a new list.
public struct Reflector: Sendable {
    public struct Options: Sendable {
        public var selection = ObjectSelection.all
        public var usesStreamingList = true
        /// Objects a page at most where pages are used.
        public var pageLimit = 500
        /// The server ends a watch after a random time between this and twice as much, so that not all end at once.
        public var minimumWatchDuration: Duration = .seconds(300)
        public var backoff = ExponentialBackoff.reflector
        /// After so long without an error the backoff begins anew.
        public var backoffReset: Duration = .seconds(120)
        public var timeSource: any TimeSource = SystemTimeSource()
        public var random = RandomSource.system
        public var logger = Logger(label: "reflector")

        public init() {}
    }

    /// A watch that ends sooner and without an event counts as an error.
    private static let shortestGoodWatch: Duration = .seconds(1)
    /// Streaming lists that may end before their bookmark until the server is held not to know them.
    private static let maximumUnfinishedStreams = 2
    static let initialEventsEnd = "k8s.io/initial-events-end"

    private let resource: ResourceClient
    private let options: Options
    private let store: any ReflectorStore

    public init(_ resource: ResourceClient, store: any ReflectorStore, options: Options = Options()) {
        self.resource = resource
        self.store = store
        self.options = options
    }

    private struct Progress {
        /// The version up to which the store is complete; `nil` asks for a list.
        var resourceVersion: String?
        var usesStreamingList: Bool
        var unfinishedStreams = 0
        var failures = 0
        var lastFailure: Duration?
    }

    /// Runs until the task is cancelled; errors are logged and lead to another try.
    public func run() async {
        var progress = Progress(usesStreamingList: options.usesStreamingList)
        while !Task.isCancelled {
            do {
                if progress.resourceVersion == nil, progress.usesStreamingList {
                    try await streamList(&progress)
                } else {
                    if progress.resourceVersion == nil { try await list(&progress) }
                    try await watch(&progress)
                }
            } catch is CancellationError {
                return
            } catch {
                do { try await recover(from: error, &progress) } catch { return }
            }
        }
    }

    private func list(_ progress: inout Progress) async throws {
        let list = try await resource.listAll(selection: options.selection, pageLimit: options.pageLimit)
        await store.replace(list.items, resourceVersion: list.resourceVersion)
        progress.resourceVersion = list.resourceVersion
    }

    private func watch(_ progress: inout Progress) async throws {
        let stream = try await resource.watch(watchOptions(from: progress.resourceVersion))
        try await follow(stream.makeAsyncIterator(), &progress)
    }

    /// The initial events, which make the list, and on the same stream all later ones.
    private func streamList(_ progress: inout Progress) async throws {
        var watchOptions = watchOptions(from: nil)
        watchOptions.sendsInitialEvents = true
        var events = try await resource.watch(watchOptions).makeAsyncIterator()
        var objects: [NamespacedName: KubernetesObject] = [:]
        while let event = try await events.next() {
            switch event {
            case .added(let object), .modified(let object): objects[object.key] = object
            case .deleted(let object): objects[object.key] = nil
            case .error(let status): throw status
            case .bookmark(let bookmark):
                guard bookmark.annotation(Self.initialEventsEnd) == "true" else { continue }
                progress.unfinishedStreams = 0
                await store.replace(Array(objects.values), resourceVersion: bookmark.resourceVersion)
                progress.resourceVersion = bookmark.resourceVersion
                return try await follow(events, &progress)
            }
        }
        progress.unfinishedStreams += 1
        if progress.unfinishedStreams >= Self.maximumUnfinishedStreams { progress.usesStreamingList = false }
        throw TransportError(.invalidAnswer, "the watch ended before its initial events did")
    }

    private func follow(_ stream: WatchStream.Iterator, _ progress: inout Progress) async throws {
        var events = stream
        let start = options.timeSource.uptime
        var isEmpty = true
        while let event = try await events.next() {
            isEmpty = false
            switch event {
            case .error(let status): throw status
            case .bookmark(let bookmark): progress.resourceVersion = bookmark.resourceVersion
            case .added(let object), .modified(let object), .deleted(let object):
                await store.apply(event)
                progress.resourceVersion = object.resourceVersion
            }
        }
        try Task.checkCancellation()
        if isEmpty, options.timeSource.uptime - start < Self.shortestGoodWatch {
            throw TransportError(.connectionLost, "the watch ended at once and without an event")
        }
    }

    private func watchOptions(from resourceVersion: String?) -> WatchOptions {
        let duration = options.random.jittered(options.minimumWatchDuration, by: 1)
        return WatchOptions(
            selection: options.selection, resourceVersion: resourceVersion, allowsBookmarks: true,
            timeoutSeconds: max(1, Int(duration.inSeconds)))
    }

    /// Decides how to go on, and waits.
    private func recover(from error: any Error, _ progress: inout Progress) async throws {
        try Task.checkCancellation()
        let isListing = progress.resourceVersion == nil
        if isListing, progress.usesStreamingList, refusesStreamingList(error) {
            options.logger.debug("Fell back to lists and watches", metadata: metadata(error))
            progress.usesStreamingList = false
            return
        }
        if error.isExpired {
            options.logger.debug("Listed anew after an expired version", metadata: metadata(error))
            progress.resourceVersion = nil
            // The first new list need not wait; a server that calls its newest state expired must.
            if !isListing { return }
        }
        let now = options.timeSource.uptime
        if let last = progress.lastFailure, now - last > options.backoffReset { progress.failures = 0 }
        let delay = options.backoff.delay(afterFailures: progress.failures, options.random)
        progress.failures += 1
        progress.lastFailure = now + delay
        options.logger.log(
            level: progress.failures > 1 ? .warning : .debug, "Failed to list or watch", metadata: metadata(error))
        try await options.timeSource.sleep(for: delay)
    }

    /// Servers before 1.32, and aggregated ones, answer with these where they do not know `sendInitialEvents`.
    private func refusesStreamingList(_ error: any Error) -> Bool {
        switch error.statusCode {
        case 400, 405, 406, 422: true
        default: false
        }
    }

    private func metadata(_ error: any Error) -> Logger.Metadata {
        let text = (error as? APIStatus).map { "\($0.code) \($0.message)" } ?? "\(error)"
        return ["resource": .string(resource.resource.description), "error": .string(text)]
    }
}
