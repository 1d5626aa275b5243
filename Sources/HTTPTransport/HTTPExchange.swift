import Dispatch
import Synchronization

/// Whether a whole answer may be compressed.
public enum HTTPCompression: Sendable, Hashable {
    case none
    /// gzip, where the client accepts it and the body is longer than `HTTPServerLimits.gzipThreshold` (Kubernetes
    /// compresses answers over 128 KiB, at level 1).
    case gzipWhenLarge
}

/// One request's answer.
///
/// It is answered once: the first call of `respond` or `start` counts.
// Unchecked: an atomic decides who answers; everything else is confined to the reactor.
public final class HTTPExchange: @unchecked Sendable {
    /// The reactor of the request's connection.
    public let reactor: Reactor
    private let hasAnswer = Atomic<Bool>(false)

    // Confined to the reactor.
    private var channel: (any AnswerChannel)?
    private var task: Task<Void, Never>?
    private(set) var stream: HTTPResponseStream?
    private var handlerHasReturned = false
    private let acceptsGzip: Bool
    private let server: ServerCore

    init(reactor: Reactor, server: ServerCore, channel: any AnswerChannel, acceptsGzip: Bool) {
        self.reactor = reactor
        self.server = server
        self.channel = channel
        self.acceptsGzip = acceptsGzip
    }

    /// Whether an answer was given or begun.
    public var hasResponded: Bool { hasAnswer.load(ordering: .acquiring) }

    /// A whole answer. From any thread.
    ///
    /// The transport sets `content-length` and `date`, and leaves the body out for HEAD and for statuses that have
    /// none. A second answer is ignored, as is one to a client that is gone.
    ///
    /// - Parameter compression: `gzipWhenLarge` lets the transport set `content-encoding: gzip` and
    ///   `vary: Accept-Encoding`; the compression runs on another thread.
    public func respond(
        status: Int, headers: HTTPHeaders, body: ByteSegments, compression: HTTPCompression = .none
    ) {
        guard claimAnswer() else { return }
        if compression == .gzipWhenLarge, acceptsGzip, body.byteCount > server.limits.gzipThreshold {
            respondCompressed(status: status, headers: headers, body: body)
        } else if reactor.isCurrent {
            channel?.sendAnswer(status: status, headers: headers, body: body)
        } else {
            reactor.execute { self.channel?.sendAnswer(status: status, headers: headers, body: body) }
        }
    }

    /// A streaming answer (chunked, or DATA frames). Only on the reactor.
    ///
    /// Where the request was answered before or the client is gone, the stream takes writes and drops them.
    public func start(status: Int, headers: HTTPHeaders) -> HTTPResponseStream {
        assert(reactor.isCurrent, "streams are started on their reactor")
        guard claimAnswer(), let channel else {
            return HTTPResponseStream(reactor: reactor, server: server, channel: nil)
        }
        let stream = HTTPResponseStream(reactor: reactor, server: server, channel: channel)
        self.stream = stream
        channel.startAnswer(status: status, headers: headers)
        return stream
    }

    private func claimAnswer() -> Bool {
        hasAnswer.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    }

    private func respondCompressed(status: Int, headers: HTTPHeaders, body: ByteSegments) {
        DispatchQueue.global(qos: .userInitiated).async { [self] in
            let compressed = Gzip.compress(body)
            reactor.execute { [self] in
                var headers = headers
                if compressed != nil {
                    headers.set("content-encoding", "gzip")
                    headers.add("vary", "Accept-Encoding")
                }
                channel?.sendAnswer(status: status, headers: headers, body: compressed ?? body)
            }
        }
    }

    // MARK: The handler's life

    /// Runs the handler on the reactor, up to its first suspension within this call.
    func run(_ request: HTTPRequest) {
        assert(reactor.isCurrent)
        reactor.counters.requests.add(1)
        let handler = server.handler
        let task = Task.immediate(executorPreference: reactor) {
            await handler.handle(request, self)
            self.handlerReturned()
        }
        if !handlerHasReturned { self.task = task }
    }

    private func handlerReturned() {
        guard reactor.isCurrent else { return reactor.execute { self.handlerReturned() } }
        handlerHasReturned = true
        task = nil
        guard claimAnswer() else { return }
        let text = Array("500 Internal Server Error\n".utf8)
        channel?.sendAnswer(
            status: 500, headers: ["content-type": "text/plain; charset=utf-8"], body: ByteSegments(text))
    }

    /// The answer has ended, and this end knows it.
    func answerEnded() {
        channel = nil
        stream?.answerSent()
    }

    /// The client is gone, or was cut off: cancels the handler and tells the stream.
    func clientIsGone() {
        assert(reactor.isCurrent)
        channel = nil
        task?.cancel()
        task = nil
        stream?.channelClosed()
    }

    func serverShutsDown() { stream?.serverShutsDown() }
}
