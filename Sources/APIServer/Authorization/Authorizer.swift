import APIMachinery

/// Decides whether a user may do what a request asks.
///
/// Roles are not built yet: members of `system:masters` may do everything, everyone else who is authenticated may read
/// discovery and ask about themselves, and the anonymous may ask for health and version, and no more.
public struct Authorizer: Sendable {
    /// The value of `--authorization-mode`.
    public enum Mode: Sendable { case alwaysAllow, masters }

    public var mode: Mode

    public init(mode: Mode) { self.mode = mode }

    /// Paths that Kubernetes' `system:public-info-viewer` role opens to everyone.
    private static let publicPaths: Set = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
    /// Paths that Kubernetes' `system:discovery` role opens to everyone who is authenticated, with all below them.
    private static let discoveryPaths = ["/api", "/apis", "/openapi"]
    /// Paths of `system:service-account-issuer-discovery`.
    private static let issuerPaths: Set = [
        "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks",
        "/openid/v1/jwks/",
    ]

    /// Questions about the one who asks, which Kubernetes' `system:basic-user` role lets everyone put who is authenticated.
    private static let questionsAboutOneself: Set = [
        GroupResource(group: "authentication.k8s.io", resource: "selfsubjectreviews"),
        GroupResource(group: "authorization.k8s.io", resource: "selfsubjectaccessreviews"),
        GroupResource(group: "authorization.k8s.io", resource: "selfsubjectrulesreviews"),
    ]

    func allows(_ user: UserInfo, _ info: RequestInfo, path: String) -> Bool {
        if mode == .alwaysAllow || user.groups.contains(UserInfo.mastersGroup) { return true }
        if info.isResourceRequest {
            let resource = GroupResource(group: info.groupVersion.group, resource: info.resource)
            return info.verb == "create" && info.subresource == nil && Self.questionsAboutOneself.contains(resource)
                && user.groups.contains(UserInfo.authenticatedGroup)
        }
        guard info.verb == "get" else { return false }
        if Self.publicPaths.contains(path) { return true }
        guard user.groups.contains(UserInfo.authenticatedGroup) else { return false }
        return Self.issuerPaths.contains(path)
            || Self.discoveryPaths.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// 403, in the words that Kubernetes has for it.
    func refusal(_ user: UserInfo, _ info: RequestInfo, path: String) -> APIStatus {
        guard info.isResourceRequest else {
            return APIStatus(
                code: 403, reason: .forbidden,
                message: "forbidden: User \"\(user.name)\" cannot \(info.verb) path \"\(path)\"", details: .init())
        }
        let resource = info.resource + (info.subresource.map { "/" + $0 } ?? "")
        let place = info.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        return .forbidden(
            GroupResource(group: info.groupVersion.group, resource: info.resource),
            name: info.name ?? info.selectedName ?? "",
            "User \"\(user.name)\" cannot \(info.verb) resource \"\(resource)\" in API group "
                + "\"\(info.groupVersion.group)\" \(place)")
    }
}
