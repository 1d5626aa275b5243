import APIMachinery
import JSON
import PKI
import Storage
import Testing

@testable import APIServer

@Suite struct ServiceAccountTests {
    private static let now: Int64 = 1_000_000
    private let issuer: ServiceAccountIssuer
    private let authenticator: ServiceAccountAuthenticator
    private let storage: InMemoryStorage

    init() async throws {
        issuer = Self.issuer(try PrivateKey())
        authenticator = ServiceAccountAuthenticator(issuer: issuer)
        storage = try InMemoryStorage(configuration: StorageConfiguration())
        try await put("serviceaccounts", "n/robot", uid: "u")
        try await put("pods", "n/p", uid: "pod-uid")
    }

    private static func issuer(_ key: PrivateKey, also keys: [PublicKey] = []) -> ServiceAccountIssuer {
        ServiceAccountIssuer(
            names: [], keys: ServiceAccountKeys { (key, keys) }, audiences: ["api"], keySetURL: "https://a.test/keys")
    }

    private func put(_ plural: String, _ path: String, uid: String, _ precondition: Write.Precondition = .absent)
        async throws
    {
        let head = "{\"metadata\":{\"uid\":\"\(uid)\",\"resourceVersion\":\""
        let value = EncodedValue(
            bytes: Array((head + "\"}}").utf8), revisionOffset: head.utf8.count, attributes: SelectableAttributes())
        let key = ObjectKey(resource: ResourceKey(group: "", resource: plural), path: path)
        try await storage.commit(Write(.put(value), at: key, if: precondition))
    }

    private func claims(_ change: (inout ServiceAccountClaims) -> Void = { _ in }) -> ServiceAccountClaims {
        var claims = ServiceAccountClaims(
            issuer: issuer.names[0], audiences: ["api", "x"], id: "id", issuedAt: Self.now, notBefore: Self.now,
            expiration: Self.now + 600, namespace: "n", serviceAccount: .init(name: "robot", uid: "u"))
        change(&claims)
        return claims
    }

    private func authenticate(
        _ token: String, for audiences: [String] = ["api"], at now: Int64 = Self.now
    ) throws(TokenProblem) -> (user: UserInfo, audiences: [String])? {
        try authenticator.authenticate(token, for: audiences, in: storage.snapshot, now: now)
    }

    @Test func aTokenStandsForItsAccount() throws {
        let found = try #require(try authenticate(try issuer.token(claims())))
        #expect(found.user.name == "system:serviceaccount:n:robot")
        #expect(found.user.uid == "u")
        #expect(
            found.user.groups == ["system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"])
        #expect(found.user.extra == ["authentication.kubernetes.io/credential-id": ["JTI=id"]])
        #expect(found.audiences == ["api"])
    }

    @Test func namesThePodAndTheNodeThatItIsBoundTo() throws {
        let token = try issuer.token(
            claims {
                $0.pod = .init(name: "p", uid: "pod-uid")
                $0.node = .init(name: "m", uid: "")
            })
        let extra = try authenticate(token)?.user.extra
        #expect(extra?["authentication.kubernetes.io/pod-name"] == ["p"])
        #expect(extra?["authentication.kubernetes.io/pod-uid"] == ["pod-uid"])
        #expect(extra?["authentication.kubernetes.io/node-name"] == ["m"])
        #expect(extra?["authentication.kubernetes.io/node-uid"] == nil)
    }

    @Test func whatIsNoTokenOfAnAccountIsNobodys() throws {
        for text in ["", "a", "a.b", "a.b.c", "alice-token"] { #expect(try authenticate(text) == nil, "\(text)") }
        let foreign = try issuer.token(claims { $0.issuer = "https://elsewhere" })
        #expect(try authenticate(foreign) == nil)
    }

    @Test func aForeignKeysSignatureIsNotTaken() throws {
        let foreign = try PrivateKey(.rsa)
        let token = try Self.issuer(foreign).token(claims())
        #expect(throws: TokenProblem.self) { try authenticate(token) }
        let both = Self.issuer(try PrivateKey(), also: [try PublicKey(of: foreign)])
        #expect(try both.claims(of: token)?.serviceAccount.name == "robot")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var problem: String
        var now = ServiceAccountTests.now
        var audiences = ["api"]
        var change: @Sendable (inout ServiceAccountClaims) -> Void = { _ in }
        var testDescription: String { remark }
    }

    static let refused: [Row] = [
        Row(remark: "over", problem: "service account token has expired", now: now + 661),
        Row(remark: "too early", problem: "service account token is not valid yet", now: now - 61),
        Row(
            remark: "for another", problem: #"token audiences ["api" "x"] is invalid for the target audiences ["y"]"#,
            audiences: ["y"]),
        Row(remark: "account gone", problem: #"serviceaccounts "nobody" not found"#) {
            $0.serviceAccount.name = "nobody"
        },
        Row(remark: "account made anew", problem: "service account UID (u) does not match claim (old)") {
            $0.serviceAccount.uid = "old"
        },
        Row(remark: "pod gone", problem: "service account token has been invalidated") {
            $0.pod = .init(name: "q", uid: "pod-uid")
        },
        Row(
            remark: "pod made anew", problem: "pod UID (pod-uid) does not match service account pod ref claim (old)"
        ) { $0.pod = .init(name: "p", uid: "old") },
        Row(remark: "node gone", problem: "service account token has been invalidated") {
            $0.node = .init(name: "m", uid: "x")
        },
        Row(remark: "times at the end of the world", problem: "service account token is not valid yet") {
            $0.notBefore = .max
        },
        Row(remark: "times at the beginning", problem: "service account token has expired") { $0.expiration = .min },
    ]

    @Test(arguments: refused)
    func refuses(_ row: Row) throws {
        let token = try issuer.token(claims(row.change))
        #expect(throws: TokenProblem(row.problem)) {
            try authenticate(token, for: row.audiences, at: row.now)
        }
    }

    @Test func clocksMayDifferByAMinute() throws {
        let token = try issuer.token(claims())
        #expect(try authenticate(token, at: Self.now + 660) != nil)
        #expect(try authenticate(token, at: Self.now - 60) != nil)
    }
}
