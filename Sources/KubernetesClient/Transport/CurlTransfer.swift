import CCurl
import Synchronization

/// One request and its answer, between the engine's thread, which receives, and the task that reads.
final class CurlTransfer: Sendable {
    struct Head: Sendable {
        var status: Int
        var headers: [TransportHeader]
    }

    typealias HeadContinuation = CheckedContinuation<Head, any Error>
    typealias Piece = CheckedContinuation<[UInt8]?, any Error>

    /// request sent -> head complete -> pieces -> ended; ends early by an error or by cancellation.
    private struct State {
        var head: HeadContinuation?
        var isHeadComplete = false
        var status = 0
        var headers: [TransportHeader] = []
        var headerBytes = 0
        var buffer: [UInt8] = []
        var reader: Piece?
        /// libcurl keeps what it has received until it is told to go on.
        var isPaused = false
        var end: Result<Void, any Error>?
    }

    let request: TransportRequest
    private let engine: CurlEngine
    private let state = Mutex(State())

    init(_ request: TransportRequest, engine: CurlEngine) {
        self.request = request
        self.engine = engine
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }
}

// For the task that reads.
extension CurlTransfer {
    func awaitHead(_ continuation: HeadContinuation) {
        let end = state.withLock { state in
            if state.end == nil { state.head = continuation }
            return state.end
        }
        if case .failure(let error) = end { continuation.resume(throwing: error) }
    }

    /// Everything that has come since the last call, or else the next piece.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                var outcome: Result<[UInt8]?, any Error>?
                let resumes = state.withLock { state in
                    outcome = Self.takePiece(&state)
                    if outcome == nil { state.reader = continuation }
                    defer { state.isPaused = false }
                    return state.isPaused
                }
                if resumes { engine.post(.resume(self)) }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            cancel()
        }
    }

    private static func takePiece(_ state: inout State) -> Result<[UInt8]?, any Error>? {
        if case .failure(let error) = state.end, error is CancellationError { return .failure(error) }
        if !state.buffer.isEmpty {
            defer { state.buffer = [] }
            return .success(state.buffer)
        }
        return state.end.map { end in end.map { nil } }
    }

    /// Ends the transfer for the reader at once, and on the wire as soon as the engine gets to it.
    func cancel() {
        if end(.failure(CancellationError())) { engine.post(.cancel(self)) }
    }
}

// For the engine's thread.
extension CurlTransfer {
    /// - Returns: whether the transfer had not ended before.
    @discardableResult
    func end(_ result: Result<Void, any Error>) -> Bool {
        let (head, reader, isFirst) = state.withLock { state -> (HeadContinuation?, Piece?, Bool) in
            guard state.end == nil else { return (nil, nil, false) }
            state.end = result
            defer {
                state.head = nil
                state.reader = nil
            }
            return (state.head, state.reader, true)
        }
        switch result {
        case .success:
            head?.resume(throwing: TransportError(.invalidAnswer, "the answer ended before its head did"))
            reader?.resume(returning: nil)
        case .failure(let error):
            head?.resume(throwing: error)
            reader?.resume(throwing: error)
        }
        return isFirst
    }

    /// Takes a line of the head in.
    /// - Returns: `false` where the head is too long.
    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: line, as: UTF8.self).trimmingWhitespace
        var isWithinLimit = true
        let head = state.withLock { state -> (HeadContinuation, Head)? in
            // Trailers say nothing that the API uses.
            if state.isHeadComplete { return nil }
            state.headerBytes += line.count
            isWithinLimit = state.headerBytes <= engine.settings.limits.maximumHeaderBytes
            if text.hasPrefix("HTTP/") {
                state.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                state.headers = []
            } else if let colon = text.firstIndex(of: ":") {
                let value = String(text[text.index(after: colon)...]).trimmingWhitespace
                state.headers.append(TransportHeader(String(text[..<colon]), value))
            } else if text.isEmpty, state.status >= 200 {
                state.isHeadComplete = true
                guard let head = state.head else { return nil }
                state.head = nil
                return (head, Head(status: state.status, headers: state.headers))
            }
            return nil
        }
        if let (continuation, head) = head { continuation.resume(returning: head) }
        return isWithinLimit
    }

    enum Reception {
        case taken
        /// The reader is behind: to be offered again.
        case deferred
        /// Nobody wants the bytes any more.
        case refused
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        let (reader, reception) = state.withLock { state -> (Piece?, Reception) in
            if state.end != nil { return (nil, .refused) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, .taken)
            }
            if state.buffer.count >= engine.settings.limits.maximumBufferedBytes {
                state.isPaused = true
                return (nil, .deferred)
            }
            state.buffer.append(contentsOf: bytes)
            return (nil, .taken)
        }
        reader?.resume(returning: Array(bytes))
        return reception
    }
}
