import Synchronization

/// Keys that wait for work: each once, however often it was added, and never with two workers at once.
///
/// A key that is added while a worker has it waits until that worker is done. The rules, and the rates, are those of
/// client-go's `workqueue`.
///
/// ```swift
/// while let key = await queue.next() {
///     await work(on: key)
///     queue.done(key)
/// }
/// ```
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    /// What `addRateLimited` does: the longer of an item's own backoff and of the wait for the whole queue's rate.
    public struct RateLimits: Sendable {
        public var perKey: ExponentialBackoff
        public var overall: TokenBucket?

        public init(perKey: ExponentialBackoff = .workQueue, overall: TokenBucket? = TokenBucket(rate: 10, burst: 100))
        {
            self.perKey = perKey
            self.overall = overall
        }
    }

    private struct Waiter {
        var id: Int
        var continuation: CheckedContinuation<Key?, Never>
    }

    private struct State {
        var ready = FIFO<Key>()
        /// Waits for work: in `ready`, or for its worker to be done.
        var dirty: Set<Key> = []
        var processing: Set<Key> = []
        var failures: [Key: Int] = [:]
        var delayed = DelayedKeys<Key>()
        /// When the timer will wake; `nil` while none runs.
        var wakesAt: Duration?
        var timer: Task<Void, Never>?
        var overall: TokenBucket?
        var waiters = FIFO<Waiter>()
        var cancelledWaiters: Set<Int> = []
        var nextWaiter = 0
        var isShutDown = false
    }

    private let state: Mutex<State>
    private let backoff: ExponentialBackoff
    private let timeSource: any TimeSource

    public init(rateLimits: RateLimits = RateLimits(), timeSource: any TimeSource = SystemTimeSource()) {
        var state = State()
        state.overall = rateLimits.overall
        self.state = Mutex(state)
        backoff = rateLimits.perKey
        self.timeSource = timeSource
    }

    deinit { state.withLock { $0.timer?.cancel() } }

    /// Keys that wait for a worker (not those that wait for a time).
    public var count: Int { state.withLock { $0.ready.count } }

    /// Keys that wait for a time.
    public var delayedCount: Int { state.withLock { $0.delayed.count } }

    public var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// Adds a key unless it waits already.
    public func add(_ key: Key) {
        let handOver = state.withLock { Self.add(key, to: &$0) }
        handOver?()
    }

    /// Adds a key after a time; of several times for one key the earliest counts.
    public func add(_ key: Key, after delay: Duration) {
        guard delay > .zero else { return add(key) }
        let now = timeSource.uptime
        state.withLock { state in
            guard !state.isShutDown else { return }
            state.delayed.insert(key, at: now + delay)
            armTimer(&state, now: now)
        }
    }

    /// Adds a key that failed, after its backoff.
    public func addRateLimited(_ key: Key) {
        let now = timeSource.uptime
        let delay = state.withLock { state in
            let failures = state.failures[key, default: 0]
            state.failures[key] = failures + 1
            let shared = state.overall?.reserve(at: now) ?? .zero
            return max(shared, backoff.delay(afterFailures: failures))
        }
        add(key, after: delay)
    }

    /// The key succeeded: its next failure backs off from the beginning.
    public func forget(_ key: Key) { state.withLock { $0.failures[key] = nil } }

    /// How often the key was added by `addRateLimited` since it was last forgotten.
    public func failures(of key: Key) -> Int { state.withLock { $0.failures[key, default: 0] } }

    /// Waits for a key. Each key that it returns must be given back to `done(_:)`.
    /// - Returns: `nil` after `shutDown()` when no key is left, or when the task is cancelled.
    public func next() async -> Key? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Key?? = state.withLock { state in
                    if state.cancelledWaiters.remove(id) != nil { return .some(nil) }
                    if let key = state.ready.popFirst() {
                        Self.take(key, in: &state)
                        return .some(key)
                    }
                    if state.isShutDown { return .some(nil) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeFirst { $0.id == id }
                if waiter == nil { state.cancelledWaiters.insert(id) }
                return waiter
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// The worker is done with a key, which is free for the next if it was added meanwhile.
    public func done(_ key: Key) {
        let handOver = state.withLock { state -> (() -> Void)? in
            state.processing.remove(key)
            guard state.dirty.contains(key) else { return nil }
            return Self.enqueue(key, in: &state)
        }
        handOver?()
    }

    /// Takes no more keys; `next()` hands out those that are there, then `nil`.
    public func shutDown() {
        let waiters = state.withLock { state in
            state.isShutDown = true
            state.delayed = DelayedKeys()
            state.timer?.cancel()
            state.timer = nil
            return state.waiters.removeAll()
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// - Returns: what to call outside the lock, to resume the worker that got the key.
    private static func add(_ key: Key, to state: inout State) -> (() -> Void)? {
        guard !state.isShutDown, state.dirty.insert(key).inserted else { return nil }
        if state.processing.contains(key) { return nil }
        return enqueue(key, in: &state)
    }

    private static func enqueue(_ key: Key, in state: inout State) -> (() -> Void)? {
        guard let waiter = state.waiters.popFirst() else {
            state.ready.append(key)
            return nil
        }
        take(key, in: &state)
        return { waiter.continuation.resume(returning: key) }
    }

    private static func take(_ key: Key, in state: inout State) {
        state.dirty.remove(key)
        state.processing.insert(key)
    }
}

// Waiting for a time: one timer, for the earliest key.
extension WorkQueue {
    private func armTimer(_ state: inout State, now: Duration) {
        guard let earliest = state.delayed.earliest else { return }
        if let wakesAt = state.wakesAt, wakesAt <= earliest { return }
        state.timer?.cancel()
        state.wakesAt = earliest
        state.timer = Task { [weak self, timeSource] in
            do { try await timeSource.sleep(for: max(earliest - now, .zero)) } catch { return }
            self?.addDue(wokenFor: earliest)
        }
    }

    private func addDue(wokenFor time: Duration) {
        let now = timeSource.uptime
        let handOvers = state.withLock { state -> [() -> Void] in
            // A timer that was replaced while it woke leaves the work to its successor.
            guard state.wakesAt == time else { return [] }
            state.wakesAt = nil
            state.timer = nil
            var handOvers: [() -> Void] = []
            while let key = state.delayed.popDue(at: now) {
                if let handOver = Self.add(key, to: &state) { handOvers.append(handOver) }
            }
            armTimer(&state, now: now)
            return handOvers
        }
        for handOver in handOvers { handOver() }
    }
}
