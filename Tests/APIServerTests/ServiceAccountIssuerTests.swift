import JSON
import PKI
import Testing

@testable import APIServer

@Suite struct ServiceAccountIssuerTests {
    private func issuer(_ names: [String] = [], also keys: [PublicKey] = []) throws -> ServiceAccountIssuer {
        try ServiceAccountIssuer(
            names: names, signingKey: try PrivateKey(.rsa), verificationKeys: keys, keySetURL: "https://a.test/keys")
    }

    @Test func tellsHowItsTokensAreChecked() throws {
        let document = try issuer(["https://a.test", "https://old.test"]).configuration
        #expect(document["issuer"] == "https://a.test")
        #expect(document["jwks_uri"] == "https://a.test/keys")
        #expect(document["id_token_signing_alg_values_supported"] == ["RS256"])
    }

    @Test func showsEachKeyOnceAndTheSigningKeyFirst() throws {
        let other = try PublicKey(of: try PrivateKey())
        let issuer = try issuer(also: [other, other])
        let keys = issuer.keySet["keys"]?.arrayValue ?? []
        #expect(keys.map { $0["kty"] } == ["RSA", "EC"])
        #expect(keys.map { $0["alg"] } == ["RS256", "ES256"])
        #expect(keys.first?["e"] == "AQAB")
        #expect(keys.first?["kid"]?.stringValue == issuer.verificationKeys.first?.id)
        #expect(issuer.configuration["id_token_signing_alg_values_supported"] == ["ES256", "RS256"])
    }

    @Test(arguments: [
        ("https://a.test", true), ("https://a.test/x", true), ("http://a.test", false), ("a", false),
        ("https://a.test?b", false), ("https://a.test#b", false),
    ])
    func publishesOnlyWhatOpenIDKnowsAsAnIssuer(name: String, isDiscoverable: Bool) throws {
        #expect(try issuer([name]).isDiscoverable == isDiscoverable)
    }

    @Test func hasTheUsualNameWhereItIsGivenNone() throws {
        #expect(try issuer().names == [ServiceAccountIssuer.defaultName])
    }
}
