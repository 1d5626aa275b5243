import PKI
import Testing

@Suite struct CertificateTests {
    @Test func issuesCertificatesThatNameTheirSubjects() throws {
        let authority = try CertificateAuthority(commonName: "test-ca")
        #expect(authority.certificate.subject.commonName == "test-ca")
        let subject = CertificateSubject(commonName: "system:admin", organizations: ["system:masters", "b"])
        let issued = try authority.issue(subject, for: .client)
        #expect(issued.certificate.subject == subject)
        let server = try authority.issue(
            CertificateSubject(commonName: "s"),
            for: .server(names: ["localhost", "*.a"], addresses: ["127.0.0.1", "::1"]))
        #expect(server.certificate.subject.commonName == "s")
    }

    @Test func readsWhatItWrote() throws {
        let authority = try CertificateAuthority(commonName: "ä-ca")
        let again = CertificateAuthority(
            certificate: try Certificate(pem: authority.certificate.pem()),
            key: try PrivateKey(pem: authority.key.pem()))
        #expect(again.certificate.subject.commonName == "ä-ca")
        let issued = try again.issue(CertificateSubject(commonName: "u"), for: .client)
        #expect(try Certificate(pem: issued.certificate.pem()).subject.commonName == "u")
    }

    @Test func isValidForItsTime() throws {
        let certificate = try CertificateAuthority(commonName: "a").certificate
        #expect(!certificate.isValid(at: 0))
        #expect(!certificate.isValid(at: 32_503_680_000))
    }

    @Test func refusesWhatIsNoCertificate() throws {
        #expect(throws: PKIError.self) { try Certificate(pem: Array("nonsense".utf8)) }
        #expect(throws: PKIError.self) { try Certificate(der: [0x30, 3, 1, 2]) }
        #expect(throws: PKIError.self) { try CertificateSubject(der: []) }
        #expect(throws: PKIError.self) { try PrivateKey(pem: []) }
    }

    @Test func hashes() {
        let digest = Cryptography.sha256(Array("abc".utf8)).map { String($0, radix: 16) }.joined(separator: " ")
        #expect(digest.hasPrefix("ba 78 16 bf"))
    }

    @Test func randomBytesDiffer() throws {
        #expect(try Cryptography.randomBytes(32) != Cryptography.randomBytes(32))
        #expect(try Cryptography.randomBytes(0).isEmpty)
    }
}
