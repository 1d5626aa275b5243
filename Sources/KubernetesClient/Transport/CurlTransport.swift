import CCurl

/// HTTP by libcurl: HTTP/2 over TLS where the server offers it, with all requests on one connection, HTTP/1.1 else.
///
/// Connections are kept and used again. All transfers run on one thread of the transport's own, which waits for all
/// sockets at once; it ends with the transport.
public final class CurlTransport: APITransport {
    /// What limits a transfer.
    public struct Limits: Sendable {
        public var connectTimeout: Duration = .seconds(10)
        /// Bytes of an answer that wait for their reader; then the server is held back.
        public var maximumBufferedBytes = 1 << 20
        /// A connection on which sent bytes are not acknowledged for so long is given up.
        public var deadConnectionTimeout: Duration = .seconds(30)
        /// A quiet connection is probed after this.
        public var keepAliveInterval: Duration = .seconds(30)
        /// Connections that are kept while nothing uses them.
        public var maximumIdleConnections = 64
        /// Requests beyond what these carry wait for their turn.
        public var maximumConnections = 256
        /// HTTP/2 requests at once on one connection, where the server allows as many.
        ///
        /// One, unless libcurl is 8.1 or newer. Before, long answers that share a connection may stand still before
        /// their ends for good, and one that is not read holds up the others.
        public var maximumStreamsPerConnection = CurlEngine.sharesConnectionsWell ? 1000 : 1
        public var maximumHeaderBytes = 256 << 10

        public init() {}
    }

    private let engine: CurlEngine

    /// - Throws: `TransportError` where the address cannot be used.
    public init(_ configuration: ClientConfiguration, limits: Limits = Limits()) throws {
        engine = try CurlEngine(CurlSettings(configuration, limits))
    }

    deinit { engine.close() }

    /// As `APITransport` has it. A request that changes nothing is sent once more where its connection ended before the
    /// answer's head: a server may close a connection at any time, and libcurl itself sends again only on a connection
    /// that it had used before, and not after HTTP/2's GOAWAY. Any other request may have been carried out: the caller
    /// must look.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        do {
            return try await sendOnce(request)
        } catch let error as TransportError where error.code == .connectionLost && request.method.isSafe {
            return try await sendOnce(request)
        }
    }

    private func sendOnce(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        let transfer = CurlTransfer(request, engine: engine)
        let head = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                transfer.awaitHead(continuation)
                engine.post(.start(transfer))
            }
        } onCancel: {
            transfer.cancel()
        }
        let body = TransportBody(CurlBody(transfer, transport: self))
        return TransportResponse(status: head.status, headers: head.headers, body: body)
    }
}

/// The reader's end of a transfer: when it is dropped, the transfer ends.
private final class CurlBody: TransportBody.Source {
    private let transfer: CurlTransfer
    /// Lives while an answer is read.
    private let transport: CurlTransport

    init(_ transfer: CurlTransfer, transport: CurlTransport) {
        self.transfer = transfer
        self.transport = transport
    }

    deinit { transfer.cancel() }

    func next() async throws -> [UInt8]? { try await transfer.next() }
}
