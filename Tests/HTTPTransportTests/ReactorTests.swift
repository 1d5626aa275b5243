import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct ReactorTests {
    @Test func firesTimersInOrderAndNotThoseCancelled() async throws {
        let reactor = Reactor(index: 0)
        let fired = Mutex<[Int]>([])
        let timers = [90, 10, 50, 30, 70].map { time in
            reactor.schedule(after: .milliseconds(time)) { fired.withLock { $0.append(time) } }
        }
        timers[2].cancel()
        await withCheckedContinuation { continuation in
            _ = reactor.schedule(after: .milliseconds(150)) { continuation.resume() }
        }
        #expect(fired.withLock { $0 } == [10, 30, 70, 90])
    }

    @Test func forgetsCancelledTimers() {
        let reactor = Reactor(index: 0)
        var heap = TimerHeap()
        var random = SeededGenerator(seed: 7)
        let timers = (0..<10_000).map { _ in ReactorTimer(reactor: reactor) {} }
        for timer in timers { heap.insert(timer, deadline: UInt64.random(in: 0...1_000_000_000_000, using: &random)) }
        for timer in timers.dropLast(10) {
            timer.cancel()
            heap.noteCancellation()
        }
        #expect(heap.count < 200)
        var count = 0
        var last: UInt64 = 0
        while let next = heap.earliestDeadline {
            #expect(next >= last)
            last = next
            count += heap.removeDue(at: next).count { $0.isPending }
        }
        #expect(count == 10)
    }

    /// Work that is handed over just as the thread begins to wait must wake it.
    @Test(.timeLimit(.minutes(1))) func losesNoWorkThatOtherThreadsHandOver() async {
        let reactor = Reactor(index: 0)
        let count = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var done = 0
                    for _ in 0..<2000 {
                        done += await withCheckedContinuation { continuation in
                            reactor.execute { continuation.resume(returning: 1) }
                        }
                    }
                    return done
                }
            }
            return await group.reduce(0, +)
        }
        #expect(count == 8000)
    }

    @Test(.timeLimit(.minutes(1))) func letsOthersBetweenAWorkAndItsNextTurn() async {
        let reactor = Reactor(index: 0)
        let order = Mutex<[String]>([])
        await withCheckedContinuation { continuation in
            reactor.execute {
                reactor.executeInNextTurn {
                    order.withLock { $0.append("next turn") }
                    continuation.resume()
                }
                reactor.execute { order.withLock { $0.append("this turn") } }
            }
        }
        #expect(order.withLock { $0 } == ["this turn", "next turn"])
    }

    @Test func runsTasksOnItsThread() async {
        let reactor = Reactor(index: 3)
        let isCurrent = await Task(executorPreference: reactor) {
            await Task.yield()
            return reactor.isCurrent
        }.value
        #expect(isCurrent)
        #expect(!reactor.isCurrent)
    }
}

@Suite struct SegmentQueueTests {
    @Test func givesBackWhatItWasGiven() {
        var random = SeededGenerator(seed: 3)
        var queue = SegmentQueue()
        var given: [UInt8] = []
        var taken: [UInt8] = []
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...50, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            given += bytes
            queue.append(ByteSegments(bytes))
            queue.consume(upTo: Int.random(in: 0...60, using: &random)) { taken += $0 }
            #expect(queue.byteCount == given.count - taken.count)
        }
        queue.consume(upTo: .max) { taken += $0 }
        #expect(taken == given)
        #expect(queue.isEmpty)
    }
}

@Suite struct HTTPNegotiationTests {
    @Test(
        arguments: [
            (nil, false), ("gzip", true), ("identity", false), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false),
            ("gzip; q=0.000", false), ("GZIP", true), ("", false),
        ] as [(String?, Bool)])
    func acceptsGzip(field: String?, accepted: Bool) { #expect(HTTPNegotiation.acceptsGzip(field) == accepted) }

    @Test func writesDates() { #expect(HTTPDateCache.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT") }
}
