import APIMachinery
import HTTPTransport
import Testing

@testable import APIServer

@Suite struct ImpersonationTests {
    private let impersonation = Impersonation()

    private func headers(_ fields: [(String, String)]) -> HTTPHeaders {
        HTTPHeaders(fields.map { HTTPHeaders.Field(name: $0.0, value: $0.1) })
    }

    // MARK: Headers

    @Test func readsTheUserThatTheHeadersName() throws {
        let user = try ImpersonationHeaders.user(
            in: headers([
                ("accept", "*/*"), ("impersonate-user", "zoe"), ("impersonate-uid", "7"), ("impersonate-group", "a"),
                ("impersonate-group", "b"), ("impersonate-extra-acme.com%2fproject", "p"),
                ("impersonate-extra-scopes", "x"), ("impersonate-extra-scopes", "y"), ("impersonate-extra-100%", "z"),
            ]))
        let extra = ["acme.com/project": ["p"], "scopes": ["x", "y"], "100%": ["z"]]
        #expect(user == UserInfo(name: "zoe", uid: "7", groups: ["a", "b"], extra: extra))
        #expect(try ImpersonationHeaders.user(in: headers([("accept", "*/*")])) == nil)
        #expect(try ImpersonationHeaders.user(in: headers([("impersonate-user", "")])) == nil)
    }

    @Test(arguments: [
        (
            [("impersonate-group", "a"), ("impersonate-group", "b")],
            #"Name:"", UID:"", Groups:[]string{"a", "b"}, Extra:map[string][]string(nil)"#
        ),
        (
            [("impersonate-uid", "7"), ("impersonate-extra-b", "x"), ("impersonate-extra-a", "y")],
            #"Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string{"a":[]string{"y"}, "b":[]string{"x"}}"#
        ),
    ])
    func refusesPartsOfAUserWithoutItsName(fields: [(String, String)], text: String) throws {
        let status = #expect(throws: APIStatus.self) { try ImpersonationHeaders.user(in: headers(fields)) }
        #expect(status?.code == 400)
        #expect(status?.message == "requested &user.DefaultInfo{\(text)} without impersonating a user name")
    }

    // MARK: Who comes of it

    private static let master = UserInfo(name: "admin", groups: [UserInfo.mastersGroup])

    private func asMaster(_ name: String, groups: [String] = []) throws -> [String] {
        try Impersonation().user(
            wanted: UserInfo(name: name, groups: groups), by: Self.master, for: RequestInfo(verb: "get"),
            Impersonation.Rights(allows: { _ in true }, refusal: { _ in .unauthorized })
        ).groups
    }

    @Test func givesTheGroupsThatGoWithAName() throws {
        let authenticated = "system:authenticated"
        #expect(try asMaster("zoe") == [authenticated])
        #expect(try asMaster("zoe", groups: ["ops"]) == ["ops", authenticated])
        #expect(try asMaster("zoe", groups: [authenticated, "ops"]) == [authenticated, "ops"])
        #expect(try asMaster("zoe", groups: ["system:masters"]) == ["system:masters", authenticated])
        #expect(try asMaster("zoe", groups: ["system:unauthenticated"]) == ["system:unauthenticated"])
        #expect(try asMaster("system:anonymous") == ["system:unauthenticated"])
        #expect(try asMaster("system:node:m") == ["system:nodes", authenticated])
        #expect(
            try asMaster("system:serviceaccount:n:robot")
                == ["system:serviceaccounts", "system:serviceaccounts:n", authenticated])
        #expect(try asMaster("system:serviceaccount:n:robot", groups: ["g"]) == ["g", authenticated])
    }

    // MARK: Who may

    /// Rights as `verb group/resource/subresource/name`, `*` for any name.
    private func attempt(
        _ wanted: UserInfo, by requester: UserInfo = UserInfo(name: "alice"), _ granted: Set<String>
    ) throws -> UserInfo {
        var info = RequestInfo(verb: "list")
        info.isResourceRequest = true
        info.resource = "pods"
        let authorizer = Authorizer(mode: .masters)
        let rights = Impersonation.Rights(
            allows: { question in
                let resource = [question.resource, question.subresource].compactMap(\.self).joined(separator: "/")
                let stem = "\(question.verb) \(question.groupVersion.group)/\(resource)/"
                return granted.contains(stem + (question.name ?? "")) || granted.contains(stem + "*")
            },
            refusal: { authorizer.refusal(requester, $0, path: "/") })
        return try impersonation.user(wanted: wanted, by: requester, for: info, rights)
    }

    private func refusal(_ wanted: UserInfo, _ granted: Set<String>) -> String? {
        #expect(throws: APIStatus.self) { try attempt(wanted, granted) }?.message
    }

    private static let zoe = "impersonate /users/zoe"
    private static let pods = "impersonate-on:user-info:list /pods/"
    private static let constrainedZoe = "impersonate:user-info authentication.k8s.io/users/zoe"

    @Test func theOldRightIsAskedForEachPart() throws {
        let wanted = UserInfo(name: "zoe", uid: "7", groups: ["ops"], extra: ["scopes": ["view"]])
        let rights: Set = [
            Self.zoe, "impersonate authentication.k8s.io/uids/7", "impersonate /groups/ops",
            "impersonate authentication.k8s.io/userextras/scopes/view",
        ]
        #expect(try attempt(wanted, rights).groups == ["ops", "system:authenticated"])
        for right in rights { _ = refusal(wanted, rights.subtracting([right])) }
    }

    @Test func theNewRightsAreForTheUserAndTheRequest() throws {
        let wanted = UserInfo(name: "zoe")
        #expect(try attempt(wanted, [Self.pods, Self.constrainedZoe]).name == "zoe")
        for right in [Self.pods, Self.constrainedZoe] { _ = refusal(wanted, [right]) }
        let account = UserInfo(name: "system:serviceaccount:n:robot")
        #expect(throws: APIStatus.self) { try attempt(account, [Self.pods, Self.constrainedZoe]) }
        let rights: Set = [
            "impersonate-on:serviceaccount:list /pods/",
            "impersonate:serviceaccount authentication.k8s.io/serviceaccounts/robot",
        ]
        #expect(try attempt(account, rights).groups.count == 3)
    }

    @Test func refusesInTheWordsOfTheFirstModeOrOfTheLastThatWorked() throws {
        let zoe = UserInfo(name: "zoe")
        #expect(refusal(zoe, [])?.contains("cannot impersonate-on:user-info:list resource \"pods\"") == true)
        _ = try attempt(zoe, [Self.zoe])
        #expect(
            refusal(zoe, [])
                == "users \"zoe\" is forbidden: User \"alice\" cannot impersonate resource \"users\" in API "
                + "group \"\" at the cluster scope")
    }

    @Test func noModeButTheOldGivesMastersOrOddExtras() throws {
        let constrained: Set = [
            Self.pods, Self.constrainedZoe, "impersonate:user-info authentication.k8s.io/groups/*",
            "impersonate:user-info authentication.k8s.io/userextras/scopes/*",
            "impersonate:user-info authentication.k8s.io/userextras/acme.com/scopes/*",
        ]
        #expect(try attempt(UserInfo(name: "zoe", groups: ["ops"]), constrained).groups.first == "ops")
        let masters = UserInfo(name: "zoe", groups: [UserInfo.mastersGroup])
        #expect(
            refusal(masters, constrained)?.hasSuffix(": impersonating the system:masters group is not allowed") == true)
        #expect(refusal(UserInfo(name: "zoe", groups: [""]), constrained) != nil)
        #expect(refusal(UserInfo(name: "zoe", extra: ["scopes": ["view"]]), constrained) != nil)
        #expect(try attempt(UserInfo(name: "zoe", extra: ["acme.com/scopes": ["view"]]), constrained).name == "zoe")
    }

    @Test func aServiceAccountMayBeTheNodeThatItRunsOn() throws {
        let rights: Set = [
            "impersonate-on:associated-node:list /pods/", "impersonate:associated-node authentication.k8s.io/nodes/*",
        ]
        let agent = UserInfo(
            name: "system:serviceaccount:n:agent", extra: ["authentication.kubernetes.io/node-name": ["m"]])
        #expect(try attempt(UserInfo(name: "system:node:m"), by: agent, rights).groups.first == "system:nodes")
        #expect(throws: APIStatus.self) { try attempt(UserInfo(name: "system:node:o"), by: agent, rights) }
        #expect(throws: APIStatus.self) { try attempt(UserInfo(name: "system:node:m"), rights) }
    }
}
