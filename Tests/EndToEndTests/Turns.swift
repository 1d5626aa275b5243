import Synchronization
import Testing

/// Lets so many suites run at once as the machine can run control planes, each of which is four processes; the others
/// wait for their turn, and no time limit of a test counts that.
struct Turns: SuiteTrait, TestScoping {
    private static let free = Semaphore(count: 2)

    /// Control planes that the suite runs at once.
    let count: Int

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.free.take(count)
        defer { Self.free.give(count) }
        try await function()
    }
}

extension Trait where Self == Turns {
    static var inTurn: Turns { Turns(count: 1) }
    static func takingTurns(_ count: Int) -> Turns { Turns(count: count) }
}

/// Counts what there is of something, and lets tasks wait for it, first come first served.
private final class Semaphore: Sendable {
    private struct State {
        var free: Int
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// The first of those who wait, if there is enough for it.
        mutating func next() -> CheckedContinuation<Void, Never>? {
            guard let first = waiters.first, first.count <= free else { return nil }
            free -= first.count
            return waiters.removeFirst().continuation
        }
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(free: count)) }

    /// - Parameter count: no more than there ever are.
    func take(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.waiters.isEmpty, state.free >= count else {
                    state.waiters.append((count, continuation))
                    return false
                }
                state.free -= count
                return true
            }
            if isTaken { continuation.resume() }
        }
    }

    func give(_ count: Int) {
        state.withLock { $0.free += count }
        while let next = state.withLock({ $0.next() }) { next.resume() }
    }
}
