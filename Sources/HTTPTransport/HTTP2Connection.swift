import CNGHTTP2

/// HTTP/2 on a connection, by libnghttp2. Confined to the reactor.
///
/// libnghttp2 frames, compresses headers and checks the protocol; its callbacks (`HTTP2Connection+Callbacks.swift`)
/// collect requests, which are started when the turn's input is read, so that a small body is there already.
final class HTTP2Connection: WireProtocol {
    let connection: Connection
    private(set) var session: OpaquePointer?
    var streams: [Int32: HTTP2Stream] = [:]
    /// Requests whose head is complete and whose handler was not called.
    var arrived: [HTTP2Stream] = []
    var guardian: HTTP2FloodGuard
    /// CONTINUATION frames of the header block that is being read.
    var continuationCount = 0
    /// The peer broke a limit: GOAWAY goes out, then the connection closes.
    private(set) var isCondemned = false
    /// DATA frames of streaming answers that were sent since input was last read.
    var sentFrameCount = 0
    /// Reading rested for the sake of those.
    private var hasRested = false
    private var isShuttingDown = false
    private var isInSession = false
    /// Answer heads are laid out here for libnghttp2.
    private var fieldBytes: [UInt8] = []

    static let clientMagic = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var limits: HTTPServerLimits { connection.server.limits }
    var reactor: Reactor { connection.reactor }

    init(connection: Connection) {
        self.connection = connection
        guardian = HTTP2FloodGuard(limits: connection.server.limits)
        openSession()
    }

    deinit { nghttp2_session_del(session) }

    private func openSession() {
        var options: OpaquePointer?
        guard nghttp2_option_new(&options) == 0 else { return }
        defer { nghttp2_option_del(options) }
        // The window follows what the handler has read.
        nghttp2_option_set_no_auto_window_update(options, 1)
        // Memory a closed stream would keep for the sake of priorities.
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_peer_max_concurrent_streams(options, UInt32(clamping: limits.maximumConcurrentStreams))
        let user = Unmanaged.passUnretained(self).toOpaque()
        guard nghttp2_session_server_new2(&session, Self.callbacks, user, options) == 0 else { return }
        let settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: UInt32(clamping: limits.maximumConcurrentStreams)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(clamping: min(limits.bodyWindow, Int(Int32.max)))),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(clamping: limits.maximumHeaderBytes)),
        ]
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
        nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: limits.connectionWindow))
        connection.scheduleFlush()
    }

    // MARK: Input

    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard let session, !isCondemned else { return }
        let taken = nghttp2_session_mem_recv(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        connection.scheduleFlush()
        // Of a fatal error: the preface is wrong, or one of libnghttp2's own guards against floods gave up. Some of
        // their codes are newer than its header here, so that the one known exception decides.
        let isBadPreface = taken == Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue)
        if taken < 0 { condemn(isBadPreface ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM) }
    }

    func inputPaused() {
        while !arrived.isEmpty, !connection.isClosed {
            let batch = arrived
            arrived = []
            for stream in batch { stream.start() }
        }
        sentFrameCount = 0
        hasRested = false
        updateDeadline()
    }

    func inputEnded() {
        if streams.isEmpty { connection.closeWhenFlushed() } else { connection.close() }
    }

    /// Ends the connection for the peer's fault: GOAWAY with a reason, then close.
    func condemn(_ code: nghttp2_error_code) {
        guard !isCondemned else { return }
        isCondemned = true
        reactor.counters.refusedRequests.add(1)
        nghttp2_session_terminate_session(session, code.rawValue)
        connection.scheduleFlush()
    }

    /// Counts what may be a flood.
    func count(_ event: HTTP2FloodGuard.Event) {
        if !guardian.allows(event, at: reactor.now) { condemn(NGHTTP2_ENHANCE_YOUR_CALM) }
    }

    // MARK: Output

    func scheduleFlush() { connection.scheduleFlush() }

    func produce() -> Bool {
        guard let session else { return false }
        let result = nghttp2_session_send(session)
        if result != 0 { connection.closeWhenFlushed() }
        restIfToldMuch()
        return result == 0 && connection.isOutputFull && nghttp2_session_want_write(session) != 0
    }

    /// DATA frames after which the peer's window updates are read together.
    private static let framesPerRest = 8

    /// A peer that was told something on many streams at once gives credit for it in many small packets. Nothing waits
    /// for it while no stream has more to send, so that they are let pile up, and a round of events costs a read or
    /// two instead of a wake-up a packet. A request that arrives in between waits for the rest's end; input is read at
    /// least once between two rests.
    private func restIfToldMuch() {
        guard sentFrameCount >= Self.framesPerRest, !hasRested else { return }
        guard !streams.values.contains(where: { $0.bufferedByteCount > 0 }) else { return }
        hasRested = true
        connection.restFromReading()
    }

    func outputDrained() {
        let isOver = nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
        if isOver || isCondemned || isShuttingDown && streams.isEmpty { connection.closeWhenFlushed() }
    }

    /// Submits an answer's head; with a body its DATA follow from the stream's queue.
    func submitHead(
        _ stream: HTTP2Stream, status: Int, headers: HTTPHeaders, contentLength: Int?, hasBody: Bool
    ) {
        guard let session else { return }
        var fields = HTTP2FieldWriter(reusing: fieldBytes)
        fields.add(":status", String(status))
        var hasDate = false
        for field in headers.fields {
            switch field.name {
            // Not for HTTP/2 (RFC 9113 section 8.2.2).
            case "connection", "transfer-encoding", "keep-alive", "upgrade", "proxy-connection": continue
            case "content-length" where contentLength != nil: continue
            case "date": hasDate = true
            default: break
            }
            fields.add(field.name, field.value)
        }
        if !hasDate { fields.add("date", reactor.date.current()) }
        if let contentLength { fields.add("content-length", String(contentLength)) }
        let result = fields.withFields { names, count in
            guard hasBody else { return nghttp2_submit_response(session, stream.id, names, count, nil) }
            var provider = nghttp2_data_provider()
            provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
            provider.read_callback = Self.readCallback
            return nghttp2_submit_response(session, stream.id, names, count, &provider)
        }
        fieldBytes = fields.reusableBytes
        if result != 0 { reset(stream, NGHTTP2_INTERNAL_ERROR) }
        connection.scheduleFlush()
    }

    func submitContinue(_ stream: HTTP2Stream) {
        guard let session else { return }
        var fields = HTTP2FieldWriter(reusing: [])
        fields.add(":status", "100")
        _ = fields.withFields { names, count in
            nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, names, count, nil)
        }
        connection.scheduleFlush()
    }

    /// There is more to send on a stream whose reading was deferred.
    func resume(_ stream: HTTP2Stream) {
        nghttp2_session_resume_data(session, stream.id)
        connection.scheduleFlush()
    }

    func reset(_ stream: HTTP2Stream, _ code: nghttp2_error_code) {
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
        connection.scheduleFlush()
    }

    /// Opens the peer's window by what was read of a body.
    func consume(_ streamID: Int32, byteCount: Int) {
        guard byteCount > 0 else { return }
        nghttp2_session_consume(session, streamID, byteCount)
        connection.scheduleFlush()
    }

    // MARK: Streams

    func add(_ stream: HTTP2Stream) {
        streams[stream.id] = stream
        reactor.counters.openStreams.add(1)
    }

    func remove(_ stream: HTTP2Stream) {
        guard streams.removeValue(forKey: stream.id) != nil else { return }
        reactor.counters.openStreams.add(-1)
        // Unread bytes still count against the connection's window.
        consume(stream.id, byteCount: stream.unreadByteCount)
        updateDeadline()
    }

    private func updateDeadline() {
        if streams.isEmpty {
            connection.setDeadline(.idle, after: limits.idleTimeout)
        } else {
            connection.clearDeadline()
        }
    }

    // MARK: Ends

    func connectionClosed() {
        let open = streams
        streams = [:]
        arrived = []
        reactor.counters.openStreams.add(-open.count)
        for stream in open.values { stream.closed(isClean: false) }
    }

    func shutDown() {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(session),
            NGHTTP2_NO_ERROR.rawValue, nil, 0)
        connection.scheduleFlush()
        for stream in streams.values { stream.exchange?.serverShutsDown() }
    }

    func sweep(now: UInt64) {
        let bodyTimeout = limits.bodyTimeout.clampedNanoseconds
        let sendTimeout = limits.sendTimeout.clampedNanoseconds
        for stream in streams.values where stream.isStalled(at: now, body: bodyTimeout, send: sendTimeout) {
            stream.cutOff()
        }
    }
}

/// Lays out header fields as libnghttp2 takes them: all bytes in one array, then the pairs that point into it.
struct HTTP2FieldWriter {
    private var bytes: [UInt8]
    private var ends: [Int] = []

    init(reusing bytes: [UInt8]) {
        self.bytes = bytes
        self.bytes.removeAll(keepingCapacity: true)
        ends.reserveCapacity(16)
    }

    var reusableBytes: [UInt8] { bytes.capacity <= 4096 ? bytes : [] }

    mutating func add(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        ends.append(bytes.count)
        // A control character would make the peer refuse the stream.
        for byte in value.utf8 { bytes.append(HTTPCharacters.isFieldValueByte(byte) ? byte : 0x20) }
        ends.append(bytes.count)
    }

    mutating func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        bytes.withUnsafeMutableBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, ends.count / 2)) { fields in
                var start = 0
                for index in 0..<ends.count / 2 {
                    let nameEnd = ends[2 * index]
                    let valueEnd = ends[2 * index + 1]
                    let field = nghttp2_nv(
                        name: bytes.baseAddress.map { $0 + start }, value: bytes.baseAddress.map { $0 + nameEnd },
                        namelen: nameEnd - start, valuelen: valueEnd - nameEnd,
                        flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
                    fields.initializeElement(at: index, to: field)
                    start = valueEnd
                }
                return body(UnsafePointer(fields.baseAddress), ends.count / 2)
            }
        }
    }
}
