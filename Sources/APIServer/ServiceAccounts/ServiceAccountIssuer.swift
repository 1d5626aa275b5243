import JSON
import PKI

/// Who signs the tokens of service accounts: the names it goes by, and its keys.
public struct ServiceAccountIssuer: Sendable {
    /// The name that new tokens carry (`iss`) comes first; the others are taken too.
    public let names: [String]
    public let keys: ServiceAccountKeys
    /// Whom a token must be for to be taken by this server; those who name none get tokens for all of these.
    public let audiences: [String]
    /// Where clients find the keys.
    public let keySetURL: String

    /// The issuer of a cluster that gives itself no name, which is Kubernetes' usual one.
    public static let defaultName = "https://kubernetes.default.svc.cluster.local"

    /// - Parameters:
    ///   - names: at least one; else `defaultName`.
    ///   - audiences: empty for the first name.
    public init(names: [String], keys: ServiceAccountKeys, audiences: [String] = [], keySetURL: String) {
        self.names = names.isEmpty ? [Self.defaultName] : names
        self.audiences = audiences.isEmpty ? [self.names[0]] : audiences
        self.keys = keys
        self.keySetURL = keySetURL
    }

    /// Whether clients can be told how to check tokens: OpenID Connect Discovery wants an `https` URL with neither query
    /// nor fragment as the issuer's name (section 3).
    var isDiscoverable: Bool {
        guard let name = names.first else { return false }
        return name.hasPrefix("https://") && !name.contains { $0 == "?" || $0 == "#" }
    }

    /// The metadata of an OpenID provider, as far as one has it that has no users.
    /// - Throws: where there is no key.
    var configuration: JSON {
        get throws {
            [
                "issuer": .string(names.first ?? ""), "jwks_uri": .string(keySetURL),
                "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": .array(
                    Set(try keys.pair.verification.map(\.signatureAlgorithm.rawValue)).sorted().map(JSON.string)),
            ]
        }
    }

    /// The verification keys as a JSON Web Key Set (RFC 7517).
    /// - Throws: where there is no key.
    var keySet: JSON { get throws { ["keys": .array(try keys.pair.verification.map(\.webKey))] } }
}

extension PublicKey {
    /// The name of the key in tokens: its digest, as Kubernetes has it.
    var id: String { Base64URL.encode(Cryptography.sha256(encoded)) }

    /// The key as a JSON Web Key.
    var webKey: JSON {
        var key: JSONObject = ["use": "sig"]
        func encoded(_ number: [UInt8]) -> JSON { .string(Base64URL.encode(number)) }
        switch components {
        case .rsa(let modulus, let exponent):
            key["kty"] = "RSA"
            key["n"] = encoded(modulus)
            key["e"] = encoded(exponent)
        case .ellipticCurve(let curve, let x, let y):
            key["kty"] = "EC"
            key["crv"] = .string(curve.rawValue)
            key["x"] = encoded(x)
            key["y"] = encoded(y)
        }
        key["kid"] = .string(id)
        key["alg"] = .string(signatureAlgorithm.rawValue)
        return .object(key)
    }
}
