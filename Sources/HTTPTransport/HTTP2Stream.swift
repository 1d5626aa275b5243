import CNGHTTP2

/// One request of an HTTP/2 connection, and its answer.
// Unchecked: confined to the reactor.
final class HTTP2Stream: AnswerChannel, HTTPRequestBodySource, @unchecked Sendable {
    let id: Int32
    let reactor: Reactor
    private var connection: HTTP2Connection?
    private(set) var exchange: HTTPExchange?

    /// The request while its head is read; `nil` once the handler has it.
    private var head: Head?
    private struct Head {
        var method = ""
        var target: [UInt8] = []
        var authority: String?
        var headers = HTTPHeaders()
        var byteCount = 0
        var fieldCount = 0
        var isTooLarge = false
    }

    private var body = HTTPRequestBody.empty
    private var requestHasEnded = false
    /// Body bytes that came after the answer.
    private var droppedByteCount = 0
    private var awaitsContinue = false
    private var isHeadRequest = false
    /// When the body last grew, or the answer was last taken from.
    private var lastProgress: UInt64 = 0

    // Confined to the reactor, and no change of it calls out: to check each access would cost a watch's event as much
    // as the change.
    @exclusivity(unchecked) private var output = SegmentQueue()
    private(set) var answerHasEnded = false
    private var answerHasBegun = false
    /// libnghttp2 asked for bytes when there were none.
    var isDeferred = false
    /// This end gave the stream up.
    private(set) var wasAborted = false

    init(connection: HTTP2Connection, id: Int32) {
        self.connection = connection
        self.id = id
        reactor = connection.reactor
        head = Head()
        lastProgress = connection.reactor.now
    }

    static func of(_ pointer: UnsafeMutableRawPointer) -> HTTP2Stream {
        Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: The request

    /// How far past its limits a header list is still decoded, to answer 431, before the connection is given up.
    private static let headerPatience = 4

    /// Adds a field; tells whether the peer stays within bounds.
    func addHeader(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, limits: HTTPServerLimits
    ) -> Bool {
        guard head != nil else { return true }
        // RFC 9113 section 6.5.2: a field's size is its octets and 32.
        head!.byteCount += name.count + value.count + 32
        head!.fieldCount += 1
        if head!.byteCount > limits.maximumHeaderBytes || head!.fieldCount > limits.maximumHeaderCount + 4 {
            head!.isTooLarge = true
            head!.headers = HTTPHeaders()
            return head!.byteCount <= limits.maximumHeaderBytes * Self.headerPatience
                && head!.fieldCount <= limits.maximumHeaderCount * Self.headerPatience
        }
        guard !head!.isTooLarge else { return true }
        guard name.first == 0x3A else {
            head!.headers.fields.append(
                .init(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
            return true
        }
        if name.elementsEqual(":method".utf8) {
            head!.method = String(decoding: value, as: UTF8.self)
        } else if name.elementsEqual(":path".utf8) {
            head!.target = Array(value)
        } else if name.elementsEqual(":authority".utf8) {
            head!.authority = String(decoding: value, as: UTF8.self)
        }
        return true
    }

    func headComplete(hasBody: Bool) {
        requestHasEnded = !hasBody
        if hasBody { body = HTTPRequestBody(source: self) }
    }

    func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
        lastProgress = reactor.now
        guard answerHasEnded else { return body.append(Array(bytes)) }
        guard let connection else { return }
        connection.consume(id, byteCount: bytes.count)
        droppedByteCount += bytes.count
        if droppedByteCount > connection.limits.maximumDiscardedBodyBytes { stopRequest() }
    }

    /// Tells a client whose answer is sent to send no more of its body (RFC 9113 section 8.1).
    private func stopRequest() {
        guard let connection, !wasAborted, output.isEmpty else { return }
        wasAborted = true
        connection.reset(self, NGHTTP2_NO_ERROR)
    }

    func requestEnded() {
        requestHasEnded = true
        body.end()
    }

    /// What arrived and nobody read; counts against the peer's window.
    var unreadByteCount: Int { requestHasEnded && body === HTTPRequestBody.empty ? 0 : body.bufferedByteCount }

    /// Calls the handler, or refuses the request.
    func start() {
        guard let connection, let head else { return }
        self.head = nil
        isHeadRequest = head.method == "HEAD"
        switch HTTP2RequestCheck.check(
            method: head.method, target: head.target, headers: head.headers, isTooLarge: head.isTooLarge,
            limits: connection.limits)
        {
        case .refused(let failure): refuse(failure)
        case .accepted(let target): start(head, target)
        }
    }

    private func start(_ head: Head, _ target: HTTPTarget) {
        guard let connection else { return }
        var headers = head.headers
        if let authority = head.authority, headers["host"] == nil { headers.add("host", authority) }
        awaitsContinue = !requestHasEnded && headers["expect"] != nil
        let exchange = HTTPExchange(
            reactor: reactor, server: connection.connection.server, channel: self,
            acceptsGzip: HTTPNegotiation.acceptsGzip(headers["accept-encoding"]))
        self.exchange = exchange
        exchange.run(
            HTTPRequest(
                method: head.method, path: target.path, query: target.query, version: .http2, headers: headers,
                body: body, peer: connection.connection.peer))
    }

    private func refuse(_ failure: HTTP1Parser.Failure) {
        reactor.counters.refusedRequests.add(1)
        let text = Array("\(failure.status) \(HTTPStatus.reason(failure.status)): \(failure.reason)\n".utf8)
        sendAnswer(
            status: failure.status, headers: ["content-type": "text/plain; charset=utf-8"], body: ByteSegments(text))
    }

    // MARK: The answer

    func sendAnswer(status: Int, headers: HTTPHeaders, body: ByteSegments) {
        guard let connection, !answerHasBegun else { return }
        answerHasBegun = true
        answerHasEnded = true
        lastProgress = reactor.now
        let hasBody = HTTPStatus.hasBody(status)
        let sendsBody = hasBody && !isHeadRequest && body.byteCount > 0
        if sendsBody { output.append(body) }
        connection.submitHead(
            self, status: status, headers: headers, contentLength: hasBody ? body.byteCount : nil, hasBody: sendsBody)
        dropUnreadBody()
    }

    func startAnswer(status: Int, headers: HTTPHeaders) {
        guard let connection, !answerHasBegun else { return }
        answerHasBegun = true
        let hasBody = HTTPStatus.hasBody(status) && !isHeadRequest
        connection.submitHead(self, status: status, headers: headers, contentLength: nil, hasBody: hasBody)
        if !hasBody { answerHasEnded = true }
    }

    func send(_ bytes: ByteSegments) {
        guard let connection, !answerHasEnded else { return }
        if output.isEmpty { lastProgress = reactor.now }
        output.append(bytes)
        resume(connection)
    }

    func endAnswer() {
        guard let connection, !answerHasEnded else { return }
        answerHasEnded = true
        resume(connection)
        dropUnreadBody()
    }

    func abortAnswer() {
        guard let connection, !wasAborted else { return }
        wasAborted = true
        output.removeAll()
        connection.reset(self, NGHTTP2_INTERNAL_ERROR)
    }

    var bufferedByteCount: Int { output.byteCount }

    private func resume(_ connection: HTTP2Connection) {
        guard isDeferred else { return }
        isDeferred = false
        connection.resume(self)
    }

    /// Moves bytes into a DATA frame.
    func take(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        lastProgress = reactor.now
        output.consume(upTo: count, body)
        exchange?.stream?.bufferShrank()
    }

    private func dropUnreadBody() {
        guard !requestHasEnded || body.bufferedByteCount > 0 else { return }
        let count = body.bufferedByteCount
        body.fail(.connectionClosed)
        connection?.consume(id, byteCount: count)
    }

    // MARK: HTTPRequestBodySource

    func bodyIsAwaited() {
        lastProgress = reactor.now
        guard awaitsContinue, !answerHasBegun else { return }
        awaitsContinue = false
        connection?.submitContinue(self)
    }

    func bodyWasRead(byteCount: Int) {
        lastProgress = reactor.now
        connection?.consume(id, byteCount: byteCount)
    }

    // MARK: Ends

    /// Whether the peer holds the stream up: it sends no more of a body, or takes nothing of an answer.
    func isStalled(at now: UInt64, body bodyTimeout: UInt64, send sendTimeout: UInt64) -> Bool {
        let idle = now > lastProgress ? now - lastProgress : 0
        if !output.isEmpty { return idle > sendTimeout }
        let waitsForBody = !requestHasEnded && (answerHasEnded || !answerHasBegun) && body.bufferedByteCount == 0
        return waitsForBody && idle > bodyTimeout
    }

    /// Gives up on a stalled peer.
    func cutOff() {
        guard let connection else { return }
        body.fail(.connectionClosed)
        wasAborted = true
        connection.reset(self, NGHTTP2_CANCEL)
    }

    /// The stream is no more.
    func closed(isClean: Bool) {
        connection = nil
        output.removeAll()
        body.fail(.connectionClosed)
        let exchange = exchange
        self.exchange = nil
        if isClean, answerHasEnded { exchange?.answerEnded() } else { exchange?.clientIsGone() }
    }
}

/// What the transport itself asks of an HTTP/2 request, past what libnghttp2 checks (RFC 9113 section 8).
enum HTTP2RequestCheck {
    enum Outcome: Equatable {
        case accepted(HTTPTarget)
        case refused(HTTP1Parser.Failure)
    }

    static func check(
        method: String, target: [UInt8], headers: HTTPHeaders, isTooLarge: Bool, limits: HTTPServerLimits
    ) -> Outcome {
        func refused(_ status: Int, _ reason: String) -> Outcome { .refused(.init(status: status, reason: reason)) }
        if isTooLarge { return refused(431, "request head is too large") }
        if method == "CONNECT" { return refused(501, "CONNECT is not supported") }
        if target.count > limits.maximumTargetBytes { return refused(414, "request target is too long") }
        guard let parsed = HTTPTarget(target, method: method) else {
            return refused(400, "request target is malformed")
        }
        if let expectation = headers["expect"], expectation.lowercased() != "100-continue" {
            return refused(417, "expectation is not supported")
        }
        if let length = headers["content-length"] {
            guard let count = Int(length), count <= limits.maximumContentLength else {
                return refused(413, "content-length is too large")
            }
        }
        return .accepted(parsed)
    }
}
