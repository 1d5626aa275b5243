/// A streaming answer; confined to its connection's reactor.
// Unchecked: confined to the reactor; `drained` goes there first.
public final class HTTPResponseStream: @unchecked Sendable {
    private let reactor: Reactor
    private let server: ServerCore
    private var channel: (any AnswerChannel)?
    private var hasEnded = false
    private var wasToldToShutDown = false
    private var waiters: [UnsafeContinuation<Bool, Never>] = []

    init(reactor: Reactor, server: ServerCore, channel: (any AnswerChannel)?) {
        self.reactor = reactor
        self.server = server
        self.channel = channel
    }

    /// Whether writes go nowhere: the answer was ended, or the client is gone.
    public var isClosed: Bool { channel == nil || hasEnded }

    /// Appends to the stream's buffer. Never blocks and never suspends: the connection is flushed once at the end of
    /// the reactor's turn, so that many writes in a turn share frames, TLS records and system calls.
    ///
    /// A stream whose buffer grows past `HTTPServerLimits.maximumStreamBufferBytes` is reset, and `onClose` is called
    /// later in the turn. Writes to a closed stream are dropped.
    public func write(_ bytes: ByteSegments) {
        assert(reactor.isCurrent)
        guard let channel, !hasEnded, bytes.byteCount > 0 else { return }
        channel.send(bytes)
        guard channel.bufferedByteCount > server.limits.maximumStreamBufferBytes else { return }
        reactor.counters.slowReaders.add(1)
        self.channel = nil
        channel.abortAnswer()
        reactor.execute { self.close() }
    }

    /// Bytes written that the kernel has not taken yet: what a slow reader has outstanding.
    ///
    /// What is already enciphered for the socket, at most some hundred KiB a connection, is not counted.
    public var bufferedByteCount: Int {
        assert(reactor.isCurrent)
        return channel?.bufferedByteCount ?? 0
    }

    /// Ends the answer after what is buffered.
    public func finish() {
        assert(reactor.isCurrent)
        guard let channel, !hasEnded else { return }
        hasEnded = true
        dropCallbacks()
        channel.endAnswer()
    }

    /// Resets the stream, or closes the connection. `onClose` is not called.
    public func abort() {
        assert(reactor.isCurrent)
        guard let channel else { return }
        self.channel = nil
        hasEnded = true
        dropCallbacks()
        channel.abortAnswer()
        resumeWaiters(isOpen: false)
    }

    /// Called once, on the reactor, when the client is gone or was cut off; not after `finish` or `abort`. Where that
    /// is so when it is set, it is called soon.
    public var onClose: (@Sendable () -> Void)? {
        didSet {
            if channel == nil, !hasEnded, onClose != nil { reactor.execute { self.close() } }
        }
    }

    /// Called once, on the reactor, when the server shuts down and wants the stream to end cleanly. Where that is so
    /// when it is set, it is called soon.
    public var onShutdown: (@Sendable () -> Void)? {
        didSet {
            guard onShutdown != nil, !isClosed, server.isShuttingDown, !wasToldToShutDown else { return }
            reactor.execute { self.serverShutsDown() }
        }
    }

    /// Waits until little is outstanding: backpressure for a producer that can wait.
    ///
    /// - Throws: `connectionClosed` where the client is gone, or the task is cancelled.
    public func drained() async throws(HTTPBodyError) {
        let isOpen = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
                let isCancelled = Task.isCancelled
                reactor.perform { self.wait(continuation, isCancelled: isCancelled) }
            }
        } onCancel: {
            reactor.execute { self.resumeWaiters(isOpen: false) }
        }
        guard isOpen else { throw .connectionClosed }
    }

    // MARK: What the channel tells

    /// What counts as little.
    private static let drainedByteCount = 64 * 1024

    private func wait(_ continuation: UnsafeContinuation<Bool, Never>, isCancelled: Bool) {
        if isCancelled || channel == nil {
            continuation.resume(returning: false)
        } else if bufferedByteCount <= Self.drainedByteCount {
            continuation.resume(returning: true)
        } else {
            waiters.append(continuation)
        }
    }

    /// Some of the buffer was taken.
    func bufferShrank() {
        if !waiters.isEmpty, bufferedByteCount <= Self.drainedByteCount { resumeWaiters(isOpen: true) }
    }

    /// The end of the answer has been sent.
    func answerSent() {
        channel = nil
        resumeWaiters(isOpen: false)
    }

    func channelClosed() {
        channel = nil
        // Not within the caller, who may be in the midst of its streams.
        if hasEnded { resumeWaiters(isOpen: false) } else { reactor.execute { self.close() } }
    }

    func serverShutsDown() {
        guard !wasToldToShutDown, let onShutdown else { return }
        wasToldToShutDown = true
        self.onShutdown = nil
        onShutdown()
    }

    private func close() {
        let onClose = onClose
        dropCallbacks()
        resumeWaiters(isOpen: false)
        onClose?()
    }

    private func dropCallbacks() {
        onClose = nil
        onShutdown = nil
    }

    private func resumeWaiters(isOpen: Bool) {
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume(returning: isOpen) }
    }
}
