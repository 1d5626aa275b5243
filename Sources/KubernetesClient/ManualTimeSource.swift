public import APIMachinery
import Synchronization

/// Time that stands still until it is moved: for tests, and for simulations.
public final class ManualTimeSource: TimeSource {
    private struct Sleeper {
        var wakeAt: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var uptime: Duration = .zero
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Sleeps that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let start: KubernetesTime
    private let state = Mutex(State())

    /// - Parameter start: the wall time at an uptime of zero.
    public init(start: KubernetesTime = KubernetesTime(epochSeconds: 1_767_225_600)) { self.start = start }

    public var uptime: Duration { state.withLock { $0.uptime } }

    public var wallTime: KubernetesTime { start + uptime }

    /// How many tasks are asleep: a test waits for them before it moves the time.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// The time until the next sleeper wakes.
    public var untilNextWake: Duration? {
        state.withLock { state in state.sleepers.values.map(\.wakeAt).min().map { $0 - state.uptime } }
    }

    /// Moves the time on and wakes whoever slept until then.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.wakeAt <= state.uptime }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.wakeAt < $1.wakeAt }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        if duration <= .zero { return }
        let (id, wakeAt) = state.withLock { state in
            state.nextID += 1
            return (state.nextID, state.uptime + duration)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.uptime >= wakeAt { return .success(()) }
                    state.sleepers[id] = Sleeper(wakeAt: wakeAt, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }
}
