import JSON

/// What a service account's token says: the claims of a JSON web token (RFC 7519) and Kubernetes' own.
struct ServiceAccountClaims: Sendable {
    /// An object that the token is good for as long as it is there.
    struct Reference: Sendable, Hashable {
        var name: String
        /// Empty where it is not known.
        var uid: String

        init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }

        fileprivate init?(_ json: JSON?) {
            guard let json, case .object = json else { return nil }
            self.init(name: json["name"]?.stringValue ?? "", uid: json["uid"]?.stringValue ?? "")
        }

        fileprivate var json: JSON {
            var json: JSON = ["name": .string(name)]
            if !uid.isEmpty { json["uid"] = .string(uid) }
            return json
        }
    }

    var issuer: String
    var audiences: [String]
    /// The token's own id (`jti`).
    var id: String
    /// Seconds of the epoch; `nil` where the token names none.
    var issuedAt: Int64?
    var notBefore: Int64?
    var expiration: Int64?
    var namespace: String
    var serviceAccount: Reference
    var pod: Reference?
    var node: Reference?
    var secret: Reference?
    /// When a client should have asked for a new token, where the token lives on for the sake of old clients.
    var warnAfter: Int64?

    /// The user name of a service account.
    static func userName(_ namespace: String, _ name: String) -> String { "system:serviceaccount:\(namespace):\(name)" }
}

extension ServiceAccountClaims {
    /// - Returns: `nil` where a claim is not of its type, or there is no service account.
    init?(_ json: JSON) {
        guard case .object = json, let own = json["kubernetes.io"],
            let account = Reference(own["serviceaccount"]), let issuer = json["iss"]?.stringValue
        else { return nil }
        self.issuer = issuer
        switch json["aud"] {
        case .string(let audience)?: audiences = [audience]
        case .array(let list)?: audiences = list.compactMap(\.stringValue)
        case nil: audiences = []
        default: return nil
        }
        id = json["jti"]?.stringValue ?? ""
        issuedAt = json["iat"]?.intValue
        notBefore = json["nbf"]?.intValue
        expiration = json["exp"]?.intValue
        namespace = own["namespace"]?.stringValue ?? ""
        serviceAccount = account
        pod = Reference(own["pod"])
        node = Reference(own["node"])
        secret = Reference(own["secret"])
        warnAfter = own["warnafter"]?.intValue
    }

    /// The claims, members in the order of the alphabet.
    var json: JSON {
        var own: JSON = ["namespace": .string(namespace)]
        if let node { own["node"] = node.json }
        if let pod { own["pod"] = pod.json }
        if let secret { own["secret"] = secret.json }
        own["serviceaccount"] = serviceAccount.json
        if let warnAfter { own["warnafter"] = .int(warnAfter) }
        var json: JSON = ["aud": .array(audiences.map { .string($0) })]
        if let expiration { json["exp"] = .int(expiration) }
        if let issuedAt { json["iat"] = .int(issuedAt) }
        json["iss"] = .string(issuer)
        if !id.isEmpty { json["jti"] = .string(id) }
        json["kubernetes.io"] = own
        if let notBefore { json["nbf"] = .int(notBefore) }
        json["sub"] = .string(Self.userName(namespace, serviceAccount.name))
        return json
    }
}
