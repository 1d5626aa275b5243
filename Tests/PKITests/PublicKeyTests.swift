import PKI
import Testing

@Suite struct PublicKeyTests {
    @Test func knowsTheNumbersOfAnRSAKey() throws {
        let key = try PublicKey(of: try PrivateKey(.rsa))
        guard case .rsa(let modulus, let exponent) = key.components else {
            Issue.record("\(key.components)")
            return
        }
        #expect(modulus.count == 256)
        #expect(exponent == [1, 0, 1])
    }

    @Test func knowsThePointOfAnECDSAKey() throws {
        let key = try PublicKey(of: try PrivateKey())
        guard case .ellipticCurve(.p256, let x, let y) = key.components else {
            Issue.record("\(key.components)")
            return
        }
        #expect(x.count == 32)
        #expect(y.count == 32)
    }

    @Test func readsAllKeysOfAFile() throws {
        let (rsa, curve) = (try PrivateKey(.rsa), try PrivateKey())
        let authority = try CertificateAuthority(commonName: "a")
        let certificate = try authority.certificate.pem()
        let keys = try PublicKey.all(pem: rsa.pem() + curve.pem() + certificate)
        #expect(
            keys.map(\.encoded)
                == [
                    try PublicKey(of: rsa).encoded, try PublicKey(of: curve).encoded,
                    try PublicKey(of: authority.key).encoded,
                ])
    }

    /// RFC 8037 keys are none that tokens are signed with here, and garbage is none at all.
    @Test(arguments: [
        "", "nothing", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
    ])
    func refusesWhatIsNoKeyOfTokens(text: String) {
        #expect(throws: PKIError.self) { try PublicKey.all(pem: Array(text.utf8)) }
    }
}
