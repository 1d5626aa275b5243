import JSON
import Testing

@testable import APIServer

@Suite struct MetadataFieldsTests {
    @Test func addedFieldsStandWhereTheAPIWritesThem() {
        var object: JSON = ["metadata": ["name": "a", "labels": ["x": "y"], "other": 1], "data": ["k": "v"]]
        object.updateMetadata { metadata in
            metadata[text: .uid] = "u"
            metadata[.creationTimestamp] = "t"
            metadata[text: .namespace] = "n"
            metadata.finalizers = ["f"]
        }
        #expect(
            object.description
                == #"{"metadata":{"name":"a","namespace":"n","uid":"u","creationTimestamp":"t","labels":{"x":"y"},"#
                + #""finalizers":["f"],"other":1},"data":{"k":"v"}}"#)
    }

    @Test func fieldsThatAreTakenAwayAreGone() {
        var object: JSON = ["metadata": ["name": "a", "creationTimestamp": .null, "finalizers": ["f"]]]
        object.updateMetadata { metadata in
            #expect(metadata[.creationTimestamp] == nil, "null is as good as nothing")
            metadata[.creationTimestamp] = nil
            metadata.finalizers = []
        }
        #expect(object.description == #"{"metadata":{"name":"a"}}"#)
    }

    @Test func aChangeThatFailsLeavesTheRest() {
        struct Failure: Error {}
        var object: JSON = ["metadata": ["name": "a"], "data": ["k": "v"]]
        #expect(throws: Failure.self) {
            try object.updateMetadata { metadata in
                metadata[text: .uid] = "u"
                throw Failure()
            }
        }
        #expect(object == ["metadata": ["name": "a", "uid": "u"], "data": ["k": "v"]])
    }

    @Test func metadataThatIsNotThereIsMade() {
        var (nothing, empty): (JSON, JSON) = (.null, [:])
        nothing.updateMetadata { $0[text: .name] = "a" }
        empty.updateMetadata { $0[text: .name] = "a" }
        #expect(nothing.description == #"{"metadata":{"name":"a"}}"#)
        #expect(empty == nothing)
    }
}
