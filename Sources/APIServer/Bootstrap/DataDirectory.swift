import Foundation
public import PKI
import Storage

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

    /// Writes files whole or not at all, for their owner's eyes only. Those of a call are not sure to come to the disk
    /// together.
    func write(_ files: [(name: String, bytes: [UInt8])], isLasting: Bool = true) throws {
        try DurableFile.write(files.map { (path + "/" + $0.name, $0.bytes) }, isLasting: isLasting)
    }
}

extension DataDirectory {
    /// The key that tokens of service accounts are signed with; `nil` where none was made yet.
    public func storedServiceAccountKey() throws -> PrivateKey? {
        try read("pki/sa.key").map { try PrivateKey(pem: $0) }
    }

    /// Makes that key.
    public func newServiceAccountKey() throws -> PrivateKey {
        let key = try PrivateKey(.rsa)
        try write([("pki/sa.key", try key.pem())])
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

    /// Reads what the data directory has and makes what it has not, what has run out, and what does not belong together,
    /// as after a power cut in the middle of the first start.
    /// - Parameters:
    ///   - addresses: IP addresses that the serving certificate is to be good for.
    ///   - now: Seconds of the epoch.
    public init(in directory: DataDirectory, names: [String], addresses: [String], now: Int64) throws {
        var made: [(name: String, bytes: [UInt8])] = []
        let authority = try Self.authority(in: directory, noting: &made)
        authorityPEM = try authority.certificate.pem()
        (servingCertificatePEM, servingKeyPEM) = try Self.pair(
            "pki/apiserver", CertificateSubject(commonName: "kube-apiserver"),
            .server(names: names, addresses: addresses), in: directory, by: authority, now: now, noting: &made)
        (adminCertificatePEM, adminKeyPEM) = try Self.pair(
            "pki/admin",
            CertificateSubject(commonName: "kubernetes-admin", organizations: [UserInfo.mastersGroup]), .client,
            in: directory, by: authority, now: now, noting: &made)
        if !made.isEmpty { try directory.write(made) }
    }

    private static func authority(
        in directory: DataDirectory, noting made: inout [(name: String, bytes: [UInt8])]
    ) throws -> CertificateAuthority {
        if let pem = try directory.read("pki/ca.crt"), let keyPEM = try directory.read("pki/ca.key") {
            let (certificate, key) = (try Certificate(pem: pem), try PrivateKey(pem: keyPEM))
            if certificate.belongs(to: key) { return CertificateAuthority(certificate: certificate, key: key) }
        }
        let authority = try CertificateAuthority(commonName: "martlet-ca")
        made.append(("pki/ca.key", try authority.key.pem()))
        made.append(("pki/ca.crt", try authority.certificate.pem()))
        return authority
    }

    /// A certificate and its key: those on disk where they are good for a month more, else new ones.
    private static func pair(
        _ name: String, _ subject: CertificateSubject, _ usage: CertificateAuthority.Usage,
        in directory: DataDirectory, by authority: CertificateAuthority, now: Int64,
        noting made: inout [(name: String, bytes: [UInt8])]
    ) throws -> (certificate: [UInt8], key: [UInt8]) {
        if let pem = try directory.read(name + ".crt"), let keyPEM = try directory.read(name + ".key"),
            try directory.read(name + ".for") == description(of: usage)
        {
            let certificate = try Certificate(pem: pem)
            if certificate.isValid(at: now + renewalSeconds), certificate.belongs(to: try PrivateKey(pem: keyPEM)),
                certificate.isSigned(by: authority)
            {
                return (pem, keyPEM)
            }
        }
        let (certificate, key) = try authority.issue(subject, for: usage)
        let (certificatePEM, keyPEM) = (try certificate.pem(), try key.pem())
        made.append((name + ".key", keyPEM))
        made.append((name + ".crt", certificatePEM))
        made.append((name + ".for", description(of: usage)))
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

    /// Writes the administrator's kubeconfig, as every start does: it need not outlast a power cut.
    public func writeKubeconfig(server: String, in directory: DataDirectory) throws {
        try directory.write([("admin.kubeconfig", Array(kubeconfig(server: server).utf8))], isLasting: false)
    }
}
