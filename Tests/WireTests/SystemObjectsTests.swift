import Foundation
import JSON
import TestTraits
import Testing

/// What a server keeps of its own accord.
@Suite(.serialized, .ownThreads) struct SystemObjectsTests {
    private static let flowControl = "/apis/flowcontrol.apiserver.k8s.io/v1"
    private static let schemas = flowControl + "/flowschemas"
    private static let json = "application/json"

    private struct Late: Error { var remark: String }

    private func withServer(_ body: (ServerProcess) async throws -> Void) async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        try await server.waitUntilReady()
        try await body(server)
    }

    private func eventually(_ remark: String, _ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            guard ContinuousClock.now < deadline else { throw Late(remark: remark) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func get(_ path: String, _ server: ServerProcess) throws -> JSON {
        try JSON(parsing: server.curl(path, accept: Self.json).body)
    }

    private func send(_ method: String, _ path: String, _ body: JSON?, _ server: ServerProcess) throws -> Int {
        let type = method == "PATCH" ? "application/merge-patch+json" : Self.json
        return try server.curl(path, method: method, accept: Self.json, contentType: type, body: body?.encoded).status
    }

    private func condition(_ type: String, of object: JSON) -> JSON? {
        object["status"]?["conditions"]?.arrayValue?.first { $0["type"] == .string(type) }
    }

    private static func schema(_ name: String, level: String) -> JSON {
        [
            "metadata": ["name": .string(name)],
            "spec": [
                "priorityLevelConfiguration": ["name": .string(level)],
                "rules": [
                    [
                        "subjects": [["kind": "User", "user": ["name": "nobody"]]],
                        "nonResourceRules": [["verbs": ["get"], "nonResourceURLs": ["/none"]]],
                    ]
                ],
            ],
        ]
    }

    @Test func flowSchemasSayWhetherTheirPriorityLevelIsThere() async throws {
        try await withServer { server in
            func dangling(_ name: String) throws -> JSON? {
                condition("Dangling", of: try get(Self.schemas + "/" + name, server))
            }
            for name in ["exempt", "catch-all"] {
                try await eventually("\(name) has its level") { try dangling(name)?["status"] == "False" }
            }
            #expect(try send("POST", Self.schemas, Self.schema("lost", level: "later"), server) == 201)
            try await eventually("it has none") { try dangling("lost")?["status"] == "True" }
            #expect(
                try dangling("lost")?["message"]
                    == .string(
                        "This FlowSchema references the PriorityLevelConfiguration object named \"later\" but there is no such "
                            + "object"))
            let level: JSON = [
                "metadata": ["name": "later"],
                "spec": ["type": "Limited", "limited": ["limitResponse": ["type": "Reject"]]],
            ]
            let levels = Self.flowControl + "/prioritylevelconfigurations"
            #expect(try send("POST", levels, level, server) == 201)
            try await eventually("it has one") { try dangling("lost")?["reason"] == "Found" }
            #expect(try send("DELETE", levels + "/later", nil, server) == 200)
            try await eventually("it has none again") { try dangling("lost")?["reason"] == "NotFound" }
            let managers = try get(Self.schemas + "/lost", server)["metadata"]?["managedFields"]?.arrayValue ?? []
            let own = managers.first { $0["operation"] == "Apply" }
            #expect(own?["manager"] == "api-priority-and-fairness-config-consumer-v1")
            #expect(own?["subresource"] == "status")
        }
    }

    @Test func mandatoryFlowControlStaysAsItIs() async throws {
        try await withServer { server in
            let levels = Self.flowControl + "/prioritylevelconfigurations"
            let precedence: JSON = ["spec": ["matchingPrecedence": 2]]
            #expect(try send("PATCH", Self.schemas + "/exempt", precedence, server) == 422)
            #expect(try send("PATCH", Self.schemas + "/exempt", ["metadata": ["labels": ["a": "b"]]], server) == 200)
            let shares: JSON = ["spec": ["limited": ["nominalConcurrencyShares": 7]]]
            #expect(try send("PATCH", levels + "/catch-all", shares, server) == 422)
            let exempt: JSON = ["spec": ["exempt": ["nominalConcurrencyShares": 7]]]
            #expect(try send("PATCH", levels + "/exempt", exempt, server) == 200)
            #expect(try send("DELETE", Self.schemas + "/catch-all", nil, server) == 200)
            try await eventually("it is made anew") {
                try server.curl(Self.schemas + "/catch-all", accept: Self.json).status == 200
            }
        }
    }

    @Test func theServersOwnServiceComesAgain() async throws {
        try await withServer { server in
            let core = "/api/v1/namespaces/default"
            let service = try get(core + "/services/kubernetes", server)
            let ports: JSON = ["spec": ["ports": [["name": "https", "port": 444]]]]
            #expect(try send("PATCH", core + "/services/kubernetes", ports, server) == 200)
            try await eventually("its ports are put right") {
                try get(core + "/services/kubernetes", server)["spec"]?["ports"] == service["spec"]?["ports"]
            }
            #expect(try send("DELETE", core + "/services/kubernetes", nil, server) == 200)
            try await eventually("it is made anew") {
                try get(core + "/services/kubernetes", server)["spec"]?["clusterIP"] == service["spec"]?["clusterIP"]
            }
        }
    }

    @Test func theRangeOfServiceAddressesIsReady() async throws {
        try await withServer { server in
            let path = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes"
            try await eventually("it is ready") { condition("Ready", of: try get(path, server))?["status"] == "True" }
            #expect(try get(path, server)["spec"]?["cidrs"] == ["10.0.0.0/16"])
            let broken: JSON = [
                "status": [
                    "conditions": [
                        [
                            "type": "Ready", "status": "False", "reason": "Broken", "message": "no",
                            "lastTransitionTime": "2026-01-01T00:00:00Z",
                        ]
                    ]
                ]
            ]
            #expect(try send("PATCH", path + "/status", broken, server) == 200)
            // What others say of it stands, also once the server has looked at it again.
            #expect(try send("DELETE", "/api/v1/namespaces/default/services/kubernetes", nil, server) == 200)
            try await eventually("the service is made anew") {
                try server.curl("/api/v1/namespaces/default/services/kubernetes", accept: Self.json).status == 200
            }
            #expect(condition("Ready", of: try get(path, server))?["status"] == "False")
        }
    }
}
