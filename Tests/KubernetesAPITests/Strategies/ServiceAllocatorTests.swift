import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct ServiceAllocatorTests {
    private let strategy = BuiltInStrategies.strategy(for: GroupKind(group: "", kind: "Service"))

    private func allocator() throws -> ServiceAllocator {
        ServiceAllocator(.init(clusterIPRanges: [try #require(IPAddressBlock("10.0.0.0/16"))]))
    }

    private func service(_ spec: JSONObject) -> JSON {
        var service: JSON = ["metadata": ["name": "a", "namespace": "n"], "spec": .object(spec)]
        strategy.applyDefaults(to: &service)
        strategy.prepareForCreation(&service)
        return service
    }

    @Test func anAddressIsGivenAndMirrored() throws {
        var made = service(["ports": [["port": 80]]])
        try allocator().allocate(for: &made).commit()
        let address = try #require(made["spec"]?["clusterIP"]?.stringValue)
        #expect(made["spec"]?["clusterIPs"] == [.string(address)])
        #expect(made["spec"]?["ipFamilies"] == ["IPv4"])
        #expect(made["spec"]?["ipFamilyPolicy"] == "SingleStack")
        #expect(strategy.validateCreation(made).isEmpty)
    }

    @Test func nothingIsGivenTwice() throws {
        let allocator = try allocator()
        var first = service(["clusterIP": "10.0.0.27", "ports": [["port": 80]]])
        let allocation = try allocator.allocate(for: &first)
        var second = first
        #expect(throws: ServiceAllocator.Refusal.self) { try allocator.allocate(for: &second) }
        allocation.rollBack()
        try allocator.allocate(for: &second).commit()
        allocator.release(second)
        try allocator.allocate(for: &first).commit()
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var spec: JSONObject
        var message: String
        var testDescription: String { message }
    }

    static let refused: [Row] = [
        Row(
            spec: ["clusterIP": "192.0.2.4"],
            message: "spec.clusterIPs: Invalid value: [\"192.0.2.4\"]: failed to allocate IP 192.0.2.4: the provided "
                + "network does not match the current range"),
        Row(
            spec: ["ipFamilies": ["IPv6"]],
            message: "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster"),
        Row(
            spec: ["type": "NodePort", "ports": [["port": 80, "nodePort": 80]]],
            message: "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of "
                + "valid ports is 30000-32767"),
    ]

    @Test(arguments: refused)
    func whatCannotBeGivenIsRefused(_ row: Row) throws {
        var made = service(row.spec)
        let allocator = try allocator()
        let refusal = #expect(throws: ServiceAllocator.Refusal.self) { try allocator.allocate(for: &made) }
        #expect(refusal?.errors.map(\.description) == [row.message])
    }

    @Test func aTypeThatNeedsLessGivesUp() throws {
        let allocator = try allocator()
        var old = service(["type": "NodePort", "ports": [["port": 80]]])
        try allocator.allocate(for: &old).commit()
        var new = old
        new.edit { $0.edit("spec") { $0["type"] = "ClusterIP" } }
        strategy.applyDefaults(to: &new)
        strategy.prepareForUpdate(&new, from: old)
        try allocator.allocate(for: &new, replacing: old).commit()
        #expect(new["spec"]?["clusterIP"] == old["spec"]?["clusterIP"])
        #expect(new["spec"]?["ports"]?[0]?["nodePort"] == nil)
        #expect(new["spec"]?["externalTrafficPolicy"] == nil)
        var other = service(["type": "NodePort", "ports": old["spec"]?["ports"] ?? []])
        try allocator.allocate(for: &other).commit()
    }
}
