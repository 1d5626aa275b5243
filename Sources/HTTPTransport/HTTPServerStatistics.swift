import Synchronization

/// What a server has done and holds, at one moment.
public struct HTTPServerStatistics: Sendable, Hashable {
    public var openConnections = 0
    public var acceptedConnections = 0
    /// Closed at once because `maximumConnections` were open.
    public var refusedConnections = 0
    public var failedHandshakes = 0
    /// Requests whose handler was called.
    public var requests = 0
    /// Requests, or HTTP/2 connections, that were refused before a handler: malformed, too large, flooding.
    public var refusedRequests = 0
    /// Requests in progress: HTTP/2 streams, and HTTP/1 requests whose answer has not ended.
    public var openStreams = 0
    /// Streaming answers cut off because the reader was too slow.
    public var slowReaders = 0
    /// As the sockets carried them.
    public var receivedBytes = 0
    public var sentBytes = 0

    public init() {}
}

/// One reactor's share of the statistics: written in its turns, read anywhere.
final class ReactorCounters: Sendable {
    let openConnections = Counter()
    let acceptedConnections = Counter()
    let refusedConnections = Counter()
    let failedHandshakes = Counter()
    let requests = Counter()
    let refusedRequests = Counter()
    let openStreams = Counter()
    let slowReaders = Counter()
    let receivedBytes = Counter()
    let sentBytes = Counter()

    func add(to statistics: inout HTTPServerStatistics) {
        statistics.openConnections += openConnections.value
        statistics.acceptedConnections += acceptedConnections.value
        statistics.refusedConnections += refusedConnections.value
        statistics.failedHandshakes += failedHandshakes.value
        statistics.requests += requests.value
        statistics.refusedRequests += refusedRequests.value
        statistics.openStreams += openStreams.value
        statistics.slowReaders += slowReaders.value
        statistics.receivedBytes += receivedBytes.value
        statistics.sentBytes += sentBytes.value
    }
}

/// A number with one writer and any readers.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ amount: Int) { number.store(number.load(ordering: .relaxed) &+ amount, ordering: .relaxed) }
}
