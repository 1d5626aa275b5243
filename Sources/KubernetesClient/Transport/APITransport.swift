/// Carries requests to one API server: libcurl in earnest, a script in a test.
public protocol APITransport: Sendable {
    /// Sends a request and returns as soon as the answer's head is there; the body follows as it is read.
    ///
    /// - Throws: `TransportError` where no answer came, `CancellationError` where the task was cancelled. A status of
    ///   400 or more is an answer.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// What is asked of a server, below the level of resources.
public struct TransportRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether it changes nothing on the server (RFC 9110, section 9.2.1).
        var isSafe: Bool { self == .get || self == .head }
    }

    public var method: Method
    /// Path and query below the server's address, percent-encoded, with a leading slash.
    public var target: String
    public var headers: [TransportHeader]
    public var body: [UInt8]?
    /// From the request to the last byte of its answer; `nil` waits for as long as the connection lives.
    public var timeout: Duration?

    public init(
        method: Method, target: String, headers: [TransportHeader] = [], body: [UInt8]? = nil, timeout: Duration? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

public struct TransportHeader: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A server's answer: the head, and a body that is still arriving.
public struct TransportResponse: Sendable {
    public var status: Int
    public var headers: [TransportHeader]
    public var body: TransportBody

    public init(status: Int, headers: [TransportHeader] = [], body: TransportBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of a name, in whatever case it was sent.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public func headers(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
