import APIMachinery
import JSON
import Storage
import Synchronization

/// Recognises service accounts by their tokens: signed by one of the keys, for the right audience, in their time, and
/// with the account, and what else the token is bound to, still there.
final class ServiceAccountAuthenticator: Sendable {
    private let issuer: ServiceAccountIssuer
    /// Claims by token, for those whose signature was found good: that stays so.
    private let verified = Mutex<[String: ServiceAccountClaims]>([:])

    /// Tokens that are remembered before the memory is emptied.
    private static let maximumRememberedTokens = 4096
    /// Clocks may be as far apart.
    private static let leewaySeconds: Int64 = 60

    init(issuer: ServiceAccountIssuer) { self.issuer = issuer }

    /// - Parameters:
    ///   - audiences: of which the token must be for one.
    ///   - now: in seconds of the epoch.
    /// - Returns: the user, and those of the audiences that the token is for; `nil` where the text is no token of a
    ///   service account.
    func authenticate(
        _ token: String, for audiences: [String], in snapshot: Snapshot, now: Int64
    ) throws(TokenProblem) -> (user: UserInfo, audiences: [String])? {
        guard let claims = try claims(of: token) else { return nil }
        let common = claims.audiences.filter(audiences.contains)
        if common.isEmpty {
            throw TokenProblem(
                "token audiences \(Self.quoted(claims.audiences)) is invalid for the target audiences "
                    + Self.quoted(audiences))
        }
        try Self.checkTimes(claims, now)
        let node = try Self.checkObjects(claims, snapshot, now)
        return (Self.user(claims, node: node), common)
    }

    private func claims(of token: String) throws(TokenProblem) -> ServiceAccountClaims? {
        if let known = verified.withLock({ $0[token] }) { return known }
        guard let claims = try issuer.claims(of: token) else { return nil }
        verified.withLock { verified in
            if verified.count >= Self.maximumRememberedTokens { verified = [:] }
            verified[token] = claims
        }
        return claims
    }

    private static func quoted(_ texts: [String]) -> String {
        "[" + texts.map { JSON.string($0).description }.joined(separator: " ") + "]"
    }

    private static func checkTimes(_ claims: ServiceAccountClaims, _ now: Int64) throws(TokenProblem) {
        func difference(_ time: Int64) -> Int64 {
            let (value, overflows) = now.subtractingReportingOverflow(time)
            return overflows ? (time < 0 ? .max : .min) : value
        }
        if let time = claims.notBefore, difference(time) < -leewaySeconds {
            throw TokenProblem("service account token is not valid yet")
        }
        if let time = claims.expiration, difference(time) > leewaySeconds {
            throw TokenProblem("service account token has expired")
        }
        if let time = claims.issuedAt, difference(time) < -leewaySeconds {
            throw TokenProblem("service account token is issued in the future")
        }
    }

    // MARK: What the token is bound to

    /// - Returns: the node that the token is bound to, by itself or with its pod.
    private static func checkObjects(
        _ claims: ServiceAccountClaims, _ snapshot: Snapshot, _ now: Int64
    ) throws(TokenProblem) -> ServiceAccountClaims.Reference? {
        let name = claims.serviceAccount.name
        guard let account = object("serviceaccounts", claims.namespace, name, snapshot) else {
            throw TokenProblem("serviceaccounts \(JSON.string(name)) not found")
        }
        let uid = account.metadataText("uid")
        if uid != claims.serviceAccount.uid {
            throw TokenProblem(
                "service account UID (\(uid)) does not match claim (\(claims.serviceAccount.uid))")
        }
        if isLongDeleted(account, now) {
            throw TokenProblem("service account \(claims.namespace)/\(name) has been deleted")
        }
        try check(claims.secret, "secret", claims.namespace, snapshot, now)
        try check(claims.pod, "pod", claims.namespace, snapshot, now)
        // A token of a pod goes with the pod; the node that is named beside it is for information.
        if claims.pod == nil { try check(claims.node, "node", nil, snapshot, now) }
        return claims.node
    }

    private static func check(
        _ reference: ServiceAccountClaims.Reference?, _ kind: String, _ namespace: String?, _ snapshot: Snapshot,
        _ now: Int64
    ) throws(TokenProblem) {
        guard let reference else { return }
        guard let object = object(kind + "s", namespace, reference.name, snapshot) else {
            throw TokenProblem("service account token has been invalidated")
        }
        let uid = object.metadataText("uid")
        if uid != reference.uid {
            throw TokenProblem(
                "\(kind) UID (\(uid)) does not match service account \(kind) ref claim (\(reference.uid))")
        }
        if isLongDeleted(object, now) { throw TokenProblem("service account token has been invalidated") }
    }

    private static func object(
        _ plural: String, _ namespace: String?, _ name: String, _ snapshot: Snapshot
    ) -> JSON? {
        let key = ObjectKey(resource: ResourceKey(group: "", resource: plural), namespace: namespace, name: name)
        return snapshot[key].flatMap { try? JSON(parsing: $0.bytes) }
    }

    /// Whether the time to go that a deletion left an object is over.
    private static func isLongDeleted(_ object: JSON, _ now: Int64) -> Bool {
        let text = object.metadataText("deletionTimestamp")
        guard !text.isEmpty, let time = try? KubernetesTime(parsing: text) else { return false }
        return time.epochSeconds < now - leewaySeconds
    }

    // MARK: The user

    private static func user(
        _ claims: ServiceAccountClaims, node: ServiceAccountClaims.Reference?
    ) -> UserInfo {
        var extra: [String: [String]] = [:]
        if !claims.id.isEmpty { extra["authentication.kubernetes.io/credential-id"] = ["JTI=" + claims.id] }
        if let pod = claims.pod {
            extra["authentication.kubernetes.io/pod-name"] = [pod.name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
        }
        if let node {
            extra["authentication.kubernetes.io/node-name"] = [node.name]
            if !node.uid.isEmpty { extra["authentication.kubernetes.io/node-uid"] = [node.uid] }
        }
        return UserInfo(
            name: ServiceAccountClaims.userName(claims.namespace, claims.serviceAccount.name),
            uid: claims.serviceAccount.uid,
            groups: [
                "system:serviceaccounts", "system:serviceaccounts:" + claims.namespace, UserInfo.authenticatedGroup,
            ], extra: extra)
    }
}
