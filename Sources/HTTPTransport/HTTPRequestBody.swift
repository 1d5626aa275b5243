import Synchronization

/// What feeds a body: told, on its reactor, that someone waits for bytes and how many were taken.
protocol HTTPRequestBodySource: AnyObject, Sendable {
    var reactor: Reactor { get }
    /// Someone reads, and nothing has arrived: the moment for `100 Continue`.
    func bodyIsAwaited()
    func bodyWasRead(byteCount: Int)
}

/// A request's body, streamed with backpressure: at most a window's worth is buffered until it is read.
///
/// One task reads it, from any thread. A body has no second reading.
public final class HTTPRequestBody: Sendable {
    /// The body of a request that has none.
    public static let empty = HTTPRequestBody([])

    private struct State {
        var chunks: [[UInt8]] = []
        var bufferedByteCount = 0
        var hasEnded = false
        var failure: HTTPBodyError?
        var waiter: UnsafeContinuation<Void, Never>?
    }

    private let state: Mutex<State>
    private let source: (any HTTPRequestBodySource)?

    /// A body that is already there.
    public init(_ bytes: [UInt8]) {
        var state = State()
        if !bytes.isEmpty { state.chunks = [bytes] }
        state.bufferedByteCount = bytes.count
        state.hasEnded = true
        self.state = Mutex(state)
        source = nil
    }

    init(source: any HTTPRequestBodySource) {
        state = Mutex(State())
        self.source = source
    }

    /// The next bytes, as many as have arrived; `nil` at the end.
    public func next() async throws(HTTPBodyError) -> [UInt8]? {
        while true {
            switch take() {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .failed(let error): throw error
            case .nothingYet:
                if Task.isCancelled { throw .connectionClosed }
                await arrival()
            }
        }
    }

    /// The whole body. Does not suspend where all of it has arrived.
    ///
    /// - Parameter limit: in bytes; a longer body throws `tooLarge` as soon as that is known.
    public func collect(upTo limit: Int) async throws(HTTPBodyError) -> [UInt8] {
        guard var body = try await next() else { return [] }
        guard body.count <= limit else { throw .tooLarge(limit: limit) }
        while let more = try await next() {
            guard body.count + more.count <= limit else { throw .tooLarge(limit: limit) }
            body.append(contentsOf: more)
        }
        return body
    }

    // MARK: What the transport does with it

    /// Bytes that arrived and were not read.
    var bufferedByteCount: Int { state.withLock { $0.bufferedByteCount } }

    func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        update {
            guard !$0.hasEnded else { return }
            $0.chunks.append(bytes)
            $0.bufferedByteCount += bytes.count
        }
    }

    func end() { update { $0.hasEnded = true } }

    /// Ends the body with an error, unless it had ended; what has arrived is dropped.
    func fail(_ error: HTTPBodyError) {
        update {
            guard !$0.hasEnded else { return }
            $0.chunks = []
            $0.bufferedByteCount = 0
            $0.hasEnded = true
            $0.failure = error
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    // MARK: Reading

    private enum Taken {
        case bytes([UInt8])
        case end
        case failed(HTTPBodyError)
        case nothingYet
    }

    private func take() -> Taken {
        let taken = state.withLock { state -> Taken in
            if let failure = state.failure { return .failed(failure) }
            guard let first = state.chunks.first else { return state.hasEnded ? .end : .nothingYet }
            var bytes = first
            if state.chunks.count > 1 {
                bytes.reserveCapacity(state.bufferedByteCount)
                for chunk in state.chunks.dropFirst() { bytes.append(contentsOf: chunk) }
            }
            state.chunks = []
            state.bufferedByteCount = 0
            return .bytes(bytes)
        }
        if case .bytes(let bytes) = taken, let source {
            let count = bytes.count
            source.reactor.perform { source.bodyWasRead(byteCount: count) }
        }
        return taken
    }

    private func arrival() async {
        if let source { source.reactor.perform { source.bodyIsAwaited() } }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let resumesNow = state.withLock { state in
                    guard state.chunks.isEmpty, !state.hasEnded, !Task.isCancelled else { return true }
                    assert(state.waiter == nil, "a body has one reader")
                    state.waiter = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        } onCancel: {
            update { _ in }
        }
    }
}
