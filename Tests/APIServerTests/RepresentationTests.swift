import APIMachinery
import JSON
import KubernetesAPI
import Testing

@testable import APIServer
@testable import Storage

@Suite struct RepresentationTests {
    private static let contents = ResourceRegistry(
        BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
    ).contents

    private static func table(_ includeObject: OutputForm.IncludeObject = .none) -> OutputForm {
        OutputForm(mediaType: .json, transform: .table(version: "v1", includeObject: includeObject), isPretty: false)
    }

    private func resource(_ group: String, _ version: String, _ plural: String) throws -> ServedResource {
        try #require(Self.contents.resource(GroupVersion(group: group, version: version), plural))
    }

    private func stored(_ resource: ServedResource, _ document: JSON) -> StoredObject {
        StoredObject(
            key: ObjectKey(resource: resource.key, namespace: "n", name: "a"), revision: .zero, bytes: document.encoded,
            attributes: nil)
    }

    private static let autoscaler: JSON = [
        "kind": "HorizontalPodAutoscaler", "apiVersion": "autoscaling/v2", "metadata": ["name": "h", "namespace": "n"],
        "spec": [
            "scaleTargetRef": ["kind": "Deployment", "name": "d"], "maxReplicas": 5,
            "metrics": [
                [
                    "type": "Resource",
                    "resource": ["name": "memory", "target": ["type": "Utilization", "averageUtilization": 1]],
                ],
                [
                    "type": "Resource",
                    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 70]],
                ],
            ],
        ],
    ]

    /// Version 1 keeps what it has no fields for in annotations, which tables and bare metadata know nothing of.
    @Test func tablesShowABuiltInKindAsItIsStored() throws {
        let resource = try resource("autoscaling", "v1", "horizontalpodautoscalers")
        let object = stored(resource, Self.autoscaler)
        let representation = Representation(resource: resource, form: Self.table(.metadata), now: 0)
        let row = try representation.transformed(.stored(object))["rows"]?[0]
        #expect(row?["cells"]?[2] == "memory: <unknown>/1%, cpu: <unknown>/70%")
        #expect(row?["object"]?["metadata"]?["annotations"] == nil)
        let whole = Representation(resource: resource, form: Self.table(.object), now: 0)
        let served = try whole.transformed(.stored(object))["rows"]?[0]?["object"]
        #expect(served?["apiVersion"] == "autoscaling/v1")
        #expect(served?["metadata"]?["annotations"]?.objectValue?.isEmpty == false)
    }

    @Test func aScaleHasATableOfItsOwn() throws {
        let resource = try resource("apps", "v1", "deployments")
        let representation = Representation(
            resource: resource, form: Self.table(), now: 0,
            subresource: resource.version.subresource(named: "scale"))
        let scale: JSON = [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": ["name": "d", "resourceVersion": "7"],
            "spec": ["replicas": 3], "status": ["replicas": 2],
        ]
        let table = try representation.transformed(.document(scale))
        #expect(table["metadata"]?["resourceVersion"] == "7")
        #expect(
            table["columnDefinitions"]?.arrayValue?.compactMap { $0["name"] } == [
                "Name", "Desired", "Available", "Age",
            ])
        #expect(table["rows"]?[0]?["cells"] == ["d", 3, 2, "<unknown>"])
    }

    @Test(arguments: [("Succeeded", true), ("Failed", true), ("Running", false)])
    func theRowOfAPodThatHasEndedSaysSo(phase: String, hasEnded: Bool) throws {
        let resource = try resource("", "v1", "pods")
        let pod: JSON = ["metadata": ["name": "p"], "status": ["phase": .string(phase)]]
        let table = try Representation(resource: resource, form: Self.table(), now: 0)
            .transformed(.stored(stored(resource, pod)))
        let condition = table["rows"]?[0]?["conditions"]?[0]
        #expect(condition?["type"] == (hasEnded ? "Completed" : nil))
        #expect(condition?["reason"] == (hasEnded ? .string(phase) : nil))
    }

    @Test func theRowOfAnAddressHasACellMoreThanColumns() throws {
        let resource = try resource("networking.k8s.io", "v1", "ipaddresses")
        let address: JSON = ["metadata": ["name": "10.0.0.1", "creationTimestamp": "1970-01-01T00:00:00Z"]]
        let table = try Representation(resource: resource, form: Self.table(), now: 5)
            .transformed(.stored(stored(resource, address)))
        #expect(table["columnDefinitions"]?.arrayValue?.count == 2)
        #expect(table["rows"]?[0]?["cells"] == ["10.0.0.1", "<none>", "5s"])
    }
}
