import Foundation
public import PKI

/// A server's own files: its store, its certificates and the administrator's kubeconfig.
///
/// Keys and whatever holds one are readable by their owner alone.
public struct DataDirectory: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    public var kubeconfigPath: String { path + "/admin.kubeconfig" }
    public var authorityCertificatePath: String { path + "/pki/ca.crt" }

    /// Makes the directory and those in it where they are missing.
    public func create() throws {
        for directory in [path, path + "/pki"] {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    func read(_ name: String) throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path + "/" + name) else { return nil }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }

    /// Writes a file whole or not at all, for its owner's eyes only.
    func write(_ bytes: [UInt8], to name: String) throws {
        let file = path + "/" + name
        let temporary = file + ".new"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary]) }
        guard rename(temporary, file) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file])
        }
    }
}

extension DataDirectory {
    /// The key that tokens of service accounts are signed with, made where there is none yet.
    public func serviceAccountKey() throws -> PrivateKey {
        if let pem = try read("pki/sa.key") { return try PrivateKey(pem: pem) }
        let key = try PrivateKey(.rsa)
        try write(try key.pem(), to: "pki/sa.key")
        return key
    }
}

/// The certificates that a server makes for itself at its first start.
public struct ServerCredentials: Sendable {
    public let authorityPEM: [UInt8]
    public let servingCertificatePEM: [UInt8]
    public let servingKeyPEM: [UInt8]
    public let adminCertificatePEM: [UInt8]
    public let adminKeyPEM: [UInt8]

    /// Reads what the data directory has and makes what it has not, or what has run out.
    /// - Parameters:
    ///   - addresses: IP addresses that the serving certificate is to be good for.
    ///   - now: Seconds of the epoch.
    public init(in directory: DataDirectory, names: [String], addresses: [String], now: Int64) throws {
        let authority = try Self.authority(in: directory)
        authorityPEM = try authority.certificate.pem()
        (servingCertificatePEM, servingKeyPEM) = try Self.pair(
            "pki/apiserver", CertificateSubject(commonName: "kube-apiserver"),
            .server(names: names, addresses: addresses), in: directory, by: authority, now: now)
        (adminCertificatePEM, adminKeyPEM) = try Self.pair(
            "pki/admin",
            CertificateSubject(commonName: "kubernetes-admin", organizations: [UserInfo.mastersGroup]), .client,
            in: directory, by: authority, now: now)
    }

    private static func authority(in directory: DataDirectory) throws -> CertificateAuthority {
        if let certificate = try directory.read("pki/ca.crt"), let key = try directory.read("pki/ca.key") {
            return CertificateAuthority(certificate: try Certificate(pem: certificate), key: try PrivateKey(pem: key))
        }
        let authority = try CertificateAuthority(commonName: "martlet-ca")
        try directory.write(try authority.key.pem(), to: "pki/ca.key")
        try directory.write(try authority.certificate.pem(), to: "pki/ca.crt")
        return authority
    }

    /// A certificate and its key: those on disk where they are good for a month more, else new ones.
    private static func pair(
        _ name: String, _ subject: CertificateSubject, _ usage: CertificateAuthority.Usage,
        in directory: DataDirectory, by authority: CertificateAuthority, now: Int64
    ) throws -> (certificate: [UInt8], key: [UInt8]) {
        if let certificate = try directory.read(name + ".crt"), let key = try directory.read(name + ".key"),
            try Certificate(pem: certificate).isValid(at: now + renewalSeconds),
            try directory.read(name + ".for") == description(of: usage)
        {
            return (certificate, key)
        }
        let (certificate, key) = try authority.issue(subject, for: usage)
        let (certificatePEM, keyPEM) = (try certificate.pem(), try key.pem())
        try directory.write(keyPEM, to: name + ".key")
        try directory.write(certificatePEM, to: name + ".crt")
        try directory.write(description(of: usage), to: name + ".for")
        return (certificatePEM, keyPEM)
    }

    /// What a certificate was made for, kept beside it: other names or addresses ask for a new one.
    private static func description(of usage: CertificateAuthority.Usage) -> [UInt8] {
        switch usage {
        case .client: Array("client\n".utf8)
        case .server(let names, let addresses): Array((["server"] + names + addresses).joined(separator: "\n").utf8)
        }
    }

    private static let renewalSeconds: Int64 = 30 * 86400

    /// A kubeconfig for the administrator of the server at a URL.
    public func kubeconfig(server: String) -> String {
        func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: martlet
              cluster:
                server: \(server)
                certificate-authority-data: \(base64(authorityPEM))
            users:
            - name: admin
              user:
                client-certificate-data: \(base64(adminCertificatePEM))
                client-key-data: \(base64(adminKeyPEM))
            contexts:
            - name: martlet
              context:
                cluster: martlet
                user: admin
            current-context: martlet

            """
    }

    public func writeKubeconfig(server: String, in directory: DataDirectory) throws {
        try directory.write(Array(kubeconfig(server: server).utf8), to: "admin.kubeconfig")
    }
}
