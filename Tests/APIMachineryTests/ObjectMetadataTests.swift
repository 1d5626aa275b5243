import APIMachinery
import JSON
import Testing

struct ObjectMetadataTests {
    private let strategy = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
    }

    @Test func generatedNamesKeepRoomForTheirEnd() {
        var generator = SystemRandomNumberGenerator()
        let name = ObjectMetadata.generateName(prefix: String(repeating: "x", count: 70), using: &generator)
        #expect(name.utf8.count == 63)
        #expect(name.hasPrefix(String(repeating: "x", count: 58)))
        #expect(name.suffix(5).allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
    }

    @Test func theServerDecidesOfANewObject() {
        var object: JSON = [
            "metadata": ["generateName": "a-", "uid": "mine", "deletionTimestamp": "2030-01-01T00:00:00Z"],
            "status": ["x": 1],
        ]
        var generator = SystemRandomNumberGenerator()
        ObjectMetadata.prepareForCreation(
            &object, uid: "u", creationTimestamp: "2026-01-01T00:00:00Z", using: &generator)
        strategy.prepareForCreation(&object)
        let metadata = ObjectMetadata(object)
        #expect(metadata.name.hasPrefix("a-") && metadata.name.utf8.count == 7)
        #expect(metadata.uid == "u")
        #expect(metadata.deletionTimestamp == nil)
        #expect(metadata.generation == 1)
        #expect(object["status"] == nil)
    }

    @Test func onlyASpecThatChangesCounts() {
        let old: JSON = ["metadata": ["name": "a", "generation": 3], "spec": ["x": 1], "status": ["y": 1]]
        var same: JSON = ["metadata": ["name": "a", "labels": ["l": "m"]], "spec": ["x": 1]]
        ObjectMetadata.prepareForUpdate(&same, from: old)
        strategy.prepareForUpdate(&same, from: old)
        #expect(ObjectMetadata(same).generation == 3)
        #expect(same["status"] == ["y": 1])
        var other: JSON = ["metadata": ["name": "a"], "spec": ["x": 2]]
        ObjectMetadata.prepareForUpdate(&other, from: old)
        strategy.prepareForUpdate(&other, from: old)
        #expect(ObjectMetadata(other).generation == 4)
    }

    @Test func aStatusWriteKeepsTheSpec() {
        let old: JSON = ["metadata": ["name": "a", "generation": 3], "spec": ["x": 1]]
        var object: JSON = ["metadata": ["name": "a", "generation": 3], "spec": ["x": 2], "status": ["y": 2]]
        strategy.prepareForUpdate(ofSubresource: "status", &object, from: old)
        #expect(object["spec"] == ["x": 1])
        #expect(object["status"] == ["y": 2])
    }

    @Test func whatIsWrongIsSaidInOrder() {
        let object: JSON = [
            "metadata": [
                "labels": ["a b": "c"], "finalizers": ["plain"],
                "ownerReferences": [["apiVersion": "v1", "kind": "Pod"]],
            ]
        ]
        let paths = strategy.validateCreation(object).map(\.path)
        #expect(
            paths == [
                "metadata.name", "metadata.namespace", "metadata.labels", "metadata.ownerReferences.name",
                "metadata.ownerReferences.uid", "metadata.finalizers[0]",
            ])
    }

    @Test func identityIsFixedAndSaidTwice() {
        let old: JSON = ["metadata": ["name": "a", "namespace": "n", "uid": "u", "resourceVersion": "1"]]
        let new: JSON = ["metadata": ["name": "a", "namespace": "n", "uid": "v", "resourceVersion": "1"]]
        let errors = strategy.validateUpdate(new, from: old)
        #expect(errors.map(\.path) == ["metadata.uid", "metadata.uid"])
        #expect(errors.first?.body == "Invalid value: \"v\": field is immutable")
    }
}
