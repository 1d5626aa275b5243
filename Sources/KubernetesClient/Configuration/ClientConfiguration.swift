/// How to reach an API server, and as whom.
public struct ClientConfiguration: Sendable {
    /// `https://host:port/prefix`, `http://…`, or a Unix socket: `https+unix:///path` and `http+unix:///path`.
    public var server: String
    public var tls: TLS
    public var credentials: Credentials
    /// The namespace of a context; "default" where it names none.
    public var namespace: String
    /// An HTTP proxy's address; `nil` leaves it to the environment (`HTTPS_PROXY`, `NO_PROXY`).
    public var proxy: String?

    public init(
        server: String, tls: TLS = TLS(), credentials: Credentials = .none, namespace: String = "default",
        proxy: String? = nil
    ) {
        self.server = server
        self.tls = tls
        self.credentials = credentials
        self.namespace = namespace
        self.proxy = proxy
    }

    public struct TLS: Sendable {
        /// The authorities to trust, as PEM; `nil` trusts the system's.
        public var certificateAuthorities: [UInt8]?
        /// The client's certificate and its key, as PEM.
        public var certificate: [UInt8]?
        public var key: [UInt8]?
        /// The name that the server's certificate must bear where it is not the address's.
        public var serverName: String?
        /// Accepts any certificate: `insecure-skip-tls-verify`.
        public var skipsVerification = false

        public init(
            certificateAuthorities: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil,
            serverName: String? = nil, skipsVerification: Bool = false
        ) {
            self.certificateAuthorities = certificateAuthorities
            self.certificate = certificate
            self.key = key
            self.serverName = serverName
            self.skipsVerification = skipsVerification
        }
    }

    /// What the `Authorization` header says. A client certificate is a matter of `TLS`.
    public enum Credentials: Sendable {
        case none
        case token(String)
        /// A file that is read again from time to time, because tokens of service accounts are replaced while in use.
        case tokenFile(String)
        case basic(user: String, password: String)
    }
}
