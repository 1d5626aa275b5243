import APIMachinery
import HTTPTransport
import Testing

@testable import APIServer

@Suite struct AuthenticatorTests {
    private func user(_ authorization: String?, allowsAnonymous: Bool = true) throws -> UserInfo? {
        let authenticator = Authenticator(
            tokens: try TokenFile(parsing: "right,alice,uid-2,\"dev\""), allowsAnonymous: allowsAnonymous)
        var headers: HTTPHeaders = [:]
        if let authorization { headers.add("authorization", authorization) }
        return authenticator.authenticate(
            HTTPRequest(
                method: "GET", path: "/livez", query: "", version: .http2, headers: headers, body: HTTPRequestBody([]),
                peer: HTTPPeer(address: "", isTLS: true, verifiedCertificate: nil)))
    }

    @Test func knowsTheBearerOfAToken() throws {
        #expect(try user("Bearer right")?.name == "alice")
        #expect(try user("bearer right")?.groups == ["dev", "system:authenticated"])
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer ", "Basic YTpi"])
    func takesRequestsWithoutATokenForAnonymous(authorization: String?) throws {
        #expect(try user(authorization) == .anonymous)
        #expect(try user(authorization, allowsAnonymous: false) == nil)
    }

    @Test func takesNobodyForAnonymousWhoOffersAWrongToken() throws {
        #expect(try user("Bearer wrong") == nil)
    }

    @Test(arguments: [
        ("/livez", true), ("/version/", true), ("/livez/ping", false), ("/apis", false), ("/openapi/v2", false),
        ("/openid/v1/jwks", false), ("/metrics", false), ("/versions", false),
    ])
    func letsTheAnonymousSeeHealthAndVersionAlone(path: String, isAllowed: Bool) {
        let authorizer = Authorizer(mode: .masters)
        #expect(authorizer.allows(.anonymous, RequestInfo(verb: "get"), path: path) == isAllowed)
        #expect(!authorizer.allows(.anonymous, RequestInfo(verb: "post"), path: path))
    }

    @Test(arguments: [
        ("create", "authentication.k8s.io", "selfsubjectreviews", true),
        ("create", "authorization.k8s.io", "selfsubjectaccessreviews", true),
        ("create", "authorization.k8s.io", "selfsubjectrulesreviews", true),
        ("create", "authorization.k8s.io", "subjectaccessreviews", false),
        ("list", "authentication.k8s.io", "selfsubjectreviews", false), ("create", "", "selfsubjectreviews", false),
    ])
    func letsTheAuthenticatedAskAboutThemselves(verb: String, group: String, resource: String, isAllowed: Bool) {
        var info = RequestInfo(verb: verb)
        info.isResourceRequest = true
        info.groupVersion = GroupVersion(group: group, version: "v1")
        info.resource = resource
        let user = UserInfo(name: "alice", groups: [UserInfo.authenticatedGroup])
        #expect(Authorizer(mode: .masters).allows(user, info, path: "") == isAllowed)
        #expect(!Authorizer(mode: .masters).allows(.anonymous, info, path: ""))
    }

    @Test(arguments: [
        ("/apis", true), ("/api/v1", true), ("/openapi/v3/version", true), ("/.well-known/openid-configuration", true),
        ("/metrics", false), ("/apisix", false),
    ])
    func letsTheAuthenticatedSeeDiscovery(path: String, isAllowed: Bool) {
        let user = UserInfo(name: "alice", groups: [UserInfo.authenticatedGroup])
        #expect(
            Authorizer(mode: .masters).allows(user, RequestInfo(verb: "get"), path: path) == isAllowed)
    }
}
