import Foundation
import JSON
import TestTraits
import Testing

/// `metadata.managedFields` as clients see it: by versions, in numbers, and where a client has a hand in it.
@Suite(.serialized, .ownThreads) struct ManagedFieldsTests {
    private static let merge = "application/merge-patch+json"
    private static let apply = "application/apply-patch+yaml"
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private struct Client {
        var server: ServerProcess

        /// - Returns: the status, and the object or `Status`.
        func send(
            _ method: String, _ path: String, _ body: JSON, as type: String = "application/json"
        ) throws -> (status: Int, body: JSON) {
            let answer = try server.curl(
                path, method: method, accept: "application/json", contentType: type, body: body.encoded)
            return (answer.status, try JSON(parsing: answer.body))
        }
    }

    private func withServer(_ body: (Client) throws -> Void) async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        try await server.waitUntilReady()
        try body(Client(server: server))
    }

    private static func entries(_ object: JSON) -> [JSON] { object["metadata"]?["managedFields"]?.arrayValue ?? [] }

    private static func entry(of manager: String, in object: JSON) -> JSON? {
        entries(object).first { $0["manager"]?.stringValue == manager }
    }

    /// An autoscaler is one object in two versions: what one manager writes in the one, it takes from those who wrote
    /// the same in the other.
    @Test func managersOfTwoVersionsMeet() async throws {
        try await withServer { client in
            func path(_ version: String) -> String {
                "/apis/autoscaling/\(version)/namespaces/default/horizontalpodautoscalers"
            }
            let first: JSON = [
                "metadata": ["name": "h"],
                "spec": [
                    "maxReplicas": 3, "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "d"],
                    "targetCPUUtilizationPercentage": 50,
                ],
            ]
            #expect(try client.send("POST", path("v1") + "?fieldManager=one", first).status == 201)
            let metrics: JSON = [
                [
                    "type": "Resource",
                    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 60]],
                ]
            ]
            let changed = try client.send(
                "PATCH", path("v2") + "/h?fieldManager=two", ["spec": ["metrics": metrics]], as: Self.merge)
            #expect(changed.status == 200)
            let one = try #require(Self.entry(of: "one", in: changed.body))
            #expect(one["apiVersion"] == "autoscaling/v1")
            #expect(one["fieldsV1"]?["f:spec"]?["f:maxReplicas"] == [:])
            #expect(one["fieldsV1"]?["f:spec"]?["f:targetCPUUtilizationPercentage"] == nil)
            let two = try #require(Self.entry(of: "two", in: changed.body))
            #expect(two["apiVersion"] == "autoscaling/v2")
            #expect(two["fieldsV1"] == ["f:spec": ["f:metrics": [:]]])

            let wanted: JSON = [
                "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "h"],
                "spec": ["targetCPUUtilizationPercentage": 70],
            ]
            let refused = try client.send("PATCH", path("v1") + "/h?fieldManager=three", wanted, as: Self.apply)
            #expect(refused.status == 409)
            #expect(
                refused.body["message"]?.stringValue
                    == #"Apply failed with 1 conflict: conflict with "two" using autoscaling/v2: .spec.metrics"#)
            let forced = try client.send(
                "PATCH", path("v1") + "/h?fieldManager=three&force=true", wanted, as: Self.apply)
            #expect(forced.status == 200)
            #expect(Self.entry(of: "two", in: forced.body) == nil)
        }
    }

    /// Of more than ten managers of updates the oldest become one.
    @Test func theOldestOfManyUpdatesBecomeOne() async throws {
        try await withServer { client in
            let made: JSON = ["metadata": ["name": "c"], "data": ["m00": "x"]]
            #expect(try client.send("POST", Self.maps + "?fieldManager=m00", made).status == 201)
            var object: JSON = [:]
            for number in 1...14 {
                let manager = number < 10 ? "m0\(number)" : "m\(number)"
                object = try client.send(
                    "PATCH", Self.maps + "/c?fieldManager=" + manager, ["data": [manager: "x"]], as: Self.merge
                ).body
                #expect(Self.entries(object).count <= 10)
            }
            #expect(Self.entries(object).count == 10)
            let old = try #require(Self.entry(of: "ancient-changes", in: object))
            #expect(old["operation"] == "Update")
            #expect(old["fieldsV1"]?["f:data"]?["f:m00"] == [:])
            #expect(Self.entry(of: "m14", in: object)?["fieldsV1"]?["f:data"]?["f:m14"] == [:])
            // Nobody has lost anything.
            let owned = Self.entries(object).compactMap { $0["fieldsV1"]?["f:data"]?.objectValue }
                .flatMap { $0.keys.filter { $0 != "." } }
            #expect(Set(owned) == Set((0...14).map { $0 < 10 ? "f:m0\($0)" : "f:m\($0)" }))
            // Appliers do not count.
            for number in 1...3 {
                let wanted: JSON = [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c"], "data": ["a\(number)": "x"],
                ]
                object = try client.send(
                    "PATCH", Self.maps + "/c?fieldManager=a\(number)", wanted, as: Self.apply
                ).body
            }
            #expect(Self.entries(object).count == 13)
        }
    }

    @Test func aClientForgetsManagersOrNamesThem() async throws {
        try await withServer { client in
            let given: JSON = ["metadata": ["name": "c"], "data": ["k": "v"]]
            #expect(try client.send("POST", Self.maps + "?fieldManager=m", given).status == 201)
            for reset: JSON in [[], [[:]]] {
                let path = Self.maps + "/c"
                let patch: JSON = ["metadata": ["managedFields": reset]]
                let forgotten = try client.send("PATCH", path, patch, as: Self.merge)
                #expect(forgotten.status == 200)
                #expect(Self.entries(forgotten.body).isEmpty, "\(reset)")
                // Until something is applied: what was there before then belongs to a manager of its own.
                let wanted: JSON = [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c"], "data": ["l": "w"],
                ]
                let applied = try client.send("PATCH", path + "?fieldManager=a", wanted, as: Self.apply).body
                #expect(Self.entries(applied).map { $0["manager"] } == ["a", "before-first-apply"], "\(reset)")
            }
            // An entry of a version that the kind does not have goes with the next write.
            func entry(_ manager: String, _ version: String) -> JSON {
                [
                    "manager": .string(manager), "operation": "Update", "apiVersion": .string(version),
                    "time": "2026-01-02T03:04:05Z", "fieldsType": "FieldsV1",
                    "fieldsV1": ["f:data": ["f:k": [:]]],
                ]
            }
            let named: JSON = ["metadata": ["managedFields": [entry("old", "v9"), entry("new", "v1")]]]
            let answer = try client.send("PATCH", Self.maps + "/c?fieldManager=p", named, as: Self.merge).body
            #expect(Self.entries(answer).map { $0["manager"] } == ["new"])
            // What says nothing that can be read changes nothing.
            let broken: JSON = ["metadata": ["managedFields": [["manager": "x", "operation": "Nothing"]]]]
            let kept = try client.send("PATCH", Self.maps + "/c?fieldManager=p", broken, as: Self.merge)
            #expect(kept.status == 200)
            #expect(Self.entries(kept.body).map { $0["manager"] } == ["new"])
        }
    }
}
