import Dispatch
import Glibc
import Synchronization

/// A serial Dispatch queue that owns some of the connections; a task that prefers it runs there.
///
/// Work comes in turns: a turn reads what is ready, runs the tasks that this wakes, and at its end flushes each
/// connection that was written to, once. State that is said to be confined to a reactor is touched in its turns alone.
// Unchecked: `Sendable` by confinement. The variables are touched in turns only, which the serial queue orders; what
// other threads reach is the mutex, the atomics and the queue.
public final class Reactor: TaskExecutor, @unchecked Sendable {
    /// Its place among the server's reactors, from 0.
    public let index: Int

    let queue: DispatchQueue
    let counters = ReactorCounters()
    private(set) lazy var poller = ReadinessPoller(reactor: self)

    /// The thread that runs the current turn, 0 between turns.
    private let turnThread = Atomic<UInt>(0)

    private struct Arrivals {
        var work: [Work] = []
        var isScheduled = false
        /// The reactor's thread waits in the poller, which must be woken for work.
        var isStaying = false
        /// Turns that wait in the queue.
        var queuedTurns = 0
    }
    private let arrivals = Mutex(Arrivals())

    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    // Confined to the reactor.
    private var localWork: [Work] = []
    private var connectionsToFlush: [Connection] = []
    private var timers = TimerHeap()
    private var timerSource: (any DispatchSourceTimer)?
    private var armedDeadline = UInt64.max
    private(set) var connections: [ObjectIdentifier: Connection] = [:]
    private var spareBuffers: [WireBuffer] = []
    /// Monotonic nanoseconds at the start of the turn.
    private(set) var now: UInt64 = Reactor.monotonicNanoseconds()
    let buffers = ReactorBuffers()
    var date = HTTPDateCache()

    package init(index: Int) {
        self.index = index
        queue = DispatchQueue(label: "martlet.reactor.\(index)", qos: .userInitiated)
        _ = poller
    }

    deinit {
        timerSource?.cancel()
        sweepSource?.cancel()
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

    /// Runs `work` in a later turn, after whatever waits for one already.
    func executeInNextTurn(_ work: @escaping @Sendable () -> Void) {
        arrivals.withLock { $0.queuedTurns += 1 }
        queue.async {
            self.arrivals.withLock { $0.queuedTurns -= 1 }
            self.turn(work)
        }
    }

    // MARK: Turns

    /// How often waiting work is looked at again before sockets get their turn: tasks that wake each other for ever
    /// must not keep the reactor from its connections.
    private static let maximumRoundsPerTurn = 32

    /// Runs `body` as a turn. Only from the queue.
    func turn(_ body: () -> Void) {
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
        enum Call { case none, queue, wake }
        let call = arrivals.withLock { [work] arrivals -> Call in
            arrivals.work.append(work)
            if arrivals.isScheduled { return .none }
            arrivals.isScheduled = true
            return arrivals.isStaying ? .wake : .queue
        }
        switch call {
        case .none: return
        case .wake: poller.wake()
        case .queue: queue.async { self.turn { self.takeArrivals() } }
        }
    }

    func takeArrivals() {
        let work = arrivals.withLock { arrivals in
            defer {
                arrivals.work = []
                arrivals.isScheduled = false
            }
            return arrivals.work
        }
        for item in work { run(item) }
    }

    /// Lets the poller keep the thread, where no work waits in the queue.
    func beginStaying() -> Bool {
        arrivals.withLock { arrivals in
            guard !arrivals.isScheduled, arrivals.queuedTurns == 0 else { return false }
            arrivals.isStaying = true
            return true
        }
    }

    func endStaying() { arrivals.withLock { $0.isStaying = false } }

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
        armTimerSource()
    }

    private func armTimerSource() {
        guard let earliest = timers.earliestDeadline, earliest < armedDeadline else { return }
        let source = timerSource ?? makeTimerSource()
        armedDeadline = earliest
        source.schedule(deadline: DispatchTime(uptimeNanoseconds: earliest), leeway: .milliseconds(5))
    }

    private func makeTimerSource() -> any DispatchSourceTimer {
        let source = DispatchSource.makeTimerSource(queue: queue)
        source.setEventHandler { [weak self] in
            guard let self else { return }
            self.turn { self.fireTimers() }
        }
        source.schedule(deadline: .distantFuture)
        source.activate()
        timerSource = source
        return source
    }

    private func fireTimers() {
        armedDeadline = .max
        for timer in timers.removeDue(at: now) { timer.fire() }
        armTimerSource()
    }

    func timerWasCancelled() {
        perform { self.timers.noteCancellation() }
    }

    // MARK: Overdue connections

    private var sweepSource: (any DispatchSourceTimer)?

    /// Has every connection look at its deadlines, again and again.
    func startSweeping(everyNanoseconds nanoseconds: Int) {
        perform { [self] in
            let interval = DispatchTimeInterval.nanoseconds(nanoseconds)
            let source = DispatchSource.makeTimerSource(queue: queue)
            source.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(10))
            source.setEventHandler { [unowned self] in
                guard !connections.isEmpty else { return }
                turn { for connection in connections.values { connection.sweep(now: now) } }
            }
            source.activate()
            sweepSource = source
        }
    }

    func stopSweeping() {
        perform { [self] in
            sweepSource?.cancel()
            sweepSource = nil
        }
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
    /// A TLS record's most.
    static let recordCapacity = 16 * 1024

    /// What a socket was read into.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: readCapacity, alignment: 16)
    /// The same, deciphered.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: readCapacity, alignment: 16)
    /// The record that is being filled.
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
