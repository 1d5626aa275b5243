import APIMachinery
import Foundation
import JSON
import KubernetesAPI
import TestTraits
import Testing

/// A server process, spoken to in protobuf by `curl`.
@Suite(.serialized, .ownThreads) struct ProtobufServerTests {
    static let mediaType = "application/vnd.kubernetes.protobuf"

    static func schema(_ name: String) throws -> Schema {
        try #require(TypeLibrary.builtIn.schema(named: name))
    }

    static func document(_ bytes: [UInt8]) throws -> JSON {
        let envelope = try ProtobufEnvelope(parsing: bytes)
        let version = GroupVersion(apiVersion: envelope.apiVersion.isEmpty ? "v1" : envelope.apiVersion)
        let groupVersion = try #require(version)
        let kind = GroupVersionKind(group: groupVersion.group, version: groupVersion.version, kind: envelope.kind)
        return try ProtobufDecoder(try #require(TypeLibrary.builtIn.schema(of: kind), "\(kind)")).document(envelope)
    }

    @Test func objectsListsWatchesAndErrorsGoBothWays() async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        try await server.waitUntilReady()
        let path = "/api/v1/namespaces/default/configmaps"

        let sent: JSON = ["kind": "ConfigMap", "apiVersion": "v1", "metadata": ["name": "a"], "data": ["k": "v"]]
        let body = try ProtobufEncoder(Self.schema("io.k8s.api.core.v1.ConfigMap")).envelope(sent)
        let created = try server.curl(path, method: "POST", body: body)
        #expect(created.status == 201)
        #expect(created.contentType == Self.mediaType)
        let object = try Self.document(created.body)
        #expect(object["data"] == ["k": "v"])
        #expect(try JSON(parsing: server.curl(path + "/a", accept: "application/json").body) == object)
        #expect(try Self.document(server.curl(path + "/a").body) == object)

        let list = try Self.document(server.curl(path).body)
        #expect(list["kind"] == "ConfigMapList")
        var item = object
        item["kind"] = nil
        item["apiVersion"] = nil
        #expect(list["items"]?.arrayValue?.contains(item) == true)
        let partial = try Self.document(
            server.curl(path, accept: Self.mediaType + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1").body)
        #expect(partial["items"]?.arrayValue?.contains(["metadata": object["metadata"] ?? .null]) == true)

        let watch = try server.curl(
            path + "?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da", accept: Self.mediaType + ";stream=watch"
        )
        #expect(watch.contentType == Self.mediaType + ";stream=watch")
        let length = watch.body.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        #expect(watch.body.count == length + 4)
        let event = try ProtobufWatchEvent(parsing: watch.body.dropFirst(4))
        #expect(event.type == "ADDED")
        #expect(try Self.document(Array(event.object)) == object)

        let missing = try server.curl(path + "/none")
        #expect(missing.status == 404)
        #expect(try Self.document(missing.body)["reason"] == "NotFound")
        let options: JSON = ["kind": "DeleteOptions", "apiVersion": "v1", "preconditions": ["uid": "another"]]
        let optionBytes = try ProtobufEncoder(Self.schema("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"))
            .envelope(options)
        #expect(try server.curl(path + "/a", method: "DELETE", body: optionBytes).status == 409)
        #expect(try server.curl(path + "/a", method: "DELETE").status == 200)
    }

    @Test func discoveryIsThereAndBrokenBodiesAreRefused() async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        try await server.waitUntilReady()
        for path in ["/api", "/apis", "/apis/apps", "/apis/apps/v1", "/api/v1"] {
            let plain = try JSON(parsing: server.curl(path, accept: "application/json").body)
            let answer = try server.curl(path)
            #expect(answer.contentType == Self.mediaType)
            let document = try Self.document(answer.body)
            #expect(document["kind"] == plain["kind"])
            for member in ["groups", "versions", "resources"] { #expect(document[member] == plain[member], "\(path)") }
        }
        let all = ";v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList"
        let aggregated = try Self.document(server.curl("/apis", accept: Self.mediaType + all).body)
        #expect(aggregated["items"]?.arrayValue?.isEmpty == false)

        let path = "/api/v1/namespaces/default/configmaps"
        for body: [UInt8] in [Array("{}".utf8), ProtobufEnvelope.magic + [18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] {
            #expect(try server.curl(path, method: "POST", body: body).status == 400)
        }
        #expect(try server.curl("/version").status == 406)
    }
}

/// `martlet apiserver` on a directory of its own.
final class ServerProcess {
    struct Answer {
        var status: Int
        var contentType: String
        var body: [UInt8]
    }

    private let process = Process()
    private let folder: URL
    private let port = Int.random(in: 20_000..<28_000)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-wire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tokens = folder.appendingPathComponent("tokens.csv")
        try Data("test-token,admin,uid-1,\"system:masters\"\n".utf8).write(to: tokens)
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = products.appendingPathComponent("martlet")
        process.arguments = [
            "apiserver", "--data-dir", folder.appendingPathComponent("data").path, "--secure-port", String(port),
            "--token-auth-file", tokens.path, "--disable-admission-plugins", "ServiceAccount",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try curl("/readyz").status != 200 {
            try #require(ContinuousClock.now < deadline, "the server did not become ready")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func curl(
        _ path: String, method: String = "GET", accept: String = ProtobufServerTests.mediaType,
        contentType: String = ProtobufServerTests.mediaType, body: [UInt8]? = nil
    ) throws -> Answer {
        let output = folder.appendingPathComponent("body")
        let input = folder.appendingPathComponent("request")
        try Data().write(to: output)
        var arguments = [
            "curl", "--silent", "--insecure", "--max-time", "60", "--request", method, "--output", output.path,
            "--write-out", "%{http_code} %{content_type}", "--header", "Accept: " + accept, "--header",
            "Authorization: Bearer test-token",
        ]
        if let body {
            try Data(body).write(to: input)
            arguments += [
                "--header", "Content-Type: " + contentType, "--data-binary", "@" + input.path,
            ]
        }
        let curl = Process()
        let pipe = Pipe()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        curl.arguments = arguments + ["https://127.0.0.1:\(port)" + path]
        curl.standardOutput = pipe
        try curl.run()
        let summary = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        curl.waitUntilExit()
        let words = summary.split(separator: " ", maxSplits: 1)
        return Answer(
            status: words.first.flatMap { Int($0) } ?? 0, contentType: words.count > 1 ? String(words[1]) : "",
            body: Array(try Data(contentsOf: output)))
    }
}
