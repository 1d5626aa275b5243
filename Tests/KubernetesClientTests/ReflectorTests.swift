import APIMachinery
import JSON
import KubernetesClient
import Synchronization
import Testing

@Suite struct ReflectorTests {
    /// Writes down what the reflector does to its store.
    private final class Recorder: ReflectorStore {
        private let lines = Mutex<[String]>([])

        var log: [String] { lines.withLock { $0 } }

        func replace(_ objects: [KubernetesObject], resourceVersion: String) async {
            let names = objects.map(\.name).sorted().joined(separator: ",")
            lines.withLock { $0.append("replace \(names) @\(resourceVersion)") }
        }

        func apply(_ event: WatchEvent) async {
            let line =
                switch event {
                case .added(let object): "add \(object.name)"
                case .modified(let object): "modify \(object.name)"
                case .deleted(let object): "delete \(object.name)"
                case .bookmark: "bookmark"
                case .error: "error"
                }
            lines.withLock { $0.append(line) }
        }
    }

    private typealias Answer = @Sendable (TransportRequest) throws -> TransportResponse

    private static func configMap(_ name: String, _ version: Int) -> JSON { Sample.configMap(name, version: version) }

    /// Runs a reflector over answers until all are used up and the log has so many lines.
    /// - Parameter furtherRequests: that are waited for and get no answer.
    private func run(
        _ answers: [Answer], lines: Int, furtherRequests: Int = 0, isStreaming: Bool = true,
        time: ManualTimeSource = ManualTimeSource()
    ) async -> (log: [String], targets: [String]) {
        let script = AnswerScript(answers)
        let server = ScriptedServer { try await script.answer($0) }
        let recorder = Recorder()
        var options = Reflector.Options()
        options.timeSource = time
        options.random = .constant(0)
        options.usesStreamingList = isStreaming
        let reflector = Reflector(
            APIClient(transport: server).resource(.configMaps), store: recorder, options: options)
        let task = Task { await reflector.run() }
        await time.run(until: "the answers are used up and the log is complete") {
            script.isUsedUp && recorder.log.count >= lines && server.requests.count >= answers.count + furtherRequests
        }
        task.cancel()
        await task.value
        return (recorder.log, server.targets.map(Self.parameters))
    }

    /// What tells a request of a reflector from another.
    private static func parameters(_ target: String) -> String {
        let kept = ["sendInitialEvents", "resourceVersion", "continue"]
        let query = target.split(separator: "?").dropFirst().first ?? ""
        let items = query.split(separator: "&").filter { item in kept.contains { item.hasPrefix($0 + "=") } }
        return ((query.contains("watch=true") ? ["watch"] : ["list"]) + items.map(String.init)).joined(separator: " ")
    }

    private static func initialEvents(_ objects: [JSON], version: Int) -> [JSON] {
        objects.map { Sample.event("ADDED", $0) } + [Sample.bookmark(version, endsInitialEvents: true)]
    }

    @Test func listsByAStreamAndFollowsIt() async {
        let events =
            Self.initialEvents([Self.configMap("a", 3), Self.configMap("b", 2)], version: 7) + [
                Sample.event("MODIFIED", Self.configMap("a", 8)), Sample.event("ADDED", Self.configMap("c", 9)),
                Sample.bookmark(12), Sample.event("DELETED", Self.configMap("b", 13)),
            ]
        let (log, targets) = await run(
            [{ _ in .stream(ScriptedStream(events, isEnded: true)) }], lines: 4, furtherRequests: 1)
        #expect(log == ["replace a,b @7", "modify a", "add c", "delete b"])
        #expect(targets == ["watch sendInitialEvents=true", "watch resourceVersion=13"])
    }

    @Test func replacesNothingBeforeTheInitialEventsEnd() async {
        let (log, targets) = await run(
            [
                { _ in
                    let stream = ScriptedStream([Sample.event("ADDED", Self.configMap("a", 3)), Sample.bookmark(4)])
                    stream.fail(TransportError(.connectionLost, "broken"))
                    return .stream(stream)
                },
                { _ in .stream(ScriptedStream(Self.initialEvents([Self.configMap("b", 5)], version: 6))) },
            ], lines: 1, time: ManualTimeSource())
        #expect(log == ["replace b @6"])
        #expect(targets.prefix(2) == ["watch sendInitialEvents=true", "watch sendInitialEvents=true"])
    }

    @Test(arguments: [400, 422])
    func fallsBackToPagesWhereTheStreamIsRefused(code: Int) async {
        let (log, targets) = await run(
            [
                { _ in .failure(code, "Invalid", "sendInitialEvents is forbidden") },
                { _ in .json(Sample.list([Self.configMap("a", 1)], version: 5, continueToken: "t")) },
                { _ in .json(Sample.list([Self.configMap("b", 2)], version: 5)) },
                { _ in .stream(ScriptedStream([Sample.event("ADDED", Self.configMap("c", 6))], isEnded: true)) },
            ], lines: 2, furtherRequests: 1)
        #expect(log == ["replace a,b @5", "add c"])
        #expect(
            targets == [
                "watch sendInitialEvents=true", "list", "list continue=t", "watch resourceVersion=5",
                "watch resourceVersion=6",
            ])
    }

    @Test func fallsBackWhereStreamsEndWithoutTheirBookmark() async {
        let unfinished: Answer = { _ in
            .stream(ScriptedStream([Sample.event("ADDED", Self.configMap("a", 1))], isEnded: true))
        }
        let (log, targets) = await run(
            [unfinished, unfinished, { _ in .json(Sample.list([Self.configMap("a", 1)], version: 5)) }], lines: 1)
        #expect(log == ["replace a @5"])
        #expect(targets[2] == "list")
    }

    @Test func goesOnFromTheLastVersionAfterABrokenStream() async {
        let (log, targets) = await run(
            [
                { _ in
                    let stream = ScriptedStream(
                        Self.initialEvents([], version: 5) + [Sample.event("ADDED", Self.configMap("a", 6))])
                    stream.send(raw: "{\"type\":\"ADD")
                    stream.fail(TransportError(.connectionLost, "broken"))
                    return .stream(stream)
                },
                { _ in throw TransportError(.cannotConnect, "refused") },
                { _ in .stream(ScriptedStream([Sample.event("ADDED", Self.configMap("b", 7))])) },
            ], lines: 3)
        #expect(log == ["replace  @5", "add a", "add b"])
        #expect(
            targets.prefix(3) == [
                "watch sendInitialEvents=true", "watch resourceVersion=6", "watch resourceVersion=6",
            ])
    }

    @Test func goesOnFromABookmark() async {
        let events = Self.initialEvents([Self.configMap("a", 1)], version: 5) + [Sample.bookmark(50)]
        let (_, targets) = await run(
            [{ _ in .stream(ScriptedStream(events, isEnded: true)) }], lines: 1, furtherRequests: 1)
        #expect(targets.last == "watch resourceVersion=50")
    }

    @Test(arguments: [true, false])
    func listsAnewWhenTheVersionIsGone(asEvent: Bool) async {
        let gone: Answer = { _ in
            asEvent ? .stream(ScriptedStream([Sample.expired])) : .failure(410, "Expired", "too old resource version")
        }
        let (log, targets) = await run(
            [
                { _ in .stream(ScriptedStream(Self.initialEvents([Self.configMap("a", 1)], version: 5), isEnded: true))
                },
                gone,
                { _ in .stream(ScriptedStream(Self.initialEvents([Self.configMap("b", 8)], version: 9))) },
            ], lines: 2)
        #expect(log == ["replace a @5", "replace b @9"])
        #expect(
            targets.prefix(3) == [
                "watch sendInitialEvents=true", "watch resourceVersion=5", "watch sendInitialEvents=true",
            ])
    }

    @Test func backsOffFromAServerThatFails() async {
        let time = ManualTimeSource()
        let start = time.uptime
        let refuse: Answer = { _ in throw TransportError(.cannotConnect, "refused") }
        _ = await run(
            [refuse, refuse, refuse, { _ in .json(Sample.list([], version: 1)) }], lines: 1, isStreaming: false,
            time: time)
        // 0.8 s, 1.6 s, 3.2 s
        #expect(time.uptime - start >= .milliseconds(5600))
    }
}
