/// Who makes a request, as authentication found out.
public struct UserInfo: Sendable, Hashable {
    public var name: String
    public var uid: String
    public var groups: [String]

    public init(name: String, uid: String = "", groups: [String] = []) {
        self.name = name
        self.uid = uid
        self.groups = groups
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
