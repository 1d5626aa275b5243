import APIMachinery
import FoundationEssentials
public import JSON
public import Logging
import Synchronization

/// A client of one API server, for any number of tasks at once.
///
/// ```swift
/// let client = try APIClient(KubeConfig.load().configuration())
/// let pods = try await client.resource(.pods, namespace: "default").list()
/// ```
public final class APIClient: Sendable {
    public struct Options: Sendable {
        public var userAgent = "martlet"
        /// Requests a second, and how many may come at once; `nil` for no limit. A watch counts as one request.
        public var rateLimit: RateLimit?
        /// For anything but watches.
        public var timeout: Duration = .seconds(60)
        /// How often a request is sent again that the server put off with `Retry-After` (429, 503).
        public var maximumRetries = 10
        /// The longest wait that `Retry-After` may ask for.
        public var maximumRetryDelay: Duration = .seconds(30)
        public var maximumAnswerBytes = 512 << 20
        public var logger = Logger(label: "kubernetes-client")
        /// Receives the text of each `Warning` header; `nil` logs it.
        public var onWarning: (@Sendable (String) -> Void)?
        public var timeSource: any TimeSource = SystemTimeSource()

        public init() {}
    }

    public struct RateLimit: Sendable {
        public var requestsPerSecond: Double
        public var burst: Int

        public init(requestsPerSecond: Double, burst: Int) {
            self.requestsPerSecond = requestsPerSecond
            self.burst = burst
        }
    }

    public let options: Options
    public let namespace: String
    private let transport: any APITransport
    private let bucket: Mutex<TokenBucket?>
    private let authorization: Authorization

    /// A client over libcurl.
    /// - Throws: `TransportError` where the address or the certificates cannot be used.
    public convenience init(_ configuration: ClientConfiguration, options: Options = Options()) throws {
        try self.init(
            transport: CurlTransport(configuration), credentials: configuration.credentials,
            namespace: configuration.namespace, options: options)
    }

    /// A client over any transport.
    /// - Parameter namespace: that of the context; requests take it only where they are told to.
    public init(
        transport: any APITransport, credentials: ClientConfiguration.Credentials = .none,
        namespace: String = "default", options: Options = Options()
    ) {
        self.transport = transport
        self.options = options
        self.namespace = namespace
        bucket = Mutex(options.rateLimit.map { TokenBucket(rate: $0.requestsPerSecond, burst: $0.burst) })
        authorization = Authorization(credentials, options.timeSource)
    }

    /// The requests about a resource.
    /// - Parameter namespace: `nil` for all namespaces, or for a resource outside them.
    public func resource(_ resource: APIResource, namespace: String? = nil) -> ResourceClient {
        ResourceClient(client: self, resource: resource, namespace: namespace)
    }

    /// Sends a request and reads its answer as JSON.
    ///
    /// - Parameter target: path and query, percent-encoded.
    /// - Throws: `APIStatus` for an answer of 400 and more, `TransportError` where there is none,
    ///   `CancellationError` on cancellation.
    public func request(
        _ method: TransportRequest.Method, _ target: String, body: JSON? = nil,
        contentType: String = "application/json", accept: String = "application/json"
    ) async throws -> JSON {
        let bytes = try await rawRequest(method, target, body: body?.encoded, contentType: contentType, accept: accept)
        if bytes.isEmpty { return .null }
        do throws(JSONParseError) {
            return try JSON(parsing: bytes)
        } catch {
            throw TransportError(.invalidAnswer, "the answer is not JSON: \(error.message)")
        }
    }

    /// Sends a request and reads its answer as it stands: for logs, health checks and metrics.
    /// - Throws: as `request(_:_:body:contentType:accept:)`.
    public func rawRequest(
        _ method: TransportRequest.Method, _ target: String, body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "*/*"
    ) async throws -> [UInt8] {
        let response = try await open(
            method, target, body: body, contentType: contentType, accept: accept, timeout: options.timeout)
        return try await response.body.collect(limit: options.maximumAnswerBytes)
    }

    /// Sends a request and hands over its answer while it arrives.
    ///
    /// Waits for the rate limit, and sends again what the server put off.
    /// - Throws: as `request(_:_:body:contentType:accept:)`.
    public func open(
        _ method: TransportRequest.Method, _ target: String, body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "application/json", timeout: Duration? = nil
    ) async throws -> TransportResponse {
        var request = TransportRequest(method: method, target: target, body: body, timeout: timeout)
        var retries = 0
        while true {
            try await waitForRateLimit()
            request.headers = try headers(accept: accept, contentType: body == nil ? nil : contentType)
            let response = try await transport.send(request)
            for header in response.headers("warning") { warn(header) }
            if response.status < 400 { return response }
            let failure = StatusDecoding.failure(
                code: response.status, body: try await response.body.collect(limit: options.maximumAnswerBytes))
            guard retries < options.maximumRetries, let delay = retryDelay(response) else {
                if response.status == 401 { authorization.forget() }
                throw failure
            }
            retries += 1
            try await options.timeSource.sleep(for: delay)
        }
    }

    private func retryDelay(_ response: TransportResponse) -> Duration? {
        guard response.status == 429 || response.status == 503 else { return nil }
        guard let text = response.header("retry-after"), let seconds = Int(text), seconds >= 0 else { return nil }
        return min(.seconds(seconds), options.maximumRetryDelay)
    }

    private func waitForRateLimit() async throws {
        let now = options.timeSource.uptime
        let delay = bucket.withLock { $0?.reserve(at: now) ?? .zero }
        if delay > .zero { try await options.timeSource.sleep(for: delay) }
    }

    private func headers(accept: String, contentType: String?) throws -> [TransportHeader] {
        var headers = [TransportHeader("Accept", accept), TransportHeader("User-Agent", options.userAgent)]
        if let contentType { headers.append(TransportHeader("Content-Type", contentType)) }
        if let value = try authorization.value() { headers.append(TransportHeader("Authorization", value)) }
        return headers
    }

    private func warn(_ header: String) {
        for text in WarningHeader.texts(header) {
            if let onWarning = options.onWarning {
                onWarning(text)
            } else {
                options.logger.warning("Server warned", metadata: ["warning": .string(text)])
            }
        }
    }
}

/// What the `Authorization` header says, read again from its file when it is a minute old.
private final class Authorization: Sendable {
    private static let lifetime: Duration = .seconds(60)

    private let credentials: ClientConfiguration.Credentials
    private let timeSource: any TimeSource
    private let cached = Mutex<(value: String, readAt: Duration)?>(nil)

    init(_ credentials: ClientConfiguration.Credentials, _ timeSource: any TimeSource) {
        self.credentials = credentials
        self.timeSource = timeSource
    }

    func value() throws -> String? {
        switch credentials {
        case .none: return nil
        case .token(let token): return "Bearer " + token
        case .basic(let user, let password):
            return "Basic " + Data((user + ":" + password).utf8).base64EncodedString()
        case .tokenFile(let path): return try read(path)
        }
    }

    /// The server refused the token: the next request reads the file.
    func forget() { cached.withLock { $0 = nil } }

    private func read(_ path: String) throws -> String {
        let now = timeSource.uptime
        if let cached = cached.withLock({ $0 }), now - cached.readAt < Self.lifetime { return cached.value }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TransportError(.invalidRequest, "the token file \(path) cannot be read")
        }
        let value = "Bearer " + String(decoding: data, as: UTF8.self).trimmingWhitespace
        cached.withLock { $0 = (value, now) }
        return value
    }
}

/// RFC 7234, section 5.5: `299 - "text"`, several with commas between them.
enum WarningHeader {
    static func texts(_ header: String) -> [String] {
        var texts: [String] = []
        var text: [UInt8]?
        var isEscaped = false
        for byte in header.utf8 {
            guard var open = text else {
                if byte == UInt8(ascii: "\"") { text = [] }
                continue
            }
            if isEscaped {
                open.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                texts.append(String(decoding: open, as: UTF8.self))
                text = nil
                continue
            } else {
                open.append(byte)
            }
            text = open
        }
        return texts
    }
}
