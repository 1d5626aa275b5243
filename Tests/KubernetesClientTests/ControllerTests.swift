import KubernetesClient
import Synchronization
import Testing

@Suite struct ControllerTests {
    private struct Failure: Error {}

    /// Runs a controller whose n-th reconciliation of a key does as it is told.
    private func run(
        _ behaviour: @escaping @Sendable (_ key: String, _ attempt: Int) throws -> ReconcileResult,
        add keys: [String], time: ManualTimeSource = ManualTimeSource(),
        until isDone: ([String]) -> Bool
    ) async throws -> [String] {
        let log = Mutex<[String]>([])
        let queue = WorkQueue<String>(timeSource: time)
        let controller = Controller(name: "test", workers: 2, queue: queue) { key in
            let attempt = log.withLock { log in
                log.append(key)
                return log.count { $0 == key }
            }
            return try behaviour(key, attempt)
        }
        for key in keys { queue.add(key) }
        let task = Task { try await controller.run() }
        await time.run(until: "the controller has done its work") { isDone(log.withLock { $0 }) }
        task.cancel()
        try await task.value
        return log.withLock { $0 }
    }

    @Test func reconcilesEachKey() async throws {
        let log = try await run({ _, _ in .done }, add: ["a", "b", "c"]) { $0.count == 3 }
        #expect(log.sorted() == ["a", "b", "c"])
    }

    @Test func triesAgainAfterAnErrorWithBackoff() async throws {
        let time = ManualTimeSource()
        let log = try await run(
            { _, attempt in
                if attempt < 4 { throw Failure() }
                return .done
            }, add: ["a"], time: time
        ) { $0.count == 4 }
        #expect(log == ["a", "a", "a", "a"])
        #expect(time.uptime == .milliseconds(5 + 10 + 20))
    }

    @Test func comesBackAfterTheTimeItWasTold() async throws {
        let time = ManualTimeSource()
        let log = try await run({ _, attempt in attempt == 1 ? .after(.seconds(30)) : .done }, add: ["a"], time: time) {
            $0.count == 2
        }
        #expect(log == ["a", "a"])
        #expect(time.uptime == .seconds(30))
    }

    @Test func givesUpOnATerminalError() async throws {
        let time = ManualTimeSource()
        let queue = WorkQueue<String>(timeSource: time)
        let attempts = Mutex(0)
        let controller = Controller(name: "test", queue: queue) { key in
            attempts.withLock { $0 += 1 }
            throw TerminalError("cannot be done")
        }
        queue.add("a")
        let task = Task { try await controller.run() }
        await eventually("the key is tried") { attempts.withLock { $0 } == 1 }
        queue.shutDown()
        try await task.value
        #expect(queue.delayedCount == 0)
        #expect(queue.failures(of: "a") == 0)
    }

    @Test func waitsForItsInformers() async throws {
        let script = ScriptedStream()
        let client = APIClient(transport: ScriptedServer { _ in .stream(script) })
        let informer = Informer(client.resource(.configMaps))
        let started = Mutex(false)
        let queue = WorkQueue<String>()
        let controller = Controller(name: "test", queue: queue, waitingFor: [informer]) { key in
            #expect(informer.hasSynced)
            started.withLock { $0 = true }
            return .done
        }
        queue.add("a")
        let task = Task {
            try await withThrowingTaskGroup { group in
                group.addTask { await informer.run() }
                group.addTask { try await controller.run() }
                try await group.waitForAll()
            }
        }
        script.send(Sample.bookmark(1, endsInitialEvents: true))
        await eventually("the worker runs") { started.withLock { $0 } }
        task.cancel()
        _ = await task.result
    }
}
