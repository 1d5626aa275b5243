import Synchronization

/// Work that waits for its time on a reactor.
public final class ReactorTimer: Sendable {
    private let work: Mutex<(@Sendable () -> Void)?>
    private let reactor: Reactor

    init(reactor: Reactor, work: @escaping @Sendable () -> Void) {
        self.reactor = reactor
        self.work = Mutex(work)
    }

    /// Drops the work, unless it has begun. From any thread; a second call does nothing.
    public func cancel() {
        if takeWork() != nil { reactor.timerWasCancelled() }
    }

    var isPending: Bool { work.withLock { $0 != nil } }

    func fire() { takeWork()?() }

    private func takeWork() -> (@Sendable () -> Void)? {
        work.withLock { work in
            defer { work = nil }
            return work
        }
    }
}

/// Timers by deadline: a binary heap, whose cancelled entries leave when they outnumber the others.
struct TimerHeap {
    private struct Entry {
        var deadline: UInt64
        var timer: ReactorTimer
    }

    private var entries: [Entry] = []
    private var cancelledCount = 0

    /// Deadlines are rounded up to this many nanoseconds, so that timers set close together fire together.
    static let granularity: UInt64 = 8_000_000

    var count: Int { entries.count }
    var earliestDeadline: UInt64? { entries.first?.deadline }

    mutating func insert(_ timer: ReactorTimer, deadline: UInt64) {
        let rounded = (deadline / Self.granularity &+ 1) &* Self.granularity
        entries.append(Entry(deadline: rounded, timer: timer))
        siftUp(from: entries.count - 1)
    }

    mutating func removeDue(at now: UInt64) -> [ReactorTimer] {
        var due: [ReactorTimer] = []
        while let first = entries.first, first.deadline <= now {
            due.append(first.timer)
            removeFirst()
        }
        return due
    }

    mutating func noteCancellation() {
        cancelledCount += 1
        guard cancelledCount > 64, cancelledCount > entries.count / 2 else { return }
        cancelledCount = 0
        entries.removeAll { !$0.timer.isPending }
        // Sorted by deadline is heap-ordered.
        entries.sort { $0.deadline < $1.deadline }
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        siftDown()
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].deadline < entries[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
