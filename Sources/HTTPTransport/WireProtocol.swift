/// A version of HTTP on one connection: plaintext in, plaintext out. Confined to the reactor.
protocol WireProtocol: AnyObject {
    /// Takes what was read. The bytes are valid during the call.
    func receive(_ bytes: UnsafeRawBufferPointer)
    /// All that the turn had to read was given: the time to start handlers.
    func inputPaused()
    /// The client will send no more.
    func inputEnded()
    /// Gives `Connection.emit` bytes until there are no more or `Connection.isOutputFull`. Tells whether more waits.
    func produce() -> Bool
    /// All that was produced has been sent.
    func outputDrained()
    /// The connection is gone: requests in progress are to be told.
    func connectionClosed()
    /// The server is going down: no new requests, and streams are asked to end.
    func shutDown()
    /// Looks for stalled streams. Called about once a second.
    func sweep(now: UInt64)
}

/// What carries one request's answer: an HTTP/2 stream, or an HTTP/1 connection's turn. Confined to the reactor.
protocol AnswerChannel: AnyObject {
    func sendAnswer(status: Int, headers: HTTPHeaders, body: ByteSegments)
    func startAnswer(status: Int, headers: HTTPHeaders)
    func send(_ bytes: ByteSegments)
    func endAnswer()
    /// Resets the stream, or closes the connection.
    func abortAnswer()
    /// Bytes of a streaming answer that were not yet handed to the kernel.
    var bufferedByteCount: Int { get }
}
