/// Why a request got no (whole) answer.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The request could not be sent as it is: an address or a certificate that cannot be used.
        case invalidRequest
        case cannotResolve
        case cannotConnect
        /// The TLS handshake failed, or the server's certificate is not to be trusted.
        case insecure
        case timeout
        /// The connection ended before the answer did.
        case connectionLost
        /// What came is not HTTP, or not what the API promises.
        case invalidAnswer
        /// The answer went over a limit of the client.
        case tooLarge
        /// The transport was closed.
        case closed
        case other
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// Whether the same request may well succeed a little later.
    public var isTransient: Bool {
        switch code {
        case .cannotResolve, .cannotConnect, .timeout, .connectionLost: true
        case .invalidRequest, .insecure, .invalidAnswer, .tooLarge, .closed, .other: false
        }
    }
}
