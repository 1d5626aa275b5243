import Foundation
import JSON
import TestTraits
import Testing

/// What a client accepts is asked before a write is carried out, and not after.
@Suite(.serialized, .ownThreads) struct NegotiationTests {
    private struct Request: CustomTestStringConvertible, Sendable {
        var remark: String
        var path: String
        var method: String
        var contentType = "application/json"
        var body: JSON?
        var testDescription: String { remark }
    }

    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"
    private static let pods = "/api/v1/namespaces/default/pods"

    private static let requests: [Request] = [
        Request(
            remark: "create", path: deployments, method: "POST", body: deployment("new", replicas: 1)),
        Request(remark: "update", path: deployments + "/d", method: "PUT", body: deployment("d", replicas: 5)),
        Request(
            remark: "patch", path: deployments + "/d", method: "PATCH", contentType: "application/merge-patch+json",
            body: ["spec": ["replicas": 5]]),
        Request(
            remark: "update of the scale", path: deployments + "/d/scale", method: "PUT",
            body: ["metadata": ["name": "d", "namespace": "default"], "spec": ["replicas": 5]]),
        Request(
            remark: "patch of the scale", path: deployments + "/d/scale", method: "PATCH",
            contentType: "application/merge-patch+json", body: ["spec": ["replicas": 5]]),
        Request(
            remark: "patch of the status", path: deployments + "/d/status", method: "PATCH",
            contentType: "application/merge-patch+json", body: ["status": ["replicas": 5]]),
        Request(
            remark: "binding", path: pods + "/p/binding", method: "POST",
            body: ["metadata": ["name": "p"], "target": ["kind": "Node", "name": "n"]]),
        Request(remark: "eviction", path: pods + "/p/eviction", method: "POST", body: ["metadata": ["name": "p"]]),
        Request(remark: "delete", path: deployments + "/d", method: "DELETE"),
        Request(remark: "deletion of the collection", path: deployments, method: "DELETE"),
    ]

    private static func deployment(_ name: String, replicas: Int64) -> JSON {
        [
            "metadata": ["name": .string(name)],
            "spec": [
                "replicas": .int(replicas), "selector": ["matchLabels": ["a": "b"]],
                "template": [
                    "metadata": ["labels": ["a": "b"]], "spec": ["containers": [["name": "c", "image": "i"]]],
                ],
            ],
        ]
    }

    @Test func nothingIsDoneForAClientThatAcceptsNoAnswer() async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        try await server.waitUntilReady()
        func send(_ path: String, _ method: String, _ contentType: String, _ body: JSON?, accept: String) throws
            -> ServerProcess.Answer
        {
            try server.curl(path, method: method, accept: accept, contentType: contentType, body: body?.encoded)
        }
        let json = "application/json"
        let pod: JSON = ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "i"]]]]
        #expect(try send(Self.pods, "POST", json, pod, accept: json).status == 201)
        let made = try send(Self.deployments, "POST", json, Self.deployment("d", replicas: 1), accept: json)
        #expect(made.status == 201)

        func state() throws -> [[UInt8]] {
            try [Self.deployments, Self.pods].map { try server.curl($0, accept: json).body }
        }
        let before = try state()
        for request in Self.requests {
            let answer = try send(
                request.path, request.method, request.contentType, request.body, accept: "text/html")
            #expect(answer.status == 406, "\(request.remark)")
            #expect(try state() == before, "\(request.remark)")
        }
    }
}
