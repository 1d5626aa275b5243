import APIMachinery
import JSON
import KubernetesClient
import Synchronization
import Testing

@Suite struct RequestTests {
    private static let object = Sample.configMap("a", version: 5)

    private static func target(
        _ body: (APIClient) async throws -> Void
    ) async throws -> TransportRequest {
        let server = ScriptedServer { request in
            request.target.contains("watch=") ? .stream(ScriptedStream(isEnded: true)) : .json(object)
        }
        try await body(APIClient(transport: server))
        return try #require(server.requests.first)
    }

    @Test func addressesResources() async throws {
        var request = try await Self.target { _ = try await $0.resource(.pods, namespace: "x").get("p") }
        #expect(request.method == .get)
        #expect(request.target == "/api/v1/namespaces/x/pods/p")
        request = try await Self.target { _ = try await $0.resource(.nodes).get("n", resourceVersion: "0") }
        #expect(request.target == "/api/v1/nodes/n?resourceVersion=0")
        request = try await Self.target { _ = try await $0.resource(.clusterRoles).get("system:a/b") }
        #expect(request.target == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%2Fb")
    }

    @Test func takesTheNamespaceOfTheObject() async throws {
        let configMap = KubernetesObject(Self.object)
        var request = try await Self.target { _ = try await $0.resource(.configMaps).create(configMap) }
        #expect(request.target == "/api/v1/namespaces/default/configmaps")
        request = try await Self.target { _ = try await $0.resource(.configMaps).updateStatus(configMap) }
        #expect(request.method == .put)
        #expect(request.target == "/api/v1/namespaces/default/configmaps/a/status")
        #expect(request.headers.contains(TransportHeader("Content-Type", "application/json")))
    }

    @Test func encodesListOptions() async throws {
        let server = ScriptedServer { _ in .json(Sample.list([Self.object], version: 9, continueToken: "next")) }
        let list = try await APIClient(transport: server).resource(.configMaps, namespace: "x").list(
            ListOptions(
                selection: ObjectSelection(labelSelector: "app in (a,b),c!=d", fieldSelector: "metadata.name=n"),
                limit: 3, continueToken: "a+b=", resourceVersion: "7", resourceVersionMatch: .exact))
        #expect(
            server.targets == [
                "/api/v1/namespaces/x/configmaps?labelSelector=app%20in%20%28a%2Cb%29%2Cc%21%3Dd"
                    + "&fieldSelector=metadata.name%3Dn&limit=3&continue=a%2Bb%3D&resourceVersion=7"
                    + "&resourceVersionMatch=Exact"
            ])
        #expect(list.resourceVersion == "9")
        #expect(list.continueToken == "next")
        #expect(list.items.map(\.kind) == ["ConfigMap"])
        #expect(list.items.map(\.apiVersion) == ["v1"])
    }

    @Test func encodesWatchOptions() async throws {
        let request = try await Self.target { client in
            _ = try await client.resource(.pods).watch(
                WatchOptions(sendsInitialEvents: true, timeoutSeconds: 300))
        }
        #expect(
            request.target == "/api/v1/pods?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
                + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=300")
        #expect(request.timeout == .seconds(330))
    }

    @Test(arguments: [
        (Patch.json([["op": "remove", "path": "/a"]]), "application/json-patch+json", ""),
        (.merge(["a": 1]), "application/merge-patch+json", ""),
        (.strategic(["a": 1]), "application/strategic-merge-patch+json", ""),
        (
            .apply(["a": 1], fieldManager: "me", force: true), "application/apply-patch+yaml",
            "?fieldManager=me&force=true"
        ),
    ])
    func encodesPatches(patch: Patch, contentType: String, query: String) async throws {
        let request = try await Self.target { _ = try await $0.resource(.pods, namespace: "x").patch("p", patch) }
        #expect(request.method == .patch)
        #expect(request.target == "/api/v1/namespaces/x/pods/p" + query)
        #expect(request.headers.contains(TransportHeader("Content-Type", contentType)))
    }

    @Test func encodesDeleteOptions() async throws {
        let request = try await Self.target { client in
            try await client.resource(.pods, namespace: "x").delete(
                "p",
                DeleteOptions(
                    preconditions: .init(uid: "u"), propagationPolicy: .foreground, gracePeriodSeconds: 0,
                    isDryRun: true))
        }
        let body = try JSON(parsing: #require(request.body))
        let expected: JSON = [
            "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "preconditions": ["uid": "u"],
            "propagationPolicy": "Foreground", "dryRun": ["All"],
        ]
        #expect(body == expected)
    }

    @Test func writesSubresources() async throws {
        var request = try await Self.target {
            try await $0.resource(.pods, namespace: "x").bind(pod: "p", toNode: "n")
        }
        #expect(request.target == "/api/v1/namespaces/x/pods/p/binding")
        request = try await Self.target { try await $0.resource(.pods, namespace: "x").evict(pod: "p") }
        #expect(request.target == "/api/v1/namespaces/x/pods/p/eviction")
        request = try await Self.target {
            _ = try await $0.resource(.deployments, namespace: "x").scale("d", replicas: 3)
        }
        #expect(request.target == "/apis/apps/v1/namespaces/x/deployments/d/scale")
        request = try await Self.target {
            _ = try await $0.resource(.namespaces).finalize(KubernetesObject(.namespaces, name: "ns"))
        }
        #expect(request.target == "/api/v1/namespaces/ns/finalize")
    }

    @Test func turnsFailuresIntoStatuses() async throws {
        let server = ScriptedServer { request in
            request.target.hasSuffix("gone")
                ? .failure(404, "NotFound", "pods \"gone\" not found")
                : TransportResponse(status: 502, body: TransportBody(Array("bad gateway".utf8)))
        }
        let pods = APIClient(transport: server).resource(.pods, namespace: "x")
        var status = await #expect(throws: APIStatus.self) { _ = try await pods.get("gone") }
        #expect(status?.isNotFound == true)
        #expect(status?.message == "pods \"gone\" not found")
        status = await #expect(throws: APIStatus.self) { _ = try await pods.get("other") }
        #expect(status?.code == 502)
        #expect(status?.message == "bad gateway")
    }

    @Test func sendsAgainWhatTheServerPutOff() async throws {
        let time = ManualTimeSource()
        let script = AnswerScript([
            { _ in .json([:], status: 429, headers: [TransportHeader("Retry-After", "3")]) },
            { _ in .json(Self.object) },
        ])
        var options = APIClient.Options()
        options.timeSource = time
        let client = APIClient(transport: ScriptedServer { try await script.answer($0) }, options: options)
        async let object = client.resource(.configMaps, namespace: "default").get("a")
        await eventually("the client waits") { time.untilNextWake == .seconds(3) }
        time.advance(by: .seconds(3))
        #expect(try await object.name == "a")
    }

    @Test func keepsToItsRate() async throws {
        let time = ManualTimeSource()
        var options = APIClient.Options()
        options.timeSource = time
        options.rateLimit = .init(requestsPerSecond: 2, burst: 1)
        let server = ScriptedServer { _ in .json(Self.object) }
        let pods = APIClient(transport: server, options: options).resource(.pods, namespace: "x")
        _ = try await pods.get("a")
        async let second = pods.get("b")
        await eventually("the client waits") { time.untilNextWake == .milliseconds(500) }
        #expect(server.requests.count == 1)
        time.advance(by: .milliseconds(500))
        _ = try await second
    }

    @Test func handsWarningsOver() async throws {
        let warnings = Mutex<[String]>([])
        var options = APIClient.Options()
        options.onWarning = { text in warnings.withLock { $0.append(text) } }
        let server = ScriptedServer { _ in
            .json(Self.object, headers: [TransportHeader("Warning", #"299 - "old \"kind\"", 299 - "two""#)])
        }
        _ = try await APIClient(transport: server, options: options).resource(.pods, namespace: "x").get("a")
        #expect(warnings.withLock { $0 } == ["old \"kind\"", "two"])
    }

    @Test func readsATokenFileAgain() async throws {
        let time = ManualTimeSource()
        let directory = try TemporaryDirectory()
        let path = try directory.write("token", "one\n")
        var options = APIClient.Options()
        options.timeSource = time
        let server = ScriptedServer { _ in .json(Self.object) }
        let client = APIClient(transport: server, credentials: .tokenFile(path), options: options)
        _ = try await client.resource(.pods, namespace: "x").get("a")
        try directory.write("token", "two\n")
        _ = try await client.resource(.pods, namespace: "x").get("a")
        time.advance(by: .seconds(61))
        _ = try await client.resource(.pods, namespace: "x").get("a")
        let sent = server.requests.map { $0.headers.first { $0.name == "Authorization" }?.value }
        #expect(sent == ["Bearer one", "Bearer one", "Bearer two"])
    }

    @Test func listsAllPagesAndStartsOverWhenTheyExpire() async throws {
        let a = Sample.configMap("a", version: 1)
        let b = Sample.configMap("b", version: 2)
        let script = AnswerScript([
            { _ in .json(Sample.list([a], version: 5, continueToken: "t")) },
            { _ in .json(Sample.list([b], version: 5)) },
            { _ in .json(Sample.list([a], version: 6, continueToken: "t")) },
            { _ in .failure(410, "Expired") },
            { _ in .json(Sample.list([a, b], version: 7)) },
        ])
        let client = APIClient(transport: ScriptedServer { try await script.answer($0) }).resource(.configMaps)
        var list = try await client.listAll()
        #expect(list.items.map(\.name) == ["a", "b"])
        list = try await client.listAll()
        #expect(list.items.map(\.name) == ["a", "b"])
        #expect(list.resourceVersion == "7")
    }

    @Test func cutsAStreamIntoEvents() async throws {
        let stream = ScriptedStream()
        let text = String(decoding: Sample.event("ADDED", Self.object).encoded, as: UTF8.self)
        for character in text + "\n" { stream.send(raw: String(character)) }
        stream.send(raw: "\n" + text + "\n" + text.replacing("ADDED", with: "DELETED") + "\n" + text.prefix(10))
        stream.end()
        let client = APIClient(transport: ScriptedServer { _ in .stream(stream) })
        var types: [String] = []
        let error = await #expect(throws: TransportError.self) {
            for try await event in try await client.resource(.configMaps).watch() {
                switch event {
                case .added: types.append("added")
                case .deleted: types.append("deleted")
                default: types.append("other")
                }
            }
        }
        #expect(types == ["added", "added", "deleted"])
        #expect(error?.code == .connectionLost)
    }
}
