import JSON
import KubernetesClient
import Synchronization
import Testing

@Suite struct LeaderElectorTests {
    /// A server that knows one lease, with the compare-and-set of the real one.
    private final class LeaseServer: APITransport {
        private struct State {
            var lease: JSON?
            var version = 0
            var isDown = false
        }

        private let state = Mutex(State())

        var lease: KubernetesObject? { state.withLock { $0.lease.map { KubernetesObject($0) } } }
        var holder: String { lease?.spec?["holderIdentity"]?.stringValue ?? "" }

        func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

        func seize(by holder: String) {
            state.withLock { state in
                state.version += 1
                state.lease?["spec"]?["holderIdentity"] = .string(holder)
                state.lease?["metadata"]?["resourceVersion"] = .string(String(state.version))
            }
        }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            try Task.checkCancellation()
            return try state.withLock { state in
                if state.isDown { throw TransportError(.cannotConnect, "down") }
                switch request.method {
                case .get: return state.lease.map { .json($0) } ?? .failure(404, "NotFound")
                case .post where state.lease != nil: return .failure(409, "AlreadyExists")
                case .put where state.lease == nil: return .failure(404, "NotFound")
                default: break
                }
                var sent = try JSON(parsing: request.body ?? [])
                let isStale = sent["metadata"]?["resourceVersion"] != state.lease?["metadata"]?["resourceVersion"]
                if isStale { return .failure(409, "Conflict") }
                state.version += 1
                sent["metadata"]?["resourceVersion"] = .string(String(state.version))
                state.lease = sent
                return .json(sent)
            }
        }
    }

    private static func elector(_ server: LeaseServer, _ identity: String, _ time: ManualTimeSource) -> LeaderElector {
        var options = LeaderElector.Options()
        options.timeSource = time
        options.random = .constant(0)
        return LeaderElector(
            client: APIClient(transport: server), lease: NamespacedName(namespace: "kube-system", name: "test"),
            identity: identity, options: options)
    }

    @Test func takesAFreeLeaseAndReleasesItAtTheEnd() async throws {
        let server = LeaseServer()
        let elector = Self.elector(server, "one", ManualTimeSource())
        try await elector.run {
            #expect(server.holder == "one")
            #expect(server.lease?.spec?["leaseDurationSeconds"]?.intValue == 15)
            #expect(server.lease?.spec?["renewTime"]?.stringValue?.count == 27)
        }
        #expect(server.holder == "")
        #expect(!elector.isLeader)
    }

    @Test func renewsAndKeepsOthersOut() async throws {
        let server = LeaseServer()
        let time = ManualTimeSource()
        let executor = SteppingExecutor()
        let first = Task(executorPreference: executor) {
            try await Self.elector(server, "one", time).run { try await Task.sleep(for: .seconds(999)) }
        }
        executor.runUntilIdle()
        #expect(server.holder == "one")
        let second = Task(executorPreference: executor) {
            try await Self.elector(server, "two", time).run { Issue.record("two leaders") }
        }
        let start = server.lease?.resourceVersion
        await time.run(until: "a minute passes", on: executor) { time.uptime > .seconds(60) }
        #expect(server.holder == "one")
        #expect(server.lease?.resourceVersion != start)
        executor.letGo()
        second.cancel()
        _ = await second.result
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(server.holder == "", "a cancelled leader releases the lease")
    }

    @Test func takesOverALeaseThatIsNotRenewed() async throws {
        let server = LeaseServer()
        let time = ManualTimeSource()
        let first = Self.elector(server, "one", time)
        try await first.run {}
        server.seize(by: "dead")
        let seizedAt = time.uptime
        let took = Mutex<Duration?>(nil)
        let executor = SteppingExecutor()
        let second = Task(executorPreference: executor) {
            try await Self.elector(server, "two", time).run { took.withLock { $0 = time.uptime } }
        }
        await time.run(until: "the second leads", on: executor) { took.withLock { $0 } != nil }
        executor.letGo()
        try await second.value
        // The released lease had a duration of one second; the candidate looks every two.
        #expect(try #require(took.withLock { $0 }) - seizedAt >= .seconds(1))
        #expect(server.lease?.spec?["leaseTransitions"]?.intValue == 1)
    }

    @Test func stopsWorkWhenItCannotRenewInTime() async throws {
        let server = LeaseServer()
        let time = ManualTimeSource()
        let executor = SteppingExecutor()
        let wasCancelled = Mutex(false)
        let task = Task(executorPreference: executor) {
            try await Self.elector(server, "one", time).run {
                do { try await Task.sleep(for: .seconds(999)) } catch { wasCancelled.withLock { $0 = true } }
                try Task.checkCancellation()
            }
        }
        executor.runUntilIdle()
        #expect(server.holder == "one")
        server.setDown(true)
        let start = time.uptime
        await time.run(until: "the work is cancelled", on: executor) { wasCancelled.withLock { $0 } }
        executor.letGo()
        #expect(time.uptime - start >= .seconds(9))
        #expect(time.uptime - start <= .seconds(13))
        await #expect(throws: LeaderElector.LeadershipLost.self) { try await task.value }
    }

    @Test func stopsWorkWhenAnotherHoldsTheLease() async throws {
        let server = LeaseServer()
        let time = ManualTimeSource()
        let executor = SteppingExecutor()
        let task = Task(executorPreference: executor) {
            try await Self.elector(server, "one", time).run { try await Task.sleep(for: .seconds(999)) }
        }
        executor.runUntilIdle()
        #expect(server.holder == "one")
        server.seize(by: "two")
        let isOver = Mutex(false)
        let result = Task {
            let result = await task.result
            isOver.withLock { $0 = true }
            return result
        }
        await time.run(until: "the leader notices", on: executor) { isOver.withLock { $0 } }
        executor.letGo()
        await #expect(throws: LeaderElector.LeadershipLost.self) { try await result.value.get() }
        #expect(server.holder == "two")
    }
}
