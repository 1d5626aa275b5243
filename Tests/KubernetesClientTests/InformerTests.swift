import APIMachinery
import JSON
import KubernetesClient
import Synchronization
import Testing

@Suite struct InformerTests {
    private final class Calls: Sendable {
        private let lines = Mutex<[String]>([])

        var log: [String] { lines.withLock { $0 } }

        var handler: InformerHandler {
            InformerHandler(
                onAdd: { object in self.note("add \(object.name)") },
                onUpdate: { old, new in self.note("update \(new.name) \(old.resourceVersion)>\(new.resourceVersion)") },
                onDelete: { object in self.note("delete \(object.name)") })
        }

        private func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private static func configMap(
        _ name: String, _ version: Int, _ namespace: String = "default", uid: String? = nil, owner: String? = nil
    ) -> JSON {
        Sample.configMap(name, version: version, namespace: namespace, uid: uid, owner: owner)
    }

    /// An informer whose watches are the streams, one after the other; it runs during the body.
    private func withInformer(
        _ streams: [ScriptedStream], resync: Duration? = nil, time: ManualTimeSource = ManualTimeSource(),
        transform: (@Sendable (inout KubernetesObject) -> Void)? = nil, _ body: (Informer) async throws -> Void
    ) async throws {
        let script = AnswerScript(streams.map { stream in { _ in .stream(stream) } })
        var options = Informer.Options()
        options.reflector.timeSource = time
        options.reflector.random = .constant(0)
        options.resyncPeriod = resync
        options.transform = transform
        let client = APIClient(transport: ScriptedServer { try await script.answer($0) })
        let informer = Informer(client.resource(.configMaps), options: options)
        let task = Task { await informer.run() }
        try await body(informer)
        task.cancel()
        await task.value
    }

    private static func initial(_ objects: [JSON], version: Int) -> ScriptedStream {
        ScriptedStream(
            objects.map { Sample.event("ADDED", $0) } + [Sample.bookmark(version, endsInitialEvents: true)])
    }

    @Test func servesReadsAndIndexes() async throws {
        let stream = Self.initial(
            [
                Self.configMap("a", 1, owner: "o1"), Self.configMap("b", 2, "other", owner: "o1"),
                Self.configMap("c", 3),
            ],
            version: 5)
        try await withInformer([stream]) { informer in
            informer.addIndex("owner") { $0.ownerReferences.map(\.uid) }
            #expect(!informer.hasSynced)
            try await informer.waitForSync()
            #expect(informer.hasSynced)
            #expect(informer.count == 3)
            #expect(informer.resourceVersion == "5")
            #expect(informer.get(namespace: "other", name: "b")?.resourceVersion == "2")
            #expect(informer.get(namespace: "default", name: "b") == nil)
            #expect(Set(informer.list(namespace: "default").map(\.name)) == ["a", "c"])
            #expect(Set(informer.objects(index: "owner", value: "o1").map(\.name)) == ["a", "b"])
            #expect(informer.objects(index: "none", value: "o1").isEmpty)
            stream.send(Sample.event("MODIFIED", Self.configMap("a", 6, owner: "o2")))
            stream.send(Sample.event("DELETED", Self.configMap("b", 7, "other", owner: "o1")))
            await eventually("the changes arrive") { informer.resourceVersion == "7" }
            #expect(informer.objects(index: "owner", value: "o1").isEmpty)
            #expect(informer.values(ofIndex: "owner") == ["o2"])
            #expect(informer.list(namespace: "other").isEmpty)
            informer.addIndex("version") { [$0.resourceVersion] }
            #expect(informer.objects(index: "version", value: "3").map(\.name) == ["c"])
        }
    }

    @Test func tellsHandlersOfEveryChangeWithTheOldObject() async throws {
        let calls = Calls()
        let stream = Self.initial([Self.configMap("a", 1)], version: 5)
        try await withInformer([stream]) { informer in
            informer.addHandler(calls.handler)
            try await informer.waitForSync()
            #expect(calls.log == ["add a"])
            stream.send(Sample.event("ADDED", Self.configMap("b", 6)))
            stream.send(Sample.event("MODIFIED", Self.configMap("a", 7)))
            stream.send(Sample.event("DELETED", Self.configMap("a", 8)))
            stream.send(Sample.event("DELETED", Self.configMap("never-seen", 9)))
            await eventually("the changes arrive") { informer.resourceVersion == "9" }
            #expect(calls.log == ["add a", "add b", "update a 1>7", "delete a"])
        }
    }

    @Test func tellsALateHandlerOfWhatIsThere() async throws {
        let stream = Self.initial([Self.configMap("a", 1)], version: 5)
        try await withInformer([stream]) { informer in
            try await informer.waitForSync()
            let calls = Calls()
            let registration = informer.addHandler(calls.handler)
            #expect(calls.log == ["add a"])
            informer.removeHandler(registration)
            stream.send(Sample.event("ADDED", Self.configMap("b", 6)))
            await eventually("the change arrives") { informer.count == 2 }
            #expect(calls.log == ["add a"])
        }
    }

    @Test func tellsWhatChangedWhileNoWatchWasThere() async throws {
        let first = Self.initial(
            [
                Self.configMap("same", 1), Self.configMap("changed", 2), Self.configMap("gone", 3),
                Self.configMap("remade", 4),
            ], version: 5)
        let second = Self.initial(
            [
                Self.configMap("same", 1), Self.configMap("changed", 20), Self.configMap("remade", 21, uid: "other"),
                Self.configMap("new", 22),
            ], version: 30)
        let calls = Calls()
        try await withInformer([first, second]) { informer in
            try await informer.waitForSync()
            informer.addHandler(calls.handler)
            first.send(Sample.expired)
            await eventually("the second list arrives") { informer.resourceVersion == "30" }
            #expect(
                calls.log.dropFirst(4).sorted() == [
                    "add new", "add remade", "delete gone", "delete remade", "update changed 2>20",
                ])
        }
    }

    @Test func repeatsItselfAtEachResync() async throws {
        let time = ManualTimeSource()
        let calls = Calls()
        try await withInformer([Self.initial([Self.configMap("a", 1)], version: 5)], resync: .seconds(60), time: time) {
            informer in
            informer.addHandler(calls.handler)
            try await informer.waitForSync()
            await time.run(until: "two periods pass") { calls.log.count >= 3 }
            #expect(calls.log.prefix(3) == ["add a", "update a 1>1", "update a 1>1"])
        }
    }

    @Test func keepsWhatTheTransformLeaves() async throws {
        try await withInformer(
            [Self.initial([Self.configMap("a", 1, owner: "o")], version: 5)],
            transform: { $0.setMetadata("ownerReferences", nil) }
        ) { informer in
            try await informer.waitForSync()
            #expect(informer.get(namespace: "default", name: "a")?.ownerReferences.isEmpty == true)
        }
    }

    @Test func endsWaitingWhenTheTaskIsCancelled() async {
        let informer = Informer(APIClient(transport: ScriptedServer { _ in .json([:]) }).resource(.pods))
        let waiting = Task { try await informer.waitForSync() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func sharesOneInformerAmongAll() async throws {
        let client = APIClient(
            transport: ScriptedServer { request in
                .stream(Self.initial([Self.configMap(request.target.contains("secrets") ? "s" : "c", 1)], version: 2))
            })
        let informers = SharedInformers(client: client)
        let configMaps = informers.informer(for: .configMaps)
        #expect(configMaps === informers.informer(for: .configMaps))
        #expect(configMaps !== informers.informer(for: .configMaps, namespace: "x"))
        let task = Task { await informers.run() }
        try await informers.waitForSync()
        let late = informers.informer(for: .secrets)
        try await late.waitForSync()
        #expect(late.list().map(\.name) == ["s"])
        task.cancel()
        await task.value
    }
}
