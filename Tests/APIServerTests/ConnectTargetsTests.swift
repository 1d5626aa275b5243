import APIMachinery
import JSON
import Testing

@testable import APIServer

@Suite struct ConnectTargetsTests {
    @Test(arguments: [
        ("a", "", "a", ""), ("a:80", "", "a", "80"), ("https:a:web", "https", "a", "web"), (":a:80", "", "a", "80"),
    ])
    func readsNames(text: String, scheme: String, name: String, port: String) throws {
        let proxied = try #require(ProxiedName(text))
        #expect((proxied.scheme, proxied.name, proxied.port) == (scheme, name, port))
    }

    @Test(arguments: ["", ":80", "ftp:a:80", "a:b:c:d"])
    func refusesNames(text: String) { #expect(ProxiedName(text) == nil) }

    private static func pod(_ regular: [String], initial: [String] = []) -> JSON {
        func list(_ names: [String]) -> JSON { .array(names.map { ["name": .string($0)] }) }
        return [
            "metadata": ["name": "p"], "spec": ["containers": list(regular), "initContainers": list(initial)],
        ]
    }

    @Test func findsTheContainerThatIsMeant() throws {
        #expect(try ConnectTargets.container("", of: Self.pod(["a"])) == "a")
        #expect(try ConnectTargets.container("i", of: Self.pod(["a", "b"], initial: ["i"])) == "i")
        #expect(throws: APIStatus.self) { try ConnectTargets.container("x", of: Self.pod(["a"])) }
    }

    @Test func asksWhichContainerWhereThereAreSeveral() {
        do {
            _ = try ConnectTargets.container("", of: Self.pod(["a", "b"], initial: ["i"]))
            Issue.record("one of two was taken")
        } catch {
            #expect(
                error.message
                    == "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"
            )
        }
    }

    @Test func tellsOfPortsThatNobodyListensOn() async throws {
        await #expect(throws: TCPDial.Problem(description: "dial tcp 127.0.0.1:1: connect: connection refused")) {
            try await TCPDial(host: "127.0.0.1", port: "1").check()
        }
        await #expect(throws: TCPDial.Problem(description: "dial tcp: lookup nowhere: no such host")) {
            try await TCPDial(host: "nowhere", port: "1").check()
        }
    }

    @Test func readsWhatALogIsAskedFor() throws {
        let options = try PodLogOptions(QueryParameters("tailLines=5&follow=true&container=c"), pod: "p")
        #expect(options.container == "c")
        #expect(options.query == "follow=true&tailLines=5")
        for query in [
            "tailLines=-1", "limitBytes=0", "sinceSeconds=0", "tailLines=x",
            "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
        ] {
            #expect(throws: APIStatus.self, "\(query)") { try PodLogOptions(QueryParameters(query), pod: "p") }
        }
    }
}
