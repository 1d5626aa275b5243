import APIMachinery

/// Decides whether a user may do what a request asks.
///
/// Roles are not built yet: members of `system:masters` may do everything, everyone else who is authenticated may read
/// discovery, and no more.
public struct Authorizer: Sendable {
    /// The value of `--authorization-mode`.
    public enum Mode: Sendable { case alwaysAllow, masters }

    public var mode: Mode

    public init(mode: Mode) { self.mode = mode }

    /// Paths that Kubernetes' `system:discovery` role opens to everyone who is authenticated.
    private static let discoveryPaths = [
        "/api", "/apis", "/healthz", "/livez", "/readyz", "/openapi", "/version", "/.well-known",
    ]

    func allows(_ user: UserInfo, _ info: RequestInfo, path: String) -> Bool {
        if mode == .alwaysAllow || user.groups.contains(UserInfo.mastersGroup) { return true }
        guard !info.isResourceRequest, info.verb == "get" || info.verb == "head" else { return false }
        return Self.discoveryPaths.contains { path == $0 || path.hasPrefix($0 + "/") }
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
