/// The request line and fields of an HTTP/1 request, checked.
struct HTTP1RequestHead: Equatable {
    /// How the body is delimited (RFC 9112 section 6).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
    }

    var method: String
    var path: String
    var query: String?
    var version: HTTPRequest.Version
    var headers = HTTPHeaders()
    var framing = Framing.none
    /// Whether the client means to send another request after this one.
    var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue = false
    /// What `upgrade` asks for, where `connection` names it.
    var upgrade: String?

    typealias Failure = HTTP1Parser.Failure

    static func == (one: Self, other: Self) -> Bool {
        one.method == other.method && one.path == other.path && one.query == other.query
            && one.version == other.version && one.headers.fields == other.headers.fields
            && one.framing == other.framing && one.keepsAlive == other.keepsAlive
            && one.expectsContinue == other.expectsContinue && one.upgrade == other.upgrade
    }

    private static let maximumMethodBytes = 32

    /// `METHOD SP TARGET SP HTTP/1.x`.
    init(requestLine: ArraySlice<UInt8>, maximumTargetBytes: Int) throws(Failure) {
        let words = requestLine.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 3 else { throw Failure(status: 400, reason: "request line is not three words") }
        guard !words[0].isEmpty, words[0].count <= Self.maximumMethodBytes,
            words[0].allSatisfy(HTTPCharacters.isTokenByte)
        else { throw Failure(status: 400, reason: "method is not a token") }
        method = String(decoding: words[0], as: UTF8.self)
        version = try Self.version(words[2])
        guard words[1].count <= maximumTargetBytes else {
            throw Failure(status: 414, reason: "request target is too long")
        }
        guard let target = HTTPTarget(words[1], method: method) else {
            throw Failure(status: 400, reason: "request target is malformed")
        }
        path = target.path
        query = target.query
        guard method != "CONNECT" else { throw Failure(status: 501, reason: "CONNECT is not supported") }
    }

    private static func version(_ word: ArraySlice<UInt8>) throws(Failure) -> HTTPRequest.Version {
        if word.elementsEqual("HTTP/1.1".utf8) { return .http11 }
        if word.elementsEqual("HTTP/1.0".utf8) { return .http10 }
        let bytes = Array(word)
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8), isDigit(bytes[5]), bytes[6] == 0x2E, isDigit(bytes[7])
        else { throw Failure(status: 400, reason: "version is malformed") }
        throw Failure(status: 505, reason: "version is not supported")
    }

    /// `name: value`, the name in lower case and the value without the white space around it.
    static func field(in line: ArraySlice<UInt8>) throws(Failure) -> HTTPHeaders.Field {
        guard let colon = line.firstIndex(of: 0x3A) else {
            throw Failure(status: 400, reason: "header field has no colon")
        }
        let name = line[..<colon]
        guard !name.isEmpty, name.allSatisfy(HTTPCharacters.isTokenByte) else {
            throw Failure(status: 400, reason: "header field name is not a token")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
        guard value.allSatisfy(HTTPCharacters.isFieldValueByte) else {
            throw Failure(status: 400, reason: "header field value has a control character")
        }
        return HTTPHeaders.Field(name: lowercase(name), value: String(decoding: value, as: UTF8.self))
    }

    private static func lowercase(_ name: ArraySlice<UInt8>) -> String {
        String(unsafeUninitializedCapacity: name.count) { buffer in
            var count = 0
            for byte in name where count < buffer.count {
                buffer[count] = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                count += 1
            }
            return count
        }
    }

    /// Reads the fields that HTTP/1 itself is made of.
    mutating func interpretFields(maximumContentLength: Int) throws(Failure) {
        var hosts = 0
        var lengths: [String] = []
        var codings: [String] = []
        var options: [Substring] = []
        var upgrades: String?
        keepsAlive = version == .http11
        for field in headers.fields {
            switch field.name {
            case "host": hosts += 1
            case "content-length": lengths.append(field.value)
            case "transfer-encoding": codings.append(field.value)
            case "connection": options += field.value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }
            case "upgrade": upgrades = field.value
            case "expect": try interpretExpectation(field.value)
            default: break
            }
        }
        guard hosts == 1 || hosts == 0 && version == .http10 else {
            throw Failure(status: 400, reason: hosts == 0 ? "no host" : "more than one host")
        }
        if options.contains("keep-alive") { keepsAlive = true }
        if options.contains("close") { keepsAlive = false }
        if options.contains("upgrade") { upgrade = upgrades }
        framing = try framing(lengths: lengths, codings: codings, maximumContentLength: maximumContentLength)
    }

    private mutating func interpretExpectation(_ value: String) throws(Failure) {
        guard value.lowercased() == "100-continue" else {
            throw Failure(status: 417, reason: "expectation is not supported")
        }
        expectsContinue = version == .http11
    }

    private func framing(
        lengths: [String], codings: [String], maximumContentLength: Int
    ) throws(Failure) -> Framing {
        if let coding = codings.first {
            guard lengths.isEmpty else {
                throw Failure(status: 400, reason: "both content-length and transfer-encoding")
            }
            guard version == .http11 else { throw Failure(status: 400, reason: "transfer-encoding in HTTP/1.0") }
            guard codings.count == 1 else { throw Failure(status: 400, reason: "more than one transfer-encoding") }
            guard coding.lowercased() == "chunked" else {
                throw Failure(status: 501, reason: "transfer-encoding is not supported")
            }
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        guard lengths.count == 1, !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Failure(status: 400, reason: "content-length is not one number")
        }
        guard let count = Int(length), count <= maximumContentLength else {
            throw Failure(status: 413, reason: "content-length is too large")
        }
        return .length(count)
    }
}

/// A request target (RFC 9112 section 3.2): path and query, whichever form it came in.
struct HTTPTarget: Equatable {
    var path: String
    var query: String?

    /// `nil` where it is malformed, or in a form that the method does not allow.
    init?(_ bytes: some Collection<UInt8>, method: String) {
        guard !bytes.isEmpty, bytes.allSatisfy(HTTPCharacters.isTargetByte) else { return nil }
        var target = Substring(String(decoding: bytes, as: UTF8.self))
        if method == "CONNECT" || target == "*" && method == "OPTIONS" {
            path = String(target)
            query = nil
            return
        }
        if target.utf8.first != 0x2F {
            guard let afterScheme = Self.dropScheme(target) else { return nil }
            target = afterScheme
        }
        if let mark = target.utf8.firstIndex(of: 0x3F) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = String(target)
            query = nil
        }
        if path.isEmpty { path = "/" }
    }

    /// `http://host/path` as `/path`.
    private static func dropScheme(_ target: Substring) -> Substring? {
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            guard end > rest.startIndex else { return nil }
            return rest[end...]
        }
        return nil
    }
}
