import APIMachinery
import JSON
import KubernetesAPI
import Testing

@testable import APIServer

/// Which fields each kind can be selected by (the field label conversions of Kubernetes' API groups).
@Suite struct SelectableFieldsTests {
    private static let contents = ResourceRegistry(
        BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
    ).contents

    @Test(arguments: [
        ("", "pods", "spec.host", true), ("", "pods", "metadata.namespace", true), ("", "pods", "spec.hostIP", false),
        ("", "nodes", "metadata.namespace", false), ("", "namespaces", "metadata.namespace", false),
        ("", "persistentvolumes", "metadata.namespace", true), ("", "configmaps", "metadata.namespace", true),
        ("certificates.k8s.io", "certificatesigningrequests", "metadata.namespace", false),
        ("events.k8s.io", "events", "regarding.kind", true), ("events.k8s.io", "events", "involvedObject.kind", false),
        ("apps", "replicasets", "status.replicas", false),
    ])
    func aKindIsSelectedByItsFields(group: String, plural: String, field: String, isSelectable: Bool) throws {
        let resource = try #require(Self.contents.resource(GroupVersion(group: group, version: "v1"), plural))
        #expect(resource.canSelect(byField: field) == isSelectable)
    }

    @Test func anEventWithoutASourceIsSelectedByItsReporter() {
        let source = SelectableField("source.component", otherwise: "reportingComponent", missing: "none")
        #expect(source.value(in: ["source": ["component": "a"], "reportingComponent": "b"]) == "a")
        #expect(source.value(in: ["source": ["component": ""], "reportingComponent": "b"]) == "b")
        #expect(source.value(in: ["source": [:]]) == "none")
    }
}
