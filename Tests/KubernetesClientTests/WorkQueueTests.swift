import KubernetesClient
import Synchronization
import Testing

@Suite struct WorkQueueTests {
    @Test func givesEachKeyOnceInOrder() async {
        let queue = WorkQueue<String>()
        for key in ["a", "b", "a", "c", "b"] { queue.add(key) }
        #expect(queue.count == 3)
        #expect(await queue.next() == "a")
        #expect(await queue.next() == "b")
        #expect(await queue.next() == "c")
    }

    @Test func holdsBackAKeyThatIsInWork() async {
        let queue = WorkQueue<String>()
        queue.add("a")
        #expect(await queue.next() == "a")
        queue.add("a")
        queue.add("a")
        #expect(queue.count == 0)
        queue.done("a")
        #expect(queue.count == 1)
        #expect(await queue.next() == "a")
        queue.done("a")
        #expect(queue.count == 0)
    }

    @Test func wakesAWaitingWorker() async {
        let queue = WorkQueue<Int>()
        async let first = queue.next()
        async let second = queue.next()
        queue.add(1)
        queue.add(2)
        #expect(await Set([first, second]) == [1, 2])
    }

    @Test func endsWaitingWhenTheTaskIsCancelled() async {
        let queue = WorkQueue<Int>()
        let waiting = Task { await queue.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        queue.add(7)
        #expect(await queue.next() == 7)
    }

    @Test func givesWhatIsThereAfterShutDown() async {
        let queue = WorkQueue<Int>()
        queue.add(1)
        queue.shutDown()
        queue.add(2)
        #expect(await queue.next() == 1)
        #expect(await queue.next() == nil)
    }

    @Test func endsWaitingAtShutDown() async {
        let queue = WorkQueue<Int>()
        let waiting = Task { await queue.next() }
        await Task.yield()
        queue.shutDown()
        #expect(await waiting.value == nil)
    }

    @Test func addsAfterATime() async {
        let time = ManualTimeSource()
        let queue = WorkQueue<String>(timeSource: time)
        queue.add("late", after: .seconds(10))
        queue.add("soon", after: .seconds(1))
        queue.add("late", after: .seconds(5))
        #expect(queue.delayedCount == 2)
        await eventually("the timer sleeps for the earliest") { time.untilNextWake == .seconds(1) }
        time.advance(by: .seconds(1))
        #expect(await queue.next() == "soon")
        await eventually("the timer sleeps for the next") { time.untilNextWake == .seconds(4) }
        #expect(queue.count == 0)
        time.advance(by: .seconds(4))
        #expect(await queue.next() == "late")
        #expect(queue.delayedCount == 0)
    }

    @Test func addsAtOnceWithoutADelay() async {
        let queue = WorkQueue<String>(timeSource: ManualTimeSource())
        queue.add("now", after: .zero)
        #expect(await queue.next() == "now")
    }

    @Test func doublesTheDelayOfAKeyThatFails() async {
        let time = ManualTimeSource()
        let queue = WorkQueue<String>(rateLimits: .init(overall: nil), timeSource: time)
        for milliseconds in [5, 10, 20, 40] {
            queue.addRateLimited("k")
            await eventually("the timer sleeps") { time.untilNextWake == .milliseconds(milliseconds) }
            time.advance(by: .milliseconds(milliseconds))
            #expect(await queue.next() == "k")
            queue.done("k")
        }
        #expect(queue.failures(of: "k") == 4)
        queue.forget("k")
        queue.addRateLimited("k")
        await eventually("the backoff begins anew") { time.untilNextWake == .milliseconds(5) }
    }

    @Test func sharesOneRateAmongKeys() async {
        let time = ManualTimeSource()
        let limits = WorkQueue<Int>.RateLimits(
            perKey: ExponentialBackoff(initial: .zero, maximum: .zero), overall: TokenBucket(rate: 10, burst: 2))
        let queue = WorkQueue<Int>(rateLimits: limits, timeSource: time)
        for key in 0..<4 { queue.addRateLimited(key) }
        #expect(queue.count == 2)
        #expect(queue.delayedCount == 2)
        await eventually("the third waits for a token") { time.untilNextWake == .milliseconds(100) }
    }

    @Test func neverGivesAKeyToTwoWorkersAndLosesNone() async {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        let queue = WorkQueue<Int>()
        let ledger = Ledger()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    while let key = await queue.next() {
                        let isAlone = ledger.inWork.withLock { $0.insert(key).inserted }
                        #expect(isAlone)
                        // Reads what is wanted after it has the key: nothing added before may be missed.
                        let target = ledger.wanted.withLock { $0[key] }
                        await Task.yield()
                        ledger.seen.withLock { $0[key] = max($0[key], target) }
                        _ = ledger.inWork.withLock { $0.remove(key) }
                        queue.done(key)
                    }
                }
            }
            var generator = SplitMix(state: seed)
            for _ in 0..<5000 {
                let key = Int.random(in: 0..<16, using: &generator)
                ledger.wanted.withLock { $0[key] += 1 }
                queue.add(key)
                if Int.random(in: 0..<20, using: &generator) == 0 { await Task.yield() }
            }
            await eventually("every change was seen") { ledger.seen.withLock { $0 } == ledger.wanted.withLock { $0 } }
            queue.shutDown()
        }
    }
}

/// What was asked for and what came of it, by key.
private final class Ledger: Sendable {
    let wanted = Mutex([Int](repeating: 0, count: 16))
    let seen = Mutex([Int](repeating: 0, count: 16))
    let inWork = Mutex(Set<Int>())
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
