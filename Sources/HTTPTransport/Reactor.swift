import CEpoll
import Dispatch
import Glibc
import Synchronization

/// A serial queue that owns some of the connections; a task that prefers it runs there.
///
/// The queue's one block keeps its thread, and waits there for sockets, timers and what others hand it, all at once, in
/// one `epoll_wait`: a wake-up of its own from Dispatch for each would cost several times as much. Work comes in
/// turns: a turn reads what is ready, runs the tasks that this wakes, and at its end flushes each connection that was
/// written to, once. State that is said to be confined to a reactor is touched in its turns alone.
///
/// The block starts with the first work. It ends when the server is down, and for a while there was no socket, no timer
/// and no work.
// Unchecked: `Sendable` by confinement. The variables are touched in turns only, of which one runs at a time; what
// other threads reach is the mutex, the atomics and the poller's wake-up.
public final class Reactor: TaskExecutor, @unchecked Sendable {
    /// Its place among the server's reactors, from 0.
    public let index: Int

    private let queue: DispatchQueue
    let counters = ReactorCounters()
    let poller = ReadinessPoller()

    /// The thread that runs the current turn, 0 between turns.
    private let turnThread = Atomic<UInt>(0)

    private struct Arrivals {
        var work: [Work] = []
        var hasThread = false
        /// The thread waits in the poller, which must be woken for work.
        var isWaiting = false
    }
    private let arrivals = Mutex(Arrivals())

    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    // Confined to the reactor.
    private var localWork: [Work] = []
    private var nextTurnWork: [Work] = []
    private var connectionsToFlush: [Connection] = []
    private var timers = TimerHeap()
    /// Connections whose reading rests, by the time when it goes on.
    private var resting: [(end: UInt64, connection: Connection)] = []
    private var sweepInterval: UInt64?
    private var nextSweep: UInt64 = 0
    private(set) var connections: [ObjectIdentifier: Connection] = [:]
    private var spareBuffers: [WireBuffer] = []
    /// Monotonic nanoseconds at the start of the turn.
    private(set) var now: UInt64 = Reactor.monotonicNanoseconds()
    let buffers = ReactorBuffers()
    var date = HTTPDateCache()

    package init(index: Int) {
        self.index = index
        queue = DispatchQueue(label: "reactor-\(index)")
    }

    /// Whether the caller runs in a turn of this reactor.
    public var isCurrent: Bool { turnThread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs `work` on the reactor, later: in this turn when called from one, else in a turn of its own.
    public func execute(_ work: @escaping @Sendable () -> Void) { submit(.closure(work)) }

    public func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }

    /// Runs `work` on the reactor after a time, coarsely (some milliseconds): cheap enough for one a watch.
    public func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> ReactorTimer {
        let deadline = Self.monotonicNanoseconds() &+ delay.clampedNanoseconds
        let timer = ReactorTimer(reactor: self, work: work)
        perform { self.insert(timer, deadline: deadline) }
        return timer
    }

    /// Runs `work` at once where the caller is on the reactor, else later.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { work() } else { submit(.closure(work)) }
    }

    /// Runs `work` in the next turn, after the sockets have had theirs. On the reactor.
    func executeInNextTurn(_ work: @escaping @Sendable () -> Void) {
        assert(isCurrent)
        nextTurnWork.append(.closure(work))
    }

    // MARK: The queue's block

    /// How long the block waits for work with no socket and no timer to wait for, before it ends.
    private static let idleMilliseconds: Int32 = 1000

    private func run() {
        while true {
            let (timeout, isIdle) = waitingTime()
            let count = poller.wait(milliseconds: beginWaiting() ? timeout : 0)
            // What this turn postpones is for the next.
            let postponed = nextTurnWork
            nextTurnWork = []
            turn {
                takeArrivals()
                poller.dispatch(count)
                fireTimers()
                endRests()
                sweepConnections()
                for item in postponed { run(item) }
            }
            if isIdle, count == 0, endThread() { return }
        }
    }

    private func waitingTime() -> (milliseconds: Int32, isIdle: Bool) {
        if !nextTurnWork.isEmpty { return (0, false) }
        var deadline = timers.earliestDeadline ?? .max
        if let rest = resting.first { deadline = min(deadline, rest.end) }
        if sweepInterval != nil, !connections.isEmpty { deadline = min(deadline, nextSweep) }
        if deadline == .max {
            return poller.isEmpty && sweepInterval == nil ? (Self.idleMilliseconds, true) : (-1, false)
        }
        let now = Self.monotonicNanoseconds()
        guard deadline > now else { return (0, false) }
        // Rounded up, lest it comes too early.
        return (Int32(min((deadline - now) / 1_000_000 + 1, 60_000)), false)
    }

    /// Whether there is nothing to do but wait.
    private func beginWaiting() -> Bool {
        arrivals.withLock { arrivals in
            arrivals.isWaiting = arrivals.work.isEmpty
            return arrivals.isWaiting
        }
    }

    /// Tells whether the thread may end: nothing came since it last looked.
    private func endThread() -> Bool {
        guard poller.isEmpty, timers.count == 0, nextTurnWork.isEmpty else { return false }
        return arrivals.withLock { arrivals in
            arrivals.hasThread = !arrivals.work.isEmpty
            return !arrivals.hasThread
        }
    }

    // MARK: Turns

    /// How often waiting work is looked at again before sockets get their turn: tasks that wake each other for ever
    /// must not keep the reactor from its connections.
    private static let maximumRoundsPerTurn = 32

    private func turn(_ body: () -> Void) {
        assert(turnThread.load(ordering: .relaxed) == 0, "turns do not nest")
        turnThread.store(UInt(pthread_self()), ordering: .relaxed)
        now = Self.monotonicNanoseconds()
        body()
        settle()
        turnThread.store(0, ordering: .relaxed)
    }

    func flushAtEndOfTurn(_ connection: Connection) {
        assert(isCurrent)
        connectionsToFlush.append(connection)
    }

    private func submit(_ work: consuming Work) {
        if isCurrent {
            localWork.append(work)
            return
        }
        let (wakes, starts) = arrivals.withLock { [work] arrivals in
            arrivals.work.append(work)
            defer {
                arrivals.isWaiting = false
                arrivals.hasThread = true
            }
            return (arrivals.isWaiting, !arrivals.hasThread)
        }
        if starts { queue.async { self.run() } } else if wakes { poller.wake() }
    }

    private func takeArrivals() {
        let work = arrivals.withLock { arrivals in
            defer {
                arrivals.work = []
                arrivals.isWaiting = false
            }
            return arrivals.work
        }
        for item in work { run(item) }
    }

    /// Runs what the turn woke, then flushes, until nothing is left.
    private func settle() {
        for _ in 0..<Self.maximumRoundsPerTurn {
            if !localWork.isEmpty {
                let batch = localWork
                localWork = []
                for item in batch { run(item) }
            } else if !connectionsToFlush.isEmpty {
                flushConnections()
            } else {
                return
            }
        }
        flushConnections()
        executeInNextTurn {}
    }

    private func flushConnections() {
        let batch = connectionsToFlush
        connectionsToFlush = []
        for connection in batch { connection.flush() }
    }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .closure(let closure): closure()
        }
    }

    // MARK: Timers

    private func insert(_ timer: ReactorTimer, deadline: UInt64) {
        guard timer.isPending else { return }
        timers.insert(timer, deadline: deadline)
    }

    private func fireTimers() {
        guard let earliest = timers.earliestDeadline, earliest <= now else { return }
        for timer in timers.removeDue(at: now) { timer.fire() }
    }

    func timerWasCancelled() {
        perform { self.timers.noteCancellation() }
    }

    // MARK: Rests

    /// How long a connection that was told much lets its credit pile up.
    private static let restNanoseconds: UInt64 = 1_000_000

    func endRestLater(_ connection: Connection) {
        assert(isCurrent)
        resting.append((now &+ Self.restNanoseconds, connection))
    }

    private func endRests() {
        let due = resting.prefix { $0.end <= now }
        guard !due.isEmpty else { return }
        resting.removeFirst(due.count)
        for rest in due { rest.connection.endRest() }
    }

    // MARK: Overdue connections

    /// Has every connection look at its deadlines, again and again.
    func startSweeping(everyNanoseconds nanoseconds: UInt64) {
        perform { self.sweepInterval = nanoseconds }
    }

    func stopSweeping() {
        perform { self.sweepInterval = nil }
    }

    private func sweepConnections() {
        guard let sweepInterval, nextSweep <= now, !connections.isEmpty else { return }
        nextSweep = now &+ sweepInterval
        for connection in connections.values { connection.sweep(now: now) }
    }

    // MARK: What the reactor's connections share

    func add(_ connection: Connection) {
        assert(isCurrent)
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: Connection) {
        assert(isCurrent)
        connections[ObjectIdentifier(connection)] = nil
    }

    private static let maximumSpareBuffers = 8

    func takeWireBuffer() -> WireBuffer { spareBuffers.popLast() ?? WireBuffer() }

    /// Keeps an empty buffer for the next connection that has something to send.
    func returnWireBuffer(_ buffer: WireBuffer) {
        if spareBuffers.count < Self.maximumSpareBuffers, buffer.isOfUsualSize { spareBuffers.append(buffer) }
    }

    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
    }
}

/// Memory that a turn uses and leaves empty.
final class ReactorBuffers {
    static let readCapacity = 64 * 1024
    /// Four TLS records: OpenSSL makes several of one write with less ado than of several writes.
    static let recordCapacity = 64 * 1024

    /// What a socket was read into.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: readCapacity, alignment: 16)
    /// The same, deciphered.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: readCapacity, alignment: 16)
    /// The records that are being filled.
    let record = UnsafeMutableRawBufferPointer.allocate(byteCount: recordCapacity, alignment: 16)

    deinit {
        input.deallocate()
        plaintext.deallocate()
        record.deallocate()
    }
}

extension Duration {
    /// Nanoseconds from 0 to about 100 years.
    var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(min(seconds, 3_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
