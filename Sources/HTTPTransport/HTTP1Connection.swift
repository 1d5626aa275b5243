/// HTTP/1.0 and 1.1 on a connection: one request at a time, in order. Confined to the reactor.
///
/// Pipelined requests wait in the parser, up to a limit after which the socket is not read. After an end of input a
/// whole answer can still be made and sent (to a half-closed client) for a time; during a streaming answer it counts as
/// the client's leaving, since an idle watch would learn of that in no other way.
// Unchecked: confined to the reactor.
final class HTTP1Connection: WireProtocol, @unchecked Sendable {
    let connection: Connection
    private var parser: HTTP1Parser
    private var current: HTTP1Answer?
    private var start: HTTPRequest?
    private var output = SegmentQueue()
    private var isAdvancing = false
    /// No request is read any more.
    private var isClosing = false
    private var hasInputEnded = false
    private var isShuttingDown = false

    private var limits: HTTPServerLimits { connection.server.limits }
    private var reactor: Reactor { connection.reactor }

    init(connection: Connection) {
        self.connection = connection
        let limits = connection.server.limits
        parser = HTTP1Parser(
            limits: .init(
                maximumHeaderBytes: limits.maximumHeaderBytes, maximumHeaderCount: limits.maximumHeaderCount,
                maximumTargetBytes: limits.maximumTargetBytes, maximumContentLength: limits.maximumContentLength,
                maximumChunkLineBytes: limits.maximumChunkLineBytes))
    }

    // MARK: Input

    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosing else { return }
        let wasIdle = current == nil && !parser.isMidRequest
        parser.append(bytes)
        if wasIdle { connection.setDeadline(.header, after: limits.headerTimeout) }
    }

    func inputPaused() { advance() }

    func inputEnded() {
        hasInputEnded = true
        advance()
        guard let current else {
            isClosing = true
            return connection.closeWhenFlushed()
        }
        if current.isStreaming || !current.requestHasEnded {
            current.body.fail(.connectionClosed)
            connection.close()
        } else {
            connection.setDeadline(.halfClosed, after: limits.halfClosedTimeout)
        }
    }

    /// Reads on, and starts what was read, as far as the request in progress allows.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        repeat {
            do throws(HTTP1Parser.Failure) { try parse() } catch { return fail(error) }
            guard let request = start else { break }
            start = nil
            current?.exchange?.run(request)
        } while !isClosing
        settle()
    }

    private func parse() throws(HTTP1Parser.Failure) {
        while !isClosing {
            if let current {
                if current.requestHasEnded { return }
                if !current.dropsBody, current.body.bufferedByteCount >= limits.bodyWindow { return }
            }
            guard let event = try parser.next() else { return }
            switch event {
            case .head(let head): begin(head)
            case .body(let bytes): takeBody(bytes)
            case .end:
                current?.requestHasEnded = true
                current?.body.end()
                finishIfComplete()
            }
        }
    }

    private func begin(_ head: HTTP1RequestHead) {
        let answer = HTTP1Answer(connection: self, head: head)
        let closes = !head.keepsAlive || isShuttingDown
        answer.keepsAlive = !closes
        let exchange = HTTPExchange(
            reactor: reactor, server: connection.server, channel: answer,
            acceptsGzip: HTTPNegotiation.acceptsGzip(head.headers["accept-encoding"]))
        answer.exchange = exchange
        current = answer
        reactor.counters.openStreams.add(1)
        start = HTTPRequest(
            method: head.method, path: head.path, query: head.query, version: head.version, headers: head.headers,
            body: answer.body, peer: connection.peer)
    }

    private func takeBody(_ bytes: [UInt8]) {
        guard let current, !current.dropsBody else { return }
        current.body.append(bytes)
    }

    /// Sets what follows from the state: whether the socket is read, and the deadline.
    private func settle() {
        guard !isClosing, !hasInputEnded else { return }
        guard let current else {
            connection.setReading(true)
            // A partial head keeps the deadline of its first byte.
            if !parser.isMidRequest { connection.setDeadline(.idle, after: limits.idleTimeout) }
            return
        }
        let isFull = parser.bufferedByteCount >= limits.maximumPipelinedBytes
        connection.setReading(!isFull)
        if current.requestHasEnded || isFull {
            connection.clearDeadline()
        } else {
            connection.setDeadline(.body, after: limits.bodyTimeout)
        }
    }

    // MARK: Failures

    /// Answers a request that is not one, and closes.
    private func fail(_ failure: HTTP1Parser.Failure) {
        reactor.counters.refusedRequests.add(1)
        isClosing = true
        if let current {
            current.body.fail(.malformed)
            guard !current.hasBegun else { return abandon(current) }
            release(current)
            current.exchange?.clientIsGone()
        }
        let text = Array("\(failure.status) \(HTTPStatus.reason(failure.status)): \(failure.reason)\n".utf8)
        output.append(
            HTTP1Encoder.head(
                status: failure.status, headers: ["content-type": "text/plain; charset=utf-8"],
                framing: .length(text.count), closes: true, version: .http11, date: reactor.date.current()))
        output.append(text)
        connection.closeWhenFlushed()
    }

    /// An answer that has begun cannot be taken back.
    private func abandon(_ answer: HTTP1Answer) {
        if answer.hasEnded { connection.closeWhenFlushed() } else { connection.close() }
    }

    // MARK: Answers

    func append(_ bytes: [UInt8]) { output.append(bytes) }
    func append(_ bytes: ByteSegments) { output.append(bytes) }
    func scheduleFlush() { connection.scheduleFlush() }
    var bufferedByteCount: Int { output.byteCount }
    func date() -> String { reactor.date.current() }

    /// Whether the connection must close after the answer that is about to begin: the client has sent no body and may
    /// yet, has sent all it will, or may have more to send than is worth reading for the next request's sake.
    func mustClose(after answer: HTTP1Answer) -> Bool {
        hasInputEnded || isShuttingDown || isClosing
            || !answer.requestHasEnded && (answer.awaitsContinue || !isRestOfBodySmall)
    }

    private var isRestOfBodySmall: Bool {
        parser.remainingBodyBytes.map { $0 <= limits.maximumDiscardedBodyBytes } ?? false
    }

    func answerEnded(_ answer: HTTP1Answer) {
        guard current === answer else { return }
        answer.exchange?.answerEnded()
        if !answer.keepsAlive { closeAfterAnswer() }
        finishIfComplete()
        connection.scheduleFlush()
        if !isAdvancing { reactor.execute { [weak self] in self?.advance() } }
    }

    private func finishIfComplete() {
        guard let current, current.requestHasEnded, current.hasEnded else { return }
        release(current)
        if hasInputEnded, parser.bufferedByteCount == 0 { closeAfterAnswer() }
    }

    private func release(_ answer: HTTP1Answer) {
        guard current === answer else { return }
        current = nil
        reactor.counters.openStreams.add(-1)
    }

    private func closeAfterAnswer() {
        isClosing = true
        connection.closeWhenFlushed()
    }

    func abort(_ answer: HTTP1Answer) {
        guard current === answer else { return }
        connection.close()
    }

    func produce() -> Bool {
        while !output.isEmpty, !connection.isOutputFull {
            output.consume(upTo: 16 * 1024) { connection.emit($0) }
        }
        return !output.isEmpty
    }

    func outputDrained() {
        guard let stream = current?.exchange?.stream else { return }
        stream.bufferShrank()
    }

    // MARK: The body's reader

    func bodyIsAwaited(_ answer: HTTP1Answer) {
        guard current === answer, answer.awaitsContinue, !answer.hasBegun else { return }
        answer.awaitsContinue = false
        output.append(HTTP1Encoder.continueHead)
        connection.scheduleFlush()
    }

    func bodyWasRead(_ answer: HTTP1Answer) {
        guard current === answer, !isAdvancing, parser.bufferedByteCount > 0 else { return }
        advance()
    }

    // MARK: Ends

    func connectionClosed() {
        guard let current else { return }
        current.body.fail(.connectionClosed)
        release(current)
        if !current.hasEnded { current.exchange?.clientIsGone() } else { current.exchange?.stream?.answerSent() }
    }

    func shutDown() {
        isShuttingDown = true
        guard let current else {
            if !parser.isMidRequest { closeAfterAnswer() }
            return
        }
        current.keepsAlive = false
        current.exchange?.serverShutsDown()
    }

    func sweep(now: UInt64) {}
}

/// One request's turn on an HTTP/1 connection.
// Unchecked: confined to the reactor.
final class HTTP1Answer: AnswerChannel, HTTPRequestBodySource, @unchecked Sendable {
    private let connection: HTTP1Connection
    let reactor: Reactor
    private let isHead: Bool
    private let version: HTTPRequest.Version
    private(set) var body = HTTPRequestBody.empty
    var exchange: HTTPExchange?
    var keepsAlive = true
    /// The client was not yet told to send the body that it asked about.
    var awaitsContinue: Bool
    /// The request was read to its end.
    var requestHasEnded = false

    private enum State {
        case nothing
        case streaming(HTTP1Encoder.Framing)
        case ended
    }
    private var state = State.nothing

    init(connection: HTTP1Connection, head: HTTP1RequestHead) {
        self.connection = connection
        reactor = connection.connection.reactor
        isHead = head.method == "HEAD"
        version = head.version
        awaitsContinue = head.expectsContinue && head.framing != .none && head.framing != .length(0)
        if head.framing != .none, head.framing != .length(0) { body = HTTPRequestBody(source: self) }
    }

    var hasBegun: Bool { if case .nothing = state { false } else { true } }
    var hasEnded: Bool { if case .ended = state { true } else { false } }
    var isStreaming: Bool { if case .streaming = state { true } else { false } }
    /// Whether the body is of no more use.
    var dropsBody: Bool { hasEnded }

    func sendAnswer(status: Int, headers: HTTPHeaders, body: ByteSegments) {
        guard case .nothing = state else { return }
        let hasBody = HTTPStatus.hasBody(status)
        appendHead(status, headers, framing: hasBody ? .length(body.byteCount) : .none)
        if hasBody, !isHead { connection.append(body) }
        end()
    }

    func startAnswer(status: Int, headers: HTTPHeaders) {
        guard case .nothing = state else { return }
        var framing = HTTP1Encoder.Framing.chunked
        if !HTTPStatus.hasBody(status) {
            framing = .none
        } else if headers["content-length"] != nil {
            framing = .asGiven
            // Whether the handler keeps its word is not counted.
            keepsAlive = false
        } else if version == .http10 {
            framing = .asGiven
            keepsAlive = false
        }
        state = .streaming(framing)
        appendHead(status, headers, framing: framing)
        connection.scheduleFlush()
    }

    func send(_ bytes: ByteSegments) {
        guard case .streaming(let framing) = state, !isHead, framing != .none else { return }
        if framing == .chunked {
            connection.append(HTTP1Encoder.chunkHead(bytes.byteCount))
            connection.append(bytes)
            connection.append(HTTP1Encoder.lineEnd)
        } else {
            connection.append(bytes)
        }
        connection.scheduleFlush()
    }

    func endAnswer() {
        guard case .streaming(let framing) = state else { return }
        if framing == .chunked, !isHead { connection.append(HTTP1Encoder.lastChunk) }
        end()
    }

    func abortAnswer() { connection.abort(self) }

    var bufferedByteCount: Int { connection.bufferedByteCount }

    private func appendHead(_ status: Int, _ headers: HTTPHeaders, framing: HTTP1Encoder.Framing) {
        if connection.mustClose(after: self) { keepsAlive = false }
        connection.append(
            HTTP1Encoder.head(
                status: status, headers: headers, framing: framing, closes: !keepsAlive, version: version,
                date: connection.date()))
    }

    private func end() {
        state = .ended
        connection.answerEnded(self)
    }

    // MARK: HTTPRequestBodySource

    func bodyIsAwaited() { connection.bodyIsAwaited(self) }
    func bodyWasRead(byteCount: Int) { connection.bodyWasRead(self) }
}
