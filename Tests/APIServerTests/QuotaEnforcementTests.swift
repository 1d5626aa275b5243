import APIMachinery
import JSON
import KubernetesAPI
import Storage
import Testing

@testable import APIServer

/// Quotas are counted with the object that costs them, in one transaction.
struct QuotaEnforcementTests {
    private let storage: InMemoryStorage
    private let quotas: ServedResource
    private let configMaps: ServedResource
    private let key: ObjectKey

    init() async throws {
        let registry = ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:)))
        let core = GroupVersion(group: "", version: "v1")
        quotas = try #require(registry.contents.resource(core, "resourcequotas"))
        configMaps = try #require(registry.contents.resource(core, "configmaps"))
        storage = try InMemoryStorage()
        key = ObjectKey(resource: quotas.key, namespace: "n", name: "q")
        let quota = try JSON(
            parsing: Array(
                #"""
                {"kind":"ResourceQuota","apiVersion":"v1","metadata":{"name":"q","namespace":"n","uid":"u"},
                "status":{"hard":{"configmaps":"1"},"used":{"configmaps":"0"}}}
                """#.utf8))
        try await storage.commit(Write(.put(quotas.encode(quota)), at: key, if: .absent))
    }

    private func reserve(in snapshot: Snapshot) throws -> [Write] {
        var map: JSON = ["metadata": ["name": "m", "namespace": "n"]]
        let request = ReservationRequest(
            resource: configMaps, subresource: nil, namespace: "n", isDryRun: false, snapshot: snapshot)
        let hook = QuotaEnforcement(quotas: quotas, environment: ServerEnvironment(now: { 0 }, random: { 0 }))
        return try hook.reserve(for: &map, replacing: nil, in: request)?.companions ?? []
    }

    @Test func twoWhoCountFromTheSameStateDoNotBothGetTheLast() async throws {
        let snapshot = storage.snapshot
        let (first, second) = (try reserve(in: snapshot), try reserve(in: snapshot))
        try await storage.commit(first)
        await #expect(throws: StorageError.self) { try await storage.commit(second) }
        let stored = try #require(storage.snapshot[key])
        #expect(try quotas.decode(stored)["status"]?["used"]?["configmaps"] == "1")
    }

    @Test func whatIsTooMuchIsRefusedInKubernetesWords() async throws {
        try await storage.commit(try reserve(in: storage.snapshot))
        let refusal = #expect(throws: APIStatus.self) { try reserve(in: storage.snapshot) }
        #expect(refusal?.code == 403)
        #expect(
            refusal?.message
                == "configmaps \"m\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, "
                + "limited: configmaps=1")
    }

    @Test func anUpdateOfWhatIsCountedOnceCostsNothing() throws {
        var map: JSON = ["metadata": ["name": "m", "namespace": "n"]]
        let request = ReservationRequest(
            resource: configMaps, subresource: nil, namespace: "n", isDryRun: false, snapshot: storage.snapshot)
        let reservation = try QuotaEnforcement(
            quotas: quotas, environment: ServerEnvironment(now: { 0 }, random: { 0 })
        ).reserve(for: &map, replacing: map, in: request)
        #expect(reservation == nil)
    }
}
