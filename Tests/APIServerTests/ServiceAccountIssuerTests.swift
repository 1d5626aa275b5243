import JSON
import PKI
import Testing

@testable import APIServer

@Suite struct ServiceAccountIssuerTests {
    private func issuer(_ names: [String] = [], also keys: [PublicKey] = []) -> ServiceAccountIssuer {
        ServiceAccountIssuer(
            names: names, keys: ServiceAccountKeys { (try PrivateKey(.rsa), keys) }, keySetURL: "https://a.test/keys")
    }

    @Test func tellsHowItsTokensAreChecked() throws {
        let document = try issuer(["https://a.test", "https://old.test"]).configuration
        #expect(document["issuer"] == "https://a.test")
        #expect(document["jwks_uri"] == "https://a.test/keys")
        #expect(document["id_token_signing_alg_values_supported"] == ["RS256"])
    }

    @Test func showsEachKeyOnceAndTheSigningKeyFirst() throws {
        let other = try PublicKey(of: try PrivateKey())
        let issuer = issuer(also: [other, other])
        let keys = try issuer.keySet["keys"]?.arrayValue ?? []
        #expect(keys.map { $0["kty"] } == ["RSA", "EC"])
        #expect(keys.map { $0["alg"] } == ["RS256", "ES256"])
        #expect(keys.first?["e"] == "AQAB")
        #expect(try keys.first?["kid"]?.stringValue == issuer.keys.pair.verification.first?.id)
        #expect(try issuer.configuration["id_token_signing_alg_values_supported"] == ["ES256", "RS256"])
    }

    @Test(arguments: [
        ("https://a.test", true), ("https://a.test/x", true), ("http://a.test", false), ("a", false),
        ("https://a.test?b", false), ("https://a.test#b", false),
    ])
    func publishesOnlyWhatOpenIDKnowsAsAnIssuer(name: String, isDiscoverable: Bool) {
        #expect(issuer([name]).isDiscoverable == isDiscoverable)
    }

    @Test func hasTheUsualNameWhereItIsGivenNone() {
        #expect(issuer().names == [ServiceAccountIssuer.defaultName])
    }

    @Test func endsWaitingWhereThereIsNoKey() async {
        let keys = ServiceAccountKeys { throw PKIError(operation: "make a key", cause: "a test") }
        await #expect(throws: PKIError.self) { try await keys.prepare() }
        let issuer = ServiceAccountIssuer(names: [], keys: keys, keySetURL: "https://a.test/keys")
        #expect(throws: PKIError.self) { try issuer.keySet }
    }
}
