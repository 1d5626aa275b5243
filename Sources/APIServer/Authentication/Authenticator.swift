public import HTTPTransport
import PKI
import Synchronization

/// Finds out who makes a request: by a client certificate that the transport verified, or by a bearer token.
public final class Authenticator: Sendable {
    private let tokens: TokenFile
    private let allowsAnonymous: Bool
    /// Users by certificate (DER): a connection shows the same one with every request.
    private let certificateUsers = Mutex<[[UInt8]: UserInfo]>([:])

    /// Certificates that are remembered before the memory is emptied.
    private static let maximumRememberedCertificates = 1024

    /// - Parameter allowsAnonymous: whether a request without credentials is taken for one of `UserInfo.anonymous`.
    public init(tokens: TokenFile = TokenFile(), allowsAnonymous: Bool = true) {
        self.tokens = tokens
        self.allowsAnonymous = allowsAnonymous
    }

    /// - Returns: `nil` where the request offers a token that nobody has, or proves nothing and has to.
    public func authenticate(_ request: HTTPRequest) -> UserInfo? {
        if let certificate = request.peer.verifiedCertificate, let user = user(of: certificate) { return user }
        guard let token = Self.bearerToken(of: request) else { return allowsAnonymous ? .anonymous : nil }
        return user(ofToken: token)
    }

    /// Whose token it is; `nil` where it is nobody's.
    func user(ofToken token: String) -> UserInfo? { tokens.user(of: token) }

    /// The token of an `Authorization` header; one of another scheme, or with nothing behind the scheme, offers none.
    static func bearerToken(of request: HTTPRequest) -> String? {
        guard let header = request.headers["authorization"] else { return nil }
        let parts = header.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, Substring(parts[0]).lowercased() == "bearer", !parts[1].isEmpty else { return nil }
        return String(Substring(parts[1]))
    }

    /// The user that a certificate names: the common name, its organizations the groups (Kubernetes' X.509 rule).
    private func user(of certificate: [UInt8]) -> UserInfo? {
        if let known = certificateUsers.withLock({ $0[certificate] }) { return known }
        guard let subject = try? CertificateSubject(der: certificate), !subject.commonName.isEmpty else { return nil }
        let user = UserInfo(
            name: subject.commonName, groups: subject.organizations + [UserInfo.authenticatedGroup])
        certificateUsers.withLock { users in
            if users.count >= Self.maximumRememberedCertificates { users = [:] }
            users[certificate] = user
        }
        return user
    }
}

/// The users of `--token-auth-file`: lines of `token,user,uid,"group1,group2"`.
public struct TokenFile: Sendable {
    /// A line that is no record.
    public struct Problem: Error, CustomStringConvertible {
        public var line: Int
        public var description: String { "line \(line) of the token file has not the form token,user,uid[,\"groups\"]" }
    }

    private var users: [String: UserInfo] = [:]

    public init() {}

    public init(parsing text: String) throws {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let record = line.last == "\r" ? line.dropLast() : line
            if record.allSatisfy({ $0 == " " }) || record.first == "#" { continue }
            let fields = Self.fields(of: record)
            guard fields.count >= 3, !fields[0].isEmpty, !fields[1].isEmpty else { throw Problem(line: index + 1) }
            let groups = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            users[fields[0]] = UserInfo(
                name: fields[1], uid: fields[2], groups: groups + [UserInfo.authenticatedGroup])
        }
    }

    func user(of token: String) -> UserInfo? { users[token] }

    /// The comma-separated fields of a record, of which one may stand in double quotes (RFC 4180).
    private static func fields(of record: Substring) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in record {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields.map { field in
            var trimmed = Substring(field)
            while trimmed.first == " " { trimmed.removeFirst() }
            while trimmed.last == " " { trimmed.removeLast() }
            return String(trimmed)
        }
    }
}
