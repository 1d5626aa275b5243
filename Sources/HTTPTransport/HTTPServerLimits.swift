/// What a client may cost the server. Every limit has a name; sizes are in bytes.
public struct HTTPServerLimits: Sendable {
    // MARK: Connections

    /// Connections open at a time; one more is closed as soon as it is accepted.
    public var maximumConnections = 20_000
    /// For the TLS handshake, from accept.
    public var tlsHandshakeTimeout: Duration = .seconds(10)
    /// For a request's head, from its first byte; and for the first byte of a new connection (32 s in kube-apiserver).
    public var headerTimeout: Duration = .seconds(32)
    /// Without a request in progress (90 s in kube-apiserver).
    public var idleTimeout: Duration = .seconds(90)
    /// For a request of an HTTP/1 client that has closed its sending side, after which it counts as gone: TCP does not
    /// tell whether it still reads.
    public var halfClosedTimeout: Duration = .seconds(10)
    /// Without a byte of a request body that is being waited for.
    public var bodyTimeout: Duration = .seconds(60)
    /// Without the client taking a byte of what waits for it.
    public var sendTimeout: Duration = .seconds(60)
    /// For the client to close, after the server's last byte.
    public var lingerTimeout: Duration = .seconds(2)

    // MARK: Requests

    /// A request's head: its request line and header fields (1 MiB in Go); more is 431.
    public var maximumHeaderBytes = 256 * 1024
    /// Header fields of a request; more is 431.
    public var maximumHeaderCount = 256
    /// The request target; more is 414.
    public var maximumTargetBytes = 64 * 1024
    /// What `content-length` may say; more is 413 before the handler is called. A handler's own limit is what it gives
    /// to `HTTPRequestBody.collect(upTo:)`.
    public var maximumContentLength = 64 * 1024 * 1024
    /// Unread bytes of a body after which HTTP/1 stops reading, and the window of an HTTP/2 stream.
    public var bodyWindow = 256 * 1024
    /// Body bytes that are read and dropped after an early answer (256 KiB in Go), before an HTTP/1 connection is closed
    /// or an HTTP/2 stream reset.
    public var maximumDiscardedBodyBytes = 256 * 1024
    /// Bytes of pipelined requests that are held while an earlier one is answered.
    public var maximumPipelinedBytes = 64 * 1024
    /// A chunk's size line with its extensions. All the extensions and trailers of a body together are held to
    /// `maximumHeaderBytes`.
    public var maximumChunkLineBytes = 256

    // MARK: Answers

    /// What a streaming answer may have outstanding before the reader counts as too slow and is cut off.
    public var maximumStreamBufferBytes = 8 * 1024 * 1024
    /// Whole bodies longer than this are compressed where the call and the client allow it.
    public var gzipThreshold = 128 * 1024

    // MARK: HTTP/2

    /// Streams of one connection at a time (kube-apiserver allows 1000).
    public var maximumConcurrentStreams = 1000
    /// The receive window of a connection.
    public var connectionWindow = 1024 * 1024
    /// Streams that a client may reset, or spoil, an interval (CVE-2023-44487); then GOAWAY with ENHANCE_YOUR_CALM.
    public var maximumResetsPerInterval = 400
    /// PING, SETTINGS, PRIORITY and unknown frames an interval.
    public var maximumControlFramesPerInterval = 1000
    /// DATA frames without data, and WINDOW_UPDATEs, an interval.
    public var maximumEmptyFramesPerInterval = 20_000
    /// CONTINUATION frames of one header block (CVE-2024-27316). libnghttp2 may have a lower limit of its own (8).
    public var maximumContinuationFrames = 16
    /// What the limits above count in.
    public var floodInterval: Duration = .seconds(10)

    public init() {}
}
