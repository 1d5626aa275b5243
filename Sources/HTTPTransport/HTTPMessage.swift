/// A request as it came off the wire, whichever version of HTTP carried it.
public struct HTTPRequest: Sendable {
    public enum Version: Sendable, Hashable { case http10, http11, http2 }

    /// Upper-case, as `GET`.
    public var method: String
    /// The path of the target as sent: percent-encoded, without the query.
    public var path: String
    /// The query of the target as sent, without the `?`; `nil` where there is none.
    public var query: String?
    public var version: Version
    public var headers: HTTPHeaders
    public var body: HTTPRequestBody
    public var peer: HTTPPeer

    public init(
        method: String, path: String, query: String?, version: Version, headers: HTTPHeaders, body: HTTPRequestBody,
        peer: HTTPPeer
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.version = version
        self.headers = headers
        self.body = body
        self.peer = peer
    }
}

/// Who is at the other end of a connection.
public struct HTTPPeer: Sendable {
    /// `127.0.0.1:40312`, or the empty string on a Unix socket.
    public var address: String
    public var isTLS: Bool
    /// The client's certificate (DER) where TLS verified one against the configured authority.
    public var verifiedCertificate: [UInt8]?

    public init(address: String, isTLS: Bool, verifiedCertificate: [UInt8]?) {
        self.address = address
        self.isTLS = isTLS
        self.verifiedCertificate = verifiedCertificate
    }
}

/// Header fields in the order sent. Names are lower-case.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value under a lower-case name.
    public subscript(name: String) -> String? {
        for field in fields where field.name == name { return field.value }
        return nil
    }

    public func values(of name: String) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Puts one value in the place of all that the name has.
    public mutating func set(_ name: String, _ value: String) {
        fields.removeAll { $0.name == name }
        add(name, value)
    }
}

/// Bytes of an answer: parts of arrays that stay shared, so that a list is sent from the stored objects' own bytes.
public struct ByteSegments: Sendable {
    public private(set) var segments: [ArraySlice<UInt8>]
    public private(set) var byteCount: Int

    public init() {
        segments = []
        byteCount = 0
    }

    public init(_ bytes: [UInt8]) {
        segments = [bytes[...]]
        byteCount = bytes.count
    }

    public mutating func reserveCapacity(_ count: Int) { segments.reserveCapacity(count) }

    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        segments.append(bytes)
        byteCount += bytes.count
    }

    public mutating func append(_ bytes: [UInt8]) { append(bytes[...]) }
    public mutating func append(contentsOf other: ByteSegments) {
        segments.append(contentsOf: other.segments)
        byteCount += other.byteCount
    }

    /// One array with all the bytes.
    public func joined() -> [UInt8] {
        if segments.count == 1, let only = segments.first { return Array(only) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        for segment in segments { bytes.append(contentsOf: segment) }
        return bytes
    }
}
