import APIMachinery
import JSON
import KubernetesAPI
import Testing

@testable import APIServer

/// Patches that are meant to do harm.
@Suite struct ObjectPatchTests {
    private static let kind = GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")
    private static let current: JSON = [
        "kind": "ConfigMap", "apiVersion": "v1", "metadata": ["name": "a", "managedFields": [["fieldsV1": [:]]]],
        "data": ["a": "b"],
    ]

    private func apply(_ operations: JSON) throws -> JSON {
        let schema = try #require(TypeLibrary.builtIn.schema(named: "io.k8s.api.core.v1.ConfigMap"))
        return try ObjectPatch(.json, operations.encoded, validation: .strict)
            .apply(to: Self.current, of: Self.kind, schema).document
    }

    /// The text of the refusal follows the pointers of all operations, also those that nothing has looked at.
    @Test func aPointerThatAnOperationDoesNotUseMayBeAsDeepAsItLikes() {
        let pointer = JSON.string(String(repeating: "/a", count: 200_000))
        let error = #expect(throws: APIStatus.self) {
            try apply([["op": "add", "path": "/data/a", "value": 1, "from": pointer]])
        }
        #expect(error?.code == 422)
    }

    /// What is deeper than a body may be could be stored, and never be read again.
    @Test func manyOperationsBuildNothingThatNoBodyCouldHave() throws {
        let step = (0..<100).reduce(JSON.object([:])) { value, _ in ["f:a": value] }
        func patch(_ count: Int) -> JSON {
            .array(
                (0..<count).map { index in
                    let path = "/metadata/managedFields/0/fieldsV1" + String(repeating: "/f:a", count: index * 101 + 1)
                    return ["op": "add", "path": .string(path), "value": step]
                })
        }
        #expect(try apply(patch(2)).depth > 200)
        let error = #expect(throws: APIStatus.self) { try apply(patch(3)) }
        #expect(error?.code == 422)
    }
}
