import JSON
import PKI

/// A signed token taken apart (RFC 7515, compact form).
private struct SignedToken {
    var header: JSON
    var payload: JSON
    /// What the signature is over.
    var signed: [UInt8]
    var signature: [UInt8]

    /// - Returns: `nil` where the text is no such token.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, case .success(let header) = Base64URL.decode(parts[0]),
            case .success(let payload) = Base64URL.decode(parts[1]),
            case .success(let signature) = Base64URL.decode(parts[2]), let headerJSON = try? JSON(parsing: header),
            let payloadJSON = try? JSON(parsing: payload)
        else { return nil }
        self.header = headerJSON
        self.payload = payloadJSON
        self.signature = signature
        signed = Array((parts[0] + "." + parts[1]).utf8)
    }
}

extension ServiceAccountIssuer {
    /// Signs claims: a JSON web token.
    func token(_ claims: ServiceAccountClaims) throws -> String {
        let keys = try keys.pair
        let key = keys.verification[0]
        let header: JSON = ["alg": .string(key.signatureAlgorithm.rawValue), "kid": .string(key.id)]
        let signed = Base64URL.encode(header.encoded) + "." + Base64URL.encode(claims.json.encoded)
        let signature = try keys.signing.signature(of: Array(signed.utf8), key.signatureAlgorithm)
        return signed + "." + Base64URL.encode(signature)
    }

    /// The claims of a token that one of the keys has signed.
    /// - Returns: `nil` where the text is no token of one of the issuer's names.
    /// - Throws: where no key has signed it.
    func claims(of text: String) throws(TokenProblem) -> ServiceAccountClaims? {
        guard let token = SignedToken(text), let name = token.payload["iss"]?.stringValue, names.contains(name),
            let algorithm = token.header["alg"]?.stringValue.flatMap(SignatureAlgorithm.init(rawValue:))
        else { return nil }
        // A name that no key has is no reason not to try them all.
        let id = token.header["kid"]?.stringValue ?? ""
        guard let keys = try? keys.pair.verification else { throw TokenProblem("there is no key to check tokens with") }
        let named = keys.filter { $0.id == id }
        let isSigned = (named.isEmpty ? keys : named).contains {
            $0.signatureAlgorithm == algorithm && $0.verifies(token.signature, of: token.signed, algorithm)
        }
        guard isSigned, let claims = ServiceAccountClaims(token.payload) else {
            throw TokenProblem("go-jose/go-jose: error in cryptographic primitive")
        }
        return claims
    }
}

/// Why a token of a service account is not taken, in Kubernetes' words.
struct TokenProblem: Error, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
