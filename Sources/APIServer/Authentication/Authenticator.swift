public import HTTPTransport
import PKI
import Synchronization

/// Finds out who makes a request: by a client certificate that the transport verified, or by a bearer token.
public final class Authenticator: Sendable {
    private let tokens: TokenFile
    /// Users by certificate (DER): a connection shows the same one with every request.
    private let certificateUsers = Mutex<[[UInt8]: UserInfo]>([:])

    /// Certificates that are remembered before the memory is emptied.
    private static let maximumRememberedCertificates = 1024

    public init(tokens: TokenFile = TokenFile()) { self.tokens = tokens }

    /// - Returns: `nil` where the request proves nothing, or offers a token that nobody has.
    public func authenticate(_ request: HTTPRequest) -> UserInfo? {
        if let certificate = request.peer.verifiedCertificate, let user = user(of: certificate) { return user }
        guard let header = request.headers["authorization"] else { return nil }
        let parts = header.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard parts.count == 2, Substring(parts[0]).lowercased() == "bearer" else { return nil }
        return tokens.user(of: String(Substring(parts[1])))
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
