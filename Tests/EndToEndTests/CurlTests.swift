import Foundation
import JSON
import Testing

/// The API by hand.
@Suite("curl", .serialized, .inTurn)
struct CurlTests {
    private static let configMaps = "/api/v1/namespaces/default/configmaps"

    /// An API server alone, which also knows some tokens.
    private static func withServer<Result>(_ body: (ControlPlane) async throws -> Result) async throws -> Result {
        let tokens = try TemporaryDirectory()
        defer { tokens.remove() }
        try """
        admin-token,admin,1,"system:masters"
        visitor-token,visitor,2
        """.write(toFile: tokens.path + "/tokens", atomically: true, encoding: .utf8)
        return try await withControlPlane(["apiserver", "--token-auth-file", tokens.path + "/tokens"], body)
    }

    /// Who asks decides, whichever way they prove who they are.
    @Test(.timeLimit(.minutes(10)))
    func proofOfIdentityDecides() async throws {
        try await Self.withServer { plane in
            let certificate = plane.clientCertificate.joined(separator: " ")
            let cases: [(remark: String, options: String, status: String)] = [
                ("a client certificate", certificate, "200"),
                ("a token", "--header 'Authorization: Bearer admin-token'", "200"),
                ("a token without rights", "--header 'Authorization: Bearer visitor-token'", "403"),
                ("an unknown token", "--header 'Authorization: Bearer nobody'", "401"),
                ("no proof", "", "403"),
                ("another scheme", "--user admin:admin-token", "403"),
            ]
            for (remark, options, status) in cases {
                for version in ["--http1.1", "--http2"] {
                    let outcome = try await plane.shell(
                        "curl --silent --cacert martlet-data/pki/ca.crt \(version) \(options)"
                            + " --write-out '\\n%{http_code} %{http_version}' \(plane.server)/api/v1/nodes")
                    let expected = "\n\(status) \(version == "--http2" ? "2" : "1.1")"
                    #expect(outcome.output.hasSuffix(expected), "\(remark): \(outcome)")
                    let kind = status == "200" ? "\"kind\":\"NodeList\"" : "\"kind\":\"Status\""
                    #expect(outcome.output.contains(kind), "\(remark): \(outcome)")
                }
            }
            let mistrusted = try await plane.shell("curl --silent --show-error \(plane.server)/readyz")
            #expect(mistrusted.status == 60, "the certificate is not of an authority that the system knows")
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["--http1.1", "--http2"])
    func watchTellsOfEveryChange(over version: String) async throws {
        try await Self.withServer { plane in
            let start = try #require(try await plane.get(Self.configMaps)).resourceVersion
            async let watched = plane.request(
                Self.configMaps + "?watch=true&resourceVersion=\(start)&timeoutSeconds=2",
                options: ["--no-buffer", version])
            try await plane.send("POST", Self.configMaps, Manifests.configMap("a", data: ["n": "1"]))
            try await plane.send("PUT", Self.configMaps + "/a", Manifests.configMap("a", data: ["n": "2"]))
            try await plane.send("DELETE", Self.configMaps + "/a", nil)
            let events = try Self.events(try await watched)
            #expect(events.map { $0["type"] } == ["ADDED", "MODIFIED", "DELETED"])
            #expect(events.map { $0.at("object.data.n") } == ["1", "2", "2"])
        }
    }

    /// A copy of a running server starts a server that has the same objects, and goes on with greater revisions.
    @Test(.timeLimit(.minutes(10)))
    func backupStartsAnotherServer() async throws {
        let restored = try TemporaryDirectory()
        defer { restored.remove() }
        let data = restored.path + "/martlet-data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let last = try await Self.withServer { plane in
            try await plane.send("POST", Self.configMaps, Manifests.configMap("kept", data: ["n": "1"]))
            let backup = try await Command([
                Repository.martlet, "backup", data + "/store.sqlite", "--kubeconfig", plane.kubeconfig,
            ])
            .run()
            #expect(backup.status == 0, "\(backup)")
            let attributes = try FileManager.default.attributesOfItem(atPath: data + "/store.sqlite")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            return try #require(try await plane.send("POST", Self.configMaps, Manifests.configMap("later")))
        }
        let copy = try await ControlPlane(arguments: ["apiserver"], in: restored)
        #expect(try await copy.get(Self.configMaps + "/kept")?.at("data.n") == "1")
        #expect(try await copy.get(Self.configMaps + "/later")?.at("code")?.intValue == 404)
        let next = try #require(try await copy.send("POST", Self.configMaps, Manifests.configMap("next")))
        #expect(try #require(Int(next.resourceVersion)) > #require(Int(last.resourceVersion)))
        await copy.stop()
    }

    /// A server that is stopped, or killed, and started again has its objects, and a watch goes on from before.
    @Test(.timeLimit(.minutes(10)), arguments: [SIGTERM, SIGKILL])
    func restartKeepsObjectsAndHistory(after signal: Int32) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let first = try await ControlPlane(arguments: ["apiserver"], in: directory)
        let before = try #require(try await first.get(Self.configMaps)).resourceVersion
        try await first.send("POST", Self.configMaps, Manifests.configMap("a"))
        try await first.send("PUT", Self.configMaps + "/a", Manifests.configMap("a", data: ["n": "2"]))
        try await first.send("POST", Self.configMaps, Manifests.configMap("b"))
        try await first.send("DELETE", Self.configMaps + "/b", nil)
        let stored = try #require(try await first.get(Self.configMaps + "/a"))
        await first.stop(with: signal)

        let second = try await ControlPlane(arguments: ["apiserver"], in: directory, port: first.port)
        #expect(try await second.get(Self.configMaps + "/a") == stored)
        try await second.send("POST", Self.configMaps, Manifests.configMap("c"))
        let watched = try await second.request(
            Self.configMaps + "?watch=true&resourceVersion=\(before)&timeoutSeconds=1")
        let events = try Self.events(watched)
        #expect(
            events.map { "\($0["type"]?.stringValue ?? "") \($0["object"]?.name ?? "")" }
                == ["ADDED a", "MODIFIED a", "ADDED b", "DELETED b", "ADDED c"], "\(watched)")
        await second.stop()
    }

    private static func events(_ outcome: Outcome) throws -> [JSON] {
        try outcome.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    }
}
