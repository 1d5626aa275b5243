import Synchronization
import Testing

/// Lets so many suites run at once as the machine can run control planes, each of which is four processes; the others
/// wait for their turn, and no time limit of a test counts that.
struct Turns: SuiteTrait, TestScoping {
    private static let free = Semaphore(count: 2)

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.free.take()
        defer { Self.free.give() }
        try await function()
    }
}

extension Trait where Self == Turns {
    static var inTurn: Turns { Turns() }
}

/// Counts what there is of something, and lets tasks wait for it, first come first served.
private final class Semaphore: Sendable {
    private struct State {
        var count: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(count: count)) }

    func take() async {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.count > 0 else {
                    state.waiters.append(continuation)
                    return false
                }
                state.count -= 1
                return true
            }
            if isTaken { continuation.resume() }
        }
    }

    func give() {
        let next = state.withLock { state in
            guard state.waiters.isEmpty else { return Optional(state.waiters.removeFirst()) }
            state.count += 1
            return nil
        }
        next?.resume()
    }
}
