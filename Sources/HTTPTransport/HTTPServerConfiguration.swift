/// Where a server listens, how it proves itself, and what it lets clients cost.
public struct HTTPServerConfiguration: Sendable {
    /// A place to listen at.
    public struct Listener: Sendable, Hashable {
        public enum Address: Sendable, Hashable {
            /// A literal IPv4 or IPv6 address, as `127.0.0.1` or `::`; port 0 takes any free one.
            case internet(host: String, port: UInt16)
            /// A Unix socket. A socket file that nobody listens on is replaced; the file's mode is 0600.
            case unix(path: String)
        }

        public var address: Address
        public var isTLS: Bool

        /// TLS with ALPN `h2` and `http/1.1`.
        public static func https(host: String, port: UInt16) -> Listener {
            Listener(address: .internet(host: host, port: port), isTLS: true)
        }

        /// Clear text: HTTP/1.1, or HTTP/2 with prior knowledge.
        public static func http(host: String, port: UInt16) -> Listener {
            Listener(address: .internet(host: host, port: port), isTLS: false)
        }

        /// Clear text on a Unix socket.
        public static func unix(path: String) -> Listener { Listener(address: .unix(path: path), isTLS: false) }
    }

    public var listeners: [Listener]
    /// Needed where a listener is TLS.
    public var tls: TLSConfiguration?
    /// How many reactors share the connections; 0 means one a core.
    public var reactorCount: Int
    public var limits: HTTPServerLimits

    public init(
        listeners: [Listener] = [], tls: TLSConfiguration? = nil, reactorCount: Int = 0,
        limits: HTTPServerLimits = HTTPServerLimits()
    ) {
        self.listeners = listeners
        self.tls = tls
        self.reactorCount = reactorCount
        self.limits = limits
    }
}

/// The server's certificate and key, and whose client certificates it believes. All PEM.
public struct TLSConfiguration: Sendable {
    /// The server's certificate, then any intermediate ones.
    public var certificateChain: [UInt8]
    public var privateKey: [UInt8]
    /// The authorities that client certificates are verified against; without any, none is asked for.
    ///
    /// A client need not show a certificate, and one that does not verify is not refused: the connection goes on, and
    /// `HTTPPeer.verifiedCertificate` stays `nil` (as kube-apiserver, which asks with Go's `RequestClientCert`).
    public var clientAuthorities: [UInt8]?

    public init(certificateChain: [UInt8], privateKey: [UInt8], clientAuthorities: [UInt8]? = nil) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
    }

    /// Reads the files.
    public init(certificateChainFile: String, privateKeyFile: String, clientAuthoritiesFile: String? = nil) throws {
        certificateChain = try SystemFile.read(certificateChainFile)
        privateKey = try SystemFile.read(privateKeyFile)
        clientAuthorities = try clientAuthoritiesFile.map(SystemFile.read)
    }
}
