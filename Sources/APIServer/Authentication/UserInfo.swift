/// Who makes a request, as authentication found out.
public struct UserInfo: Sendable, Hashable {
    public var name: String
    public var uid: String
    public var groups: [String]
    /// What else is known of the user, as which token it showed.
    public var extra: [String: [String]]

    public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The group that may do everything (Kubernetes' own name for it).
    public static let mastersGroup = "system:masters"
    /// The group of everyone who proved who they are.
    public static let authenticatedGroup = "system:authenticated"
    /// The group of everyone who did not.
    public static let unauthenticatedGroup = "system:unauthenticated"
    /// Whoever makes a request that carries no credentials.
    public static let anonymous = UserInfo(name: "system:anonymous", groups: [unauthenticatedGroup])
}
