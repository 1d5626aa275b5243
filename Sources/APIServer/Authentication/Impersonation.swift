import APIMachinery
import Synchronization

/// Lets a user act in another's name, by Kubernetes' rules of impersonation (KEP-5284 for those with a mode).
///
/// A mode but the old one asks twice: whether the requester may do with the request what it asks for in somebody else's
/// name, and whether in that one's. The old one asks for the second alone, in the core group.
final class Impersonation: Sendable {
    enum Mode: String, CaseIterable, Sendable {
        case associatedNode = "associated-node"
        case arbitraryNode = "arbitrary-node"
        case serviceAccount = "serviceaccount"
        case userInfo = "user-info"
        case legacy = ""

        var verb: String { self == .legacy ? "impersonate" : "impersonate:" + rawValue }
        var group: String { self == .legacy ? "" : "authentication.k8s.io" }
    }

    /// What the requester may do, as the authorizer has it.
    struct Rights {
        var allows: (RequestInfo) -> Bool
        var refusal: (RequestInfo) -> APIStatus

        fileprivate func require(_ question: RequestInfo) throws(APIStatus) {
            if !allows(question) { throw refusal(question) }
        }

        /// The refusal of what nobody may be by way of a mode.
        fileprivate func refusal(_ question: RequestInfo, of what: String) -> APIStatus {
            var status = refusal(question)
            status.message += ": impersonating \(what) is not allowed"
            return status
        }
    }

    /// The mode that a requester, by name, was last successful with: it is tried first the next time.
    private let lastModes = Mutex<[String: Mode]>([:])

    private static let maximumRememberedModes = 10_000

    /// The user that the requester acts as.
    /// - Parameters:
    ///   - wanted: as `ImpersonationHeaders` has it.
    ///   - info: what is requested.
    ///   - rights: the requester's.
    /// - Throws: the first refusal, where no mode allows it.
    func user(
        wanted: UserInfo, by requester: UserInfo, for info: RequestInfo, _ rights: Rights
    ) throws(APIStatus) -> UserInfo {
        let wanted = WantedUser(wanted)
        let last = lastModes.withLock { $0[requester.name] }
        var refusal: APIStatus?
        for mode in [last].compactMap(\.self) + Mode.allCases.filter({ $0 != last })
        where wanted.isCovered(by: mode, requester) {
            do throws(APIStatus) {
                try wanted.authorize(in: mode, for: info, rights)
                remember(mode, of: requester.name)
                return wanted.complete(in: mode)
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal ?? .internalError("all impersonation modes failed")
    }

    private func remember(_ mode: Mode, of requester: String) {
        lastModes.withLock { modes in
            if modes[requester] == mode { return }
            if modes.count >= Self.maximumRememberedModes { modes = [:] }
            modes[requester] = mode
        }
    }
}

/// A user that somebody wants to be, and what is to be asked about that.
private struct WantedUser {
    private enum Form {
        case node(String)
        case serviceAccount(namespace: String, name: String)
        case other
    }

    private let user: UserInfo
    private let form: Form

    /// So many groups or extra values are first asked for together.
    private static let manyValues = 4

    init(_ user: UserInfo) {
        self.user = user
        form = Self.form(of: user.name)
    }

    private static func form(of name: String) -> Form {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            NameRules.problemsOfLabel(parts[2]).isEmpty, NameRules.problemsOfSubdomain(parts[3]).isEmpty
        {
            return .serviceAccount(namespace: parts[2], name: parts[3])
        }
        if parts.count == 3, parts[0] == "system", parts[1] == "node", NameRules.problemsOfSubdomain(parts[2]).isEmpty {
            return .node(parts[2])
        }
        return .other
    }

    private var hasNameAlone: Bool { user.uid.isEmpty && user.groups.isEmpty && user.extra.isEmpty }

    /// Whether the mode is for such a user.
    func isCovered(by mode: Impersonation.Mode, _ requester: UserInfo) -> Bool {
        switch (mode, form) {
        case (.legacy, _), (.userInfo, .other): true
        case (.serviceAccount, .serviceAccount), (.arbitraryNode, .node): hasNameAlone
        case (.associatedNode, .node(let name)): hasNameAlone && Self.runs(requester, on: name)
        default: false
        }
    }

    /// Whether a requester's token is bound to a node.
    private static func runs(_ requester: UserInfo, on node: String) -> Bool {
        guard case .serviceAccount = form(of: requester.name) else { return false }
        return requester.extra["authentication.kubernetes.io/node-name"] == [node]
    }

    /// The user with the groups that go with its name.
    func complete(in mode: Impersonation.Mode) -> UserInfo {
        var user = user
        switch form {
        case .node where mode != .legacy: user.groups = ["system:nodes"]
        case .serviceAccount(let namespace, _) where user.groups.isEmpty:
            user.groups = ["system:serviceaccounts", "system:serviceaccounts:" + namespace]
        default: break
        }
        let isAnonymous = user.name == UserInfo.anonymous.name
        let own = isAnonymous ? UserInfo.unauthenticatedGroup : UserInfo.authenticatedGroup
        if isAnonymous || !user.groups.contains(UserInfo.unauthenticatedGroup), !user.groups.contains(own) {
            user.groups.append(own)
        }
        return user
    }

    // MARK: What is asked

    func authorize(
        in mode: Impersonation.Mode, for info: RequestInfo, _ rights: Impersonation.Rights
    ) throws(APIStatus) {
        if mode != .legacy {
            var request = info
            request.verb = "impersonate-on:\(mode.rawValue):\(info.verb)"
            try rights.require(request)
        }
        try rights.require(question(aboutNameIn: mode))
        if !user.uid.isEmpty { try rights.require(question(mode, Self.authentication, "uids", user.uid)) }
        try authorizeGroups(mode, rights)
        try authorizeExtra(mode, rights)
    }

    private static let authentication = "authentication.k8s.io"

    private func question(
        _ mode: Impersonation.Mode, _ group: String, _ resource: String, _ name: String
    ) -> RequestInfo {
        var info = RequestInfo(verb: mode.verb)
        info.isResourceRequest = true
        info.groupVersion = GroupVersion(group: group, version: "v1")
        info.resource = resource
        info.name = name
        return info
    }

    private func question(aboutNameIn mode: Impersonation.Mode) -> RequestInfo {
        switch form {
        case .node(let name) where mode != .legacy:
            // Which node it is was compared already.
            return question(mode, mode.group, "nodes", mode == .associatedNode ? "*" : name)
        case .serviceAccount(let namespace, let name):
            var info = question(mode, mode.group, "serviceaccounts", name)
            info.namespace = namespace
            return info
        case .node, .other: return question(mode, mode.group, "users", user.name)
        }
    }

    private func authorizeGroups(
        _ mode: Impersonation.Mode, _ rights: Impersonation.Rights
    ) throws(APIStatus) {
        func question(_ name: String) -> RequestInfo { self.question(mode, mode.group, "groups", name) }
        if mode != .legacy {
            if user.groups.contains("") { throw rights.refusal(question(""), of: "the empty string group") }
            if user.groups.contains(UserInfo.mastersGroup) {
                throw rights.refusal(question(UserInfo.mastersGroup), of: "the system:masters group")
            }
            if user.groups.count >= Self.manyValues, rights.allows(question("*")) { return }
        }
        for group in user.groups { try rights.require(question(group)) }
    }

    private func authorizeExtra(
        _ mode: Impersonation.Mode, _ rights: Impersonation.Rights
    ) throws(APIStatus) {
        var info = question(mode, Self.authentication, "userextras", "")
        let extra = user.extra.sorted { $0.key < $1.key }
        if mode != .legacy {
            for (key, values) in extra {
                if let problem = Self.problem(key, values) { throw rights.refusal(info, of: problem) }
            }
            info.subresource = "*"
            info.name = "*"
            if extra.reduce(0, { $0 + $1.value.count }) >= Self.manyValues, rights.allows(info) { return }
        }
        for (key, values) in extra {
            info.subresource = key
            for value in values {
                info.name = value
                try rights.require(info)
            }
        }
    }

    /// What a mode has against an extra value: its key must be a path behind a domain, in small letters.
    private static func problem(_ key: String, _ values: [String]) -> String? {
        if key.isEmpty { return "the empty string key in extra" }
        let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isPath = parts.count == 2 && !parts[1].isEmpty && NameRules.problemsOfSubdomain(String(parts[0])).isEmpty
        if !isPath || key != key.lowercased() { return "an invalid key in extra" }
        return values.contains("") ? "the empty string value in extra" : nil
    }
}
