import Foundation
import PKI
import Testing

@testable import APIServer

/// What a server finds of its certificates at its next start.
@Suite final class ServerCredentialsTests {
    private let directory = DataDirectory(path: NSTemporaryDirectory() + "credentials-\(UUID().uuidString)")

    init() throws { try directory.create() }
    deinit { try? FileManager.default.removeItem(atPath: directory.path) }

    private func credentials() throws -> ServerCredentials {
        try ServerCredentials(
            in: directory, names: ["localhost"], addresses: ["127.0.0.1"], now: Int64(Date().timeIntervalSince1970))
    }

    private func expectWhole(_ credentials: ServerCredentials) throws {
        let authority = CertificateAuthority(
            certificate: try Certificate(pem: credentials.authorityPEM),
            key: try PrivateKey(pem: try #require(try directory.read("pki/ca.key"))))
        #expect(authority.certificate.belongs(to: authority.key))
        for (certificate, key) in [
            (credentials.servingCertificatePEM, credentials.servingKeyPEM),
            (credentials.adminCertificatePEM, credentials.adminKeyPEM),
        ] {
            let certificate = try Certificate(pem: certificate)
            #expect(certificate.belongs(to: try PrivateKey(pem: key)))
            #expect(certificate.isSigned(by: authority))
        }
    }

    @Test func areKept() throws {
        let first = try credentials()
        try expectWhole(first)
        let second = try credentials()
        #expect(second.authorityPEM == first.authorityPEM)
        #expect(second.servingCertificatePEM == first.servingCertificatePEM)
        #expect(second.adminKeyPEM == first.adminKeyPEM)
    }

    @Test func areForTheirOwnerAlone() throws {
        _ = try credentials()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path + "/pki") {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + "/pki/" + name)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test(arguments: ["ca.key", "ca.crt", "apiserver.key", "apiserver.crt", "apiserver.for", "admin.key", "admin.crt"])
    func areCompletedWhereAFileIsMissing(_ name: String) throws {
        _ = try credentials()
        try FileManager.default.removeItem(atPath: directory.path + "/pki/" + name)
        try expectWhole(try credentials())
    }

    @Test(arguments: ["ca.key", "ca.crt", "apiserver.key", "apiserver.crt", "admin.key", "admin.crt"])
    func areMadeAnewWhereAFileIsOfAnotherSet(_ name: String) throws {
        _ = try credentials()
        let strange = try #require(try directory.read("pki/" + name))
        try FileManager.default.removeItem(atPath: directory.path + "/pki")
        try directory.create()
        _ = try credentials()
        try directory.write([("pki/" + name, strange)])
        try expectWhole(try credentials())
    }
}
