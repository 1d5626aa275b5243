/// Where a server is, taken apart: what a URL says, and a Unix socket where it is reached by one.
struct ServerAddress: Sendable, Equatable {
    /// Scheme, host and port, and a path without a slash at its end: requests' targets are appended to it.
    var base: String
    var host: String
    var port: Int
    var isSecure: Bool
    var unixSocket: String?

    /// Reads `http://`, `https://`, `http+unix:///path` and `https+unix:///path`; without a scheme, `http://` is meant.
    init(_ text: String) throws(TransportError) {
        let (scheme, rest) = Self.split(text)
        isSecure = scheme.hasPrefix("https")
        port = isSecure ? 443 : 80
        switch scheme {
        case "http", "https": break
        case "http+unix", "https+unix":
            guard rest.hasPrefix("/") else {
                throw TransportError(.invalidRequest, "the server's address \(text) has no absolute path to a socket")
            }
            unixSocket = PercentEncoding.decode(rest)
            host = "localhost"
            base = (isSecure ? "https" : "http") + "://localhost"
            return
        default: throw TransportError(.invalidRequest, "the server's address \(text) has the unknown scheme \(scheme)")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        base = scheme + "://" + authority + path
        host = String(authority)
        // The last colon begins the port, unless it is one of an IPv6 address in brackets.
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                throw TransportError(.invalidRequest, "the server's address \(text) has no valid port")
            }
            port = Int(number)
            host = String(authority[..<colon])
        }
        guard !host.isEmpty, !base.contains("@"), !base.contains(" ") else {
            throw TransportError(.invalidRequest, "the server's address \(text) is not a URL")
        }
    }

    /// Loopback servers are never asked for through a proxy, as Go's clients do it.
    var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") || host == "[::1]" }

    /// The same server under another name: for a certificate that bears it.
    func named(_ name: String) -> String {
        let path = base.dropFirst((isSecure ? "https://" : "http://").count).drop { $0 != "/" }
        return (isSecure ? "https://" : "http://") + name + (unixSocket == nil ? ":\(port)" : "") + path
    }

    private static func split(_ text: String) -> (scheme: String, rest: Substring) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("://") {
                return (text[..<index].lowercased(), text[text.index(index, offsetBy: 3)...])
            }
            index = text.index(after: index)
        }
        return ("http", text[...])
    }
}
