import PKI
import Testing

@Suite struct CertificateRequestTests {
    private static let pem = """
        -----BEGIN CERTIFICATE REQUEST-----
        MIHpMIGPAgEAMC0xDDAKBgNVBAoMA2RldjELMAkGA1UECgwCcWExEDAOBgNVBAMM
        B3NvbWVvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARsRvCW+bUtgrVY+Z8E
        Za7HuIo3dRjoXU3KKFbBr/glH1MjUi482zkgJqihkvVrqQQcnxtuAmvpd/ZUtonV
        vVaNoAAwCgYIKoZIzj0EAwIDSQAwRgIhAMmOjMu1nQ0+uz04BMhGyR8fx0ociwj8
        nDKLhuTbarUJAiEAoEk4PM8EYi2kLCUY5uE5GGrwPDxUU+veyyzJURuzMaY=
        -----END CERTIFICATE REQUEST-----
        """

    @Test func namesItsSubjectAndIsSigned() throws {
        let block = try #require(PEMBlock.all(in: Array(Self.pem.utf8)).first)
        #expect(block.type == "CERTIFICATE REQUEST")
        let request = try CertificateRequest(der: block.bytes)
        #expect(request.subject == CertificateSubject(commonName: "someone", organizations: ["dev", "qa"]))
        #expect(request.isSignedByItsKey)
    }

    @Test func seesASignatureThatIsNotTheKeys() throws {
        var bytes = try #require(PEMBlock.all(in: Array(Self.pem.utf8)).first).bytes
        bytes[bytes.count - 1] ^= 1
        #expect(try !CertificateRequest(der: bytes).isSignedByItsKey)
        #expect(throws: PKIError.self) { try CertificateRequest(der: [0x30, 0]) }
        #expect(throws: PKIError.self) { try CertificateRequest(der: []) }
    }

    @Test(arguments: [
        ("", 0, "nothing"), ("-----BEGIN X-----\nAAAA\n-----END X-----", 1, "no newline at the end"),
        ("a\n-----BEGIN X-----\r\nA: b\r\nAAAA\r\n-----END X-----\r\nb\n", 1, "text around, a header, other line ends"),
        ("-----BEGIN X-----\nAAAA\n-----END Y-----\n", 0, "another end"),
        ("-----BEGIN X-----\nA\n-----END X-----\n", 0, "half a group"),
        ("-----BEGIN X-----\nA?AA\n-----END X-----\n", 0, "a character of no alphabet"),
        ("-----BEGIN X-----\nAAAA\n-----END X-----\n-----BEGIN Y-----\n-----END Y-----\n", 2, "two"),
    ])
    func findsBlocks(text: String, count: Int, remark: String) {
        #expect(PEMBlock.all(in: Array(text.utf8)).count == count, "\(remark)")
    }
}
