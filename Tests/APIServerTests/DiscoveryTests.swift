import APIMachinery
import HTTPTransport
import JSON
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct DiscoveryTests {
    private static let contents = ResourceRegistry(
        BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
    ).contents
    private let documents = DiscoveryDocuments(contents: Self.contents)

    @Test func listsGroupsInKubernetesOrderWithPreferredVersions() {
        let groups = documents.groupList["groups"]?.arrayValue ?? []
        #expect(groups.first?["name"]?.stringValue == "apiregistration.k8s.io")
        let autoscaling = groups.first { $0["name"]?.stringValue == "autoscaling" }
        #expect(autoscaling?["preferredVersion"]?["version"]?.stringValue == "v2")
        #expect(autoscaling?["versions"]?.arrayValue?.count == 2)
    }

    @Test func listsSubresourcesBehindTheirResource() {
        let list = documents.resourceList(of: GroupVersion(group: "apps", version: "v1"))
        let names = (list?["resources"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let deployments = names.filter { $0.hasPrefix("deployments") }
        #expect(deployments == ["deployments", "deployments/scale", "deployments/status"])
    }

    @Test func namesTheGroupOfASubresourceOnlyWhereItIsAnother() {
        let list = documents.resourceList(of: GroupVersion(group: "apps", version: "v1"))?["resources"]?.arrayValue
        let scale = list?.first { $0["name"]?.stringValue == "deployments/scale" }
        let status = list?.first { $0["name"]?.stringValue == "deployments/status" }
        #expect(scale?["group"]?.stringValue == "autoscaling")
        #expect(status?["group"] == nil)
    }

    @Test func knowsNoVersionThatIsNotServed() {
        #expect(documents.resourceList(of: GroupVersion(group: "apps", version: "v1beta1")) == nil)
        #expect(documents.group(named: "nothing.test") == nil)
    }

    @Test(arguments: [
        ("v1", "v1beta1", "stable before beta"), ("v2", "v1", "newer before older"),
        ("v1beta2", "v1beta1", "newer beta first"), ("v1beta1", "v1alpha3", "beta before alpha"),
        ("v1alpha1", "foo", "versions before other names"), ("bar", "foo", "other names by the alphabet"),
    ])
    func ordersVersions(first: String, second: String, remark: String) {
        #expect(VersionOrder.precedes(first, second), "\(remark)")
        #expect(!VersionOrder.precedes(second, first), "\(remark)")
    }

    private static let aggregated = "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList"

    @Test(arguments: [
        (aggregated, true), ("application/json," + aggregated, true), (aggregated + ",application/json", true),
        ("application/json", false), ("", false), (aggregated.replacing("v=v2", with: "v=v7") + ",*/*", false),
        ("application/json," + aggregated + ";q=0.5", false),
    ])
    func agreesOnTheAggregatedForm(accept: String, isAggregated: Bool) throws {
        let form = try DiscoveryForm.agreed(accept: accept, query: QueryParameters(nil), offersAggregated: true)
        #expect(form.isAggregated == isAggregated)
    }

    @Test func refusesWhatItHasNot() {
        #expect(throws: APIStatus.self) {
            try DiscoveryForm.agreed(
                accept: Self.aggregated, query: QueryParameters(nil), offersAggregated: false)
        }
        #expect(throws: APIStatus.self) {
            try DiscoveryForm.agreed(accept: "text/html", query: QueryParameters(nil), offersAggregated: true)
        }
    }

    @Test func keepsDocumentsOfOneStateOnly() throws {
        let cache = DiscoveryCache()
        let form = try DiscoveryForm.agreed(accept: nil, query: QueryParameters(nil), offersAggregated: false)
        let key = DiscoveryCache.Key(path: "apis", form: form)
        var made = 0
        func entry(_ contents: ResourceRegistry.Contents) throws -> DiscoveryCache.Entry {
            try cache.entry(key, of: contents) {
                made += 1
                return ByteSegments([UInt8(made)])
            }
        }
        let first = try entry(Self.contents)
        #expect(try entry(Self.contents).tag == first.tag)
        #expect(try entry(ResourceRegistry([]).contents).tag != first.tag)
        #expect(made == 2)
    }

    @Test(arguments: [
        ("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false),
    ])
    func comparesEntityTags(header: String, matches: Bool) {
        #expect(EntityTag.matches(header, "\"a\"") == matches)
    }
}
