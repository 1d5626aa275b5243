import Foundation
import JSON
import Testing

@Suite("Starting", .serialized, .inTurn)
struct StartTests {
    @Test(.timeLimit(.minutes(10)))
    func aControlPlaneIsReadyOnceItsNodesAre() async throws {
        try await withControlPlane(["up", "--nodes", "5"]) { plane in
            let nodes = try #require(try await plane.get("/api/v1/nodes")).items
            #expect(nodes.count == 5)
            for node in nodes {
                let conditions = node.at("status.conditions")?.arrayValue ?? []
                #expect(conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }, "\(node.name)")
            }
            #expect(!plane.log.contains("deprecated"))
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["--service-account-key-file", "--service-account-signing-key-file"])
    func aServerDoesNotStartWithAKeyThatItCannotRead(flag: String) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let key = directory.path + "/broken.pem"
        try "-----BEGIN PUBLIC KEY-----\nnone\n-----END PUBLIC KEY-----\n".write(
            toFile: key, atomically: true, encoding: .utf8)
        let outcome = try await Command([
            Repository.martlet, "apiserver", "--data-dir", directory.path + "/data", "--secure-port",
            "\(try ControlPlane.freePort())", flag, key,
        ]).run(within: .seconds(60))
        let text = outcome.output + outcome.errors
        #expect(outcome.status != 0 && outcome.status != SIGKILL, "\(outcome)")
        #expect(text.contains("the key file \(key) cannot be read"), "\(outcome)")
        #expect(!text.contains("Ready"), "\(outcome)")
    }
}
