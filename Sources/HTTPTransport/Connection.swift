import Glibc

/// A client's connection: its socket, its TLS and the HTTP spoken over it. Confined to its reactor.
// Unchecked: made in and touched by turns of its reactor alone.
final class Connection: @unchecked Sendable {
    let reactor: Reactor
    let server: ServerCore
    private(set) var peer: HTTPPeer

    private var watch: SocketWatch?
    private var tls: TLSSession?
    private var wire: (any WireProtocol)?
    private var phase: Phase

    /// What waits for the socket; `nil` while nothing does.
    private var output: WireBuffer?
    private var recordFill = 0
    private var isFlushScheduled = false
    private var isSendBlocked = false
    /// The first bytes of a connection that may yet turn out to be HTTP/2's preface.
    private var preface: [UInt8] = []

    private enum Phase {
        /// The TLS handshake runs.
        case handshaking
        /// The first bytes decide which HTTP it is.
        case detecting
        case open
        /// The answer is sent, then the connection closed.
        case closing
        /// Our side is closed; the client's last bytes are read and dropped, lest a reset overtakes the answer.
        case lingering
        case closed
    }

    enum Deadline { case handshake, header, idle, body, halfClosed, linger }
    private var deadline: (time: UInt64, reason: Deadline)?
    private var sendDeadline = UInt64.max

    /// Output that is produced before the socket is tried.
    private static let outputHighWater = 128 * 1024
    private static let maximumReadsPerTurn = 4
    private static let maximumSendsPerTurn = 16

    init(reactor: Reactor, server: ServerCore, isTLS: Bool, address: String) {
        self.reactor = reactor
        self.server = server
        peer = HTTPPeer(address: address, isTLS: isTLS, verifiedCertificate: nil)
        phase = isTLS ? .handshaking : .detecting
    }

    /// Takes over the socket. On the reactor.
    func open(descriptor: Int32) {
        assert(reactor.isCurrent)
        if phase == .handshaking {
            guard let context = server.tlsContext, let session = makeSession(context) else {
                Glibc.close(descriptor)
                server.connectionClosed()
                phase = .closed
                return
            }
            tls = session
            setDeadline(.handshake, after: server.limits.tlsHandshakeTimeout)
        } else {
            setDeadline(.header, after: server.limits.headerTimeout)
        }
        reactor.add(self)
        reactor.counters.openConnections.add(1)
        reactor.counters.acceptedConnections.add(1)
        watch = SocketWatch(
            descriptor: descriptor, reactor: reactor, onReadable: { [unowned self] in self.readable() },
            onWritable: { [unowned self] in self.writable() })
    }

    private func makeSession(_ context: TLSContext) -> TLSSession? {
        TLSSession(context: context) { [unowned self] bytes, count in self.append(bytes, count) }
    }

    // MARK: Input

    private func readable() {
        guard let watch else { return }
        let buffer = reactor.buffers.input
        var reads = 0
        reading: while phase != .closed, reads < Self.maximumReadsPerTurn {
            let count = recv(watch.descriptor, buffer.baseAddress, buffer.count, 0)
            reads += 1
            switch count {
            case 1...:
                reactor.counters.receivedBytes.add(count)
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                if count < buffer.count { break reading }
            case 0:
                endOfInput()
                break reading
            default:
                if errno == EINTR { continue }
                if errno != EAGAIN && errno != EWOULDBLOCK { close() }
                break reading
            }
        }
        if phase != .closed { wire?.inputPaused() }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else { return takePlaintext(bytes) }
        guard phase != .lingering else { return }
        do throws(TLSSession.Failure) {
            try tls.receive(
                bytes, buffer: reactor.buffers.plaintext, established: { self.handshakeFinished() },
                deliver: { self.takePlaintext($0) })
            if let output, !output.isEmpty { scheduleFlush() }
            if tls.hasPeerClosed { endOfInput() }
        } catch {
            if case .handshake = error { reactor.counters.failedHandshakes.add(1) }
            // The alert that tells the client why.
            trySendingRest()
            close()
        }
    }

    private func handshakeFinished() {
        guard let tls else { return }
        peer.verifiedCertificate = tls.verifiedCertificate
        if tls.isHTTP2 {
            begin(HTTP2Connection(connection: self))
        } else {
            phase = .detecting
            setDeadline(.header, after: server.limits.headerTimeout)
        }
    }

    private func takePlaintext(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .detecting: detect(bytes)
        case .open, .closing: wire?.receive(bytes)
        case .handshaking, .lingering, .closed: break
        }
    }

    /// RFC 9113 section 3.4: a client that knows sends HTTP/2's preface first.
    private func detect(_ bytes: UnsafeRawBufferPointer) {
        preface.append(contentsOf: bytes)
        let magic = HTTP2Connection.clientMagic
        if !preface.prefix(magic.count).elementsEqual(magic.prefix(preface.count)) {
            begin(HTTP1Connection(connection: self))
        } else if preface.count >= magic.count {
            begin(HTTP2Connection(connection: self))
        } else {
            return
        }
        let first = preface
        preface = []
        first.withUnsafeBytes { wire?.receive($0) }
    }

    private func begin(_ wire: any WireProtocol) {
        phase = .open
        self.wire = wire
        setDeadline(.header, after: server.limits.headerTimeout)
        if server.isShuttingDown { wire.shutDown() }
    }

    private func endOfInput() {
        switch phase {
        case .closed: return
        case .open, .closing:
            setReading(false)
            wire?.inputEnded()
        case .handshaking, .detecting, .lingering: close()
        }
    }

    /// Stops or resumes reading, for backpressure.
    func setReading(_ reads: Bool) {
        wantsReading = reads
        watch?.setReading(wantsReading && !isResting)
    }
    private var wantsReading = true
    private var isResting = false

    /// Lets what the client sends pile up for a moment, to be read at once.
    func restFromReading() {
        guard !isResting, phase == .open else { return }
        isResting = true
        setReading(wantsReading)
        reactor.endRestLater(self)
    }

    func endRest() {
        isResting = false
        setReading(wantsReading)
    }

    // MARK: Output

    /// Asks for `flush` at the end of the turn.
    func scheduleFlush() {
        guard !isFlushScheduled, phase != .closed else { return }
        isFlushScheduled = true
        reactor.flushAtEndOfTurn(self)
    }

    var isOutputFull: Bool { (output?.count ?? 0) >= Self.outputHighWater }

    /// Takes plaintext from the protocol, within `produce`.
    func emit(_ bytes: UnsafeRawPointer, _ count: Int) {
        guard tls != nil else { return append(bytes, count) }
        let record = reactor.buffers.record
        guard let start = record.baseAddress else { return }
        var offset = 0
        while offset < count {
            let part = min(count - offset, record.count - recordFill)
            if recordFill == 0, part == record.count {
                encipher(bytes + offset, part)
            } else {
                memcpy(start + recordFill, bytes + offset, part)
                recordFill += part
                if recordFill == record.count { endRecord() }
            }
            offset += part
        }
    }

    func emit(_ bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress { emit(start, bytes.count) }
    }

    private func endRecord() {
        guard recordFill > 0, let start = reactor.buffers.record.baseAddress else { return }
        encipher(start, recordFill)
        recordFill = 0
    }

    private func encipher(_ bytes: UnsafeRawPointer, _ count: Int) {
        guard let tls else { return }
        do throws(TLSSession.Failure) { try tls.send(bytes, count: count) } catch { isBroken = true }
    }
    /// OpenSSL would write no more; found out at the end of `flush`, since `emit` runs within the protocol's code.
    private var isBroken = false

    /// Everything goes through the buffer, so that a turn's records leave in one system call: to copy them there is
    /// cheaper than a call for each.
    private func append(_ bytes: UnsafeRawPointer, _ count: Int) {
        let buffer = output ?? reactor.takeWireBuffer()
        output = buffer
        buffer.append(bytes, count: count)
    }

    /// Sends what the protocol has, until the socket takes no more.
    func flush() {
        isFlushScheduled = false
        guard !isSendBlocked else { return }
        var sends = 0
        while phase != .closed {
            let hasMore = produceOutput()
            if isBroken { return close() }
            if let output, !output.isEmpty {
                switch send(output) {
                case .sentAll: break
                case .blocked: return
                case .failed: return close()
                }
            }
            guard hasMore else { break }
            sends += 1
            if sends == Self.maximumSendsPerTurn { return continueLater() }
        }
        outputDrained()
    }

    private func produceOutput() -> Bool {
        guard let wire, phase == .open || phase == .closing else { return false }
        let hasMore = wire.produce()
        endRecord()
        return hasMore
    }

    /// Lets other connections have their turn between two parts of a long answer.
    private func continueLater() {
        isFlushScheduled = true
        reactor.executeInNextTurn { self.flush() }
    }

    private func send(_ output: WireBuffer) -> WireBuffer.Outcome {
        guard let watch else { return .failed }
        var sent = 0
        let outcome = output.send(to: watch.descriptor, sentByteCount: &sent)
        reactor.counters.sentBytes.add(sent)
        switch outcome {
        case .sentAll:
            reactor.returnWireBuffer(output)
            self.output = nil
            isSendBlocked = false
            sendDeadline = .max
            watch.setWriting(false)
        case .blocked:
            isSendBlocked = true
            if sent > 0 || sendDeadline == .max {
                sendDeadline = reactor.now &+ server.limits.sendTimeout.clampedNanoseconds
            }
            watch.setWriting(true)
        case .failed: break
        }
        return outcome
    }

    private func writable() {
        isSendBlocked = false
        if let output, !output.isEmpty {
            switch send(output) {
            case .sentAll: break
            case .blocked: return
            case .failed: return close()
            }
        }
        flush()
    }

    private func outputDrained() {
        guard phase != .closed, output?.isEmpty ?? true else { return }
        wire?.outputDrained()
        if phase == .closing { linger() }
    }

    private func trySendingRest() {
        if let output, !output.isEmpty { _ = send(output) }
    }

    // MARK: Ends

    /// Sends what waits, then closes in a way that lets the client read it.
    func closeWhenFlushed() {
        guard phase == .open || phase == .detecting else { return }
        phase = .closing
        scheduleFlush()
    }

    private func linger() {
        guard let watch else { return }
        phase = .lingering
        tls?.close()
        trySendingRest()
        wire?.connectionClosed()
        wire = nil
        shutdown(watch.descriptor, Int32(SHUT_WR))
        isResting = false
        setReading(true)
        setDeadline(.linger, after: server.limits.lingerTimeout)
    }

    /// Closes at once; requests in progress learn of it.
    func close() {
        guard phase != .closed else { return }
        let wasOpen = watch != nil
        phase = .closed
        let wire = self.wire
        self.wire = nil
        wire?.connectionClosed()
        watch?.close()
        watch = nil
        output = nil
        tls = nil
        guard wasOpen else { return }
        reactor.counters.openConnections.add(-1)
        reactor.remove(self)
        server.connectionClosed()
    }

    var isClosed: Bool { phase == .closed }

    func shutDown() {
        if let wire { wire.shutDown() } else { close() }
    }

    // MARK: Time

    func setDeadline(_ reason: Deadline, after time: Duration) {
        deadline = (reactor.now &+ time.clampedNanoseconds, reason)
    }

    func clearDeadline() { deadline = nil }

    /// Closes what is overdue. Called about once a second, or oftener where a limit is shorter.
    func sweep(now: UInt64) {
        if sendDeadline <= now { return close() }
        if let deadline, deadline.time <= now {
            if deadline.reason == .handshake { reactor.counters.failedHandshakes.add(1) }
            return close()
        }
        wire?.sweep(now: now)
    }
}
