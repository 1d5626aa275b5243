import APIMachinery
import HTTPTransport
import JSON
import KubernetesAPI
import Logging
import Storage
import Testing

@testable import APIServer

@Suite struct EventExpiryTests {
    private let storage: InMemoryStorage
    private let server: APIServer
    private let events: ServedResource

    init() throws {
        storage = try InMemoryStorage()
        server = try APIServer(
            storage: storage,
            registry: ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))),
            authenticator: Authenticator(), authorizer: Authorizer(mode: .alwaysAllow),
            options: ServerOptions(logger: Logger(label: "test")),
            environment: ServerEnvironment(now: { 0 }, random: { 0 }))
        events = try #require(
            server.registry.contents.storageResource(GroupResource(group: "", resource: "events")))
    }

    private func put(_ name: String, if precondition: Write.Precondition) async throws -> Revision {
        let event: JSON = ["metadata": ["name": .string(name), "namespace": "n", "uid": "u"], "reason": "r"]
        let key = ObjectKey(resource: events.key, namespace: "n", name: name)
        return try await storage.commit(Write(.put(events.encode(event)), at: key, if: precondition)).revision
    }

    @Test func onlyWhatHasNotBeenWrittenSinceGoes() async throws {
        for index in 0..<300 { _ = try await put("old-\(index)", if: .absent) }
        let renewed = try await put("renewed", if: .absent)
        let revision = try await put("last", if: .absent)
        _ = try await put("renewed", if: .revision(renewed))
        _ = try await put("new", if: .absent)

        try await server.removeEvents(through: revision)
        var left: [String] = []
        storage.snapshot.forEach(in: events.key, prefix: "") { event in
            left.append(event.key.path)
            return true
        }
        #expect(left == ["n/new", "n/renewed"])
        let gone = try storage.events(of: events.key, after: revision).filter { $0.kind == .deleted }
        #expect(gone.count == 301, "watchers see them go")
    }
}
