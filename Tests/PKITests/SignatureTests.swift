import PKI
import Testing

@Suite struct SignatureTests {
    private static let message = Array("header.payload".utf8)

    @Test func bothKindsOfKeysSignWhatTheirPublicHalvesVerify() throws {
        for key in [try PrivateKey(.rsa), try PrivateKey()] {
            let publicKey = try PublicKey(of: key)
            let algorithm = publicKey.signatureAlgorithm
            let signature = try key.signature(of: Self.message, algorithm)
            #expect(publicKey.verifies(signature, of: Self.message, algorithm))
            #expect(!publicKey.verifies(signature, of: Self.message + [0], algorithm))
            #expect(
                !publicKey.verifies(
                    signature.dropLast() + [signature[signature.count - 1] ^ 1], of: Self.message, algorithm))
            #expect(!publicKey.verifies([], of: Self.message, algorithm))
            #expect(try !PublicKey(of: try PrivateKey(.rsa)).verifies(signature, of: Self.message, .rs256))
        }
    }

    @Test func anEllipticCurvesSignatureIsItsTwoNumbers() throws {
        let key = try PrivateKey()
        #expect(try PublicKey(of: key).signatureAlgorithm == .es256)
        #expect(try key.signature(of: Self.message, .es256).count == 64)
    }
}
