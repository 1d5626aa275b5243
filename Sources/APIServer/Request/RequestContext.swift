import APIMachinery
public import HTTPTransport

/// One request on its way through the server. Belongs to the task that handles it.
public final class RequestContext {
    public let request: HTTPRequest
    /// `nil` for a request that the server makes itself.
    public let exchange: HTTPExchange?
    public internal(set) var info: RequestInfo
    public let query: QueryParameters
    /// Set by authentication; of one who acts in another's name that other.
    public var user: UserInfo
    /// Who acts in the user's name; `nil` where the user is who makes the request.
    var impersonator: UserInfo?
    /// What the path names. Set by dispatch.
    var resource: ServedResource?
    /// The form that the answer has, agreed on by dispatch before anything is done.
    var form = OutputForm.json
    /// Texts for `Warning` headers of the answer, in order, without repetition.
    public private(set) var warnings: [String] = []

    init(
        request: HTTPRequest, exchange: HTTPExchange, info: RequestInfo, query: QueryParameters, user: UserInfo
    ) {
        self.request = request
        self.exchange = exchange
        self.info = info
        self.query = query
        self.user = user
    }

    /// An update of a cluster-scoped object by the server itself.
    convenience init(
        updateOf resource: ServedResource, subresource: String?, by user: UserInfo,
        as manager: String = UserInfo.serverManager
    ) {
        self.init(creationOf: resource, in: nil, by: user, as: manager)
        info.subresource = subresource
    }

    /// A creation by the server itself.
    /// - Parameter manager: to whom the fields that are written come to belong.
    init(
        creationOf resource: ServedResource, in namespace: String?, by user: UserInfo,
        as manager: String = UserInfo.serverManager
    ) {
        let path = "/apis/\(resource.groupVersion)/\(namespace.map { "namespaces/\($0)/" } ?? "")"
        request = HTTPRequest(
            method: "POST", path: path, query: nil, version: .http11, headers: ["user-agent": manager], body: .empty,
            peer: HTTPPeer(address: "", isTLS: false, verifiedCertificate: nil))
        exchange = nil
        query = QueryParameters(nil)
        info = RequestInfo(creationOf: resource, in: namespace)
        self.user = user
    }

    /// Whether the client asks for gzip by its bare name, which is how Kubernetes wants it asked for.
    var acceptsCompression: Bool {
        guard let accepted = request.headers["accept-encoding"] else { return false }
        if accepted == "gzip" { return true }
        return accepted.utf8.split(separator: UInt8(ascii: ",")).contains { coding in
            coding.drop { $0 == UInt8(ascii: " ") }.elementsEqual("gzip".utf8)
        }
    }

    public func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }

    /// `metadata.managedFields.manager` where the client names none: the first part of its user agent.
    public var fieldManager: String {
        if let given = query["fieldManager"], !given.isEmpty { return given }
        var name = ""
        for scalar in (request.headers["user-agent"] ?? "").prefix(while: { $0 != "/" }).unicodeScalars
        where WriteOptions.isPrintable(scalar) {
            let length = name.utf8.count + UTF8.width(scalar)
            if length > WriteOptions.maximumFieldManagerByteCount { break }
            name.unicodeScalars.append(scalar)
        }
        return name
    }
}

/// What a request is answered with.
public enum Answer: Sendable {
    /// A whole body.
    case body(status: Int, contentType: String, ByteSegments, headers: [HTTPHeaders.Field] = [])
    /// The handler has started a stream and goes on writing to it.
    case streaming
}
