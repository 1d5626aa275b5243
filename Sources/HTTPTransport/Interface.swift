// The interface, to be implemented and moved into files of their own.

public enum HTTPBodyError: Error, Sendable {
    case tooLarge(limit: Int)
    case connectionClosed, malformed
}

/// A request's body, streamed with backpressure: at most a window's worth is buffered until it is read.
public final class HTTPRequestBody: Sendable {
    public static let empty = HTTPRequestBody([])
    public init(_ bytes: [UInt8]) {}
    /// The next bytes; `nil` at the end.
    public func next() async throws(HTTPBodyError) -> [UInt8]? { fatalError() }
    /// The whole body. Does not suspend where all of it has arrived.
    public func collect(upTo limit: Int) async throws(HTTPBodyError) -> [UInt8] { fatalError() }
}

/// One request's answer.
public final class HTTPExchange: Sendable {
    public var reactor: Reactor { fatalError() }
    public var hasResponded: Bool { fatalError() }
    /// A whole answer. The transport sets `content-length`, leaves the body out for HEAD, and gzips where `headers` ask.
    public func respond(status: Int, headers: HTTPHeaders, body: ByteSegments) { fatalError() }
    /// A streaming answer (chunked, or DATA frames). Only on the reactor.
    public func start(status: Int, headers: HTTPHeaders) -> HTTPResponseStream { fatalError() }
    init() {}
}

/// A streaming answer; confined to its connection's reactor.
public final class HTTPResponseStream: @unchecked Sendable {
    /// Appends to the stream's buffer. Never blocks and never suspends: the connection is flushed once at the end of
    /// the reactor's turn, so that many writes in a turn share frames, TLS records and system calls.
    public func write(_ bytes: ByteSegments) { fatalError() }
    /// Bytes written that the kernel has not taken yet: what a slow reader has outstanding.
    public var bufferedByteCount: Int { fatalError() }
    /// Ends the answer after what is buffered.
    public func finish() { fatalError() }
    /// Resets the stream, or closes the connection.
    public func abort() { fatalError() }
    /// Called once, on the reactor, when the client is gone.
    public var onClose: (@Sendable () -> Void)?
    /// Called once, on the reactor, when the server shuts down and wants the stream to end cleanly.
    public var onShutdown: (@Sendable () -> Void)?
    /// Waits until little is outstanding: backpressure for a producer that can wait.
    public func drained() async throws(HTTPBodyError) { fatalError() }
    init() {}
}

/// A serial Dispatch queue that owns some of the connections; a task that prefers it runs there.
public final class Reactor: TaskExecutor, Sendable {
    public let index: Int
    public var isCurrent: Bool { fatalError() }
    /// Runs `work` on the reactor, later.
    public func execute(_ work: @escaping @Sendable () -> Void) { fatalError() }
    /// Runs `work` on the reactor after a time, coarsely (some milliseconds): cheap enough for one a watch.
    public func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> ReactorTimer { fatalError() }
    public func enqueue(_ job: consuming ExecutorJob) { fatalError() }
    init(index: Int) { self.index = index }
}

public final class ReactorTimer: Sendable {
    public func cancel() {}
}

public struct HTTPServerConfiguration: Sendable {
    public init() {}
}

public final class HTTPServer: Sendable {
    public var reactors: [Reactor] { fatalError() }
    public init(configuration: HTTPServerConfiguration, handler: any HTTPHandler) {}
    /// Listening when it returns; tells the addresses, with the real ports where 0 was asked for.
    public func start() throws -> [String] { fatalError() }
    /// Stops accepting, sends GOAWAY, asks streams to end, lets short requests finish within `grace`, then closes.
    public func shutDown(grace: Duration) async {}
}
