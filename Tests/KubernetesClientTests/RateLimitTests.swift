import KubernetesClient
import Testing

@Suite struct RateLimitTests {
    @Test func reservesInTurn() {
        var bucket = TokenBucket(rate: 2, burst: 1)
        let waits = [0, 0, 0, 10, 10].map { bucket.reserve(at: .seconds($0)) }
        #expect(waits == [.zero, .milliseconds(500), .seconds(1), .zero, .milliseconds(500)])
    }

    @Test func takesNoMoreThanIsThere() {
        var bucket = TokenBucket(rate: 1, burst: 2)
        let taken = [0, 0, 900, 1900].map { bucket.take(at: .milliseconds($0)) }
        #expect(taken == [true, true, false, true])
    }

    @Test func backsOffUpToItsMaximum() {
        let backoff = ExponentialBackoff.workQueue
        #expect(backoff.delay(afterFailures: 0) == .milliseconds(5))
        #expect(backoff.delay(afterFailures: 3) == .milliseconds(40))
        #expect(backoff.delay(afterFailures: 30) == .seconds(1000))
        #expect(backoff.delay(afterFailures: Int.max) == .seconds(1000))
    }

    @Test func addsJitter() {
        let backoff = ExponentialBackoff(initial: .seconds(1), maximum: .seconds(8), jitter: 1)
        #expect(backoff.delay(afterFailures: 1, .constant(0)) == .seconds(2))
        #expect(backoff.delay(afterFailures: 1, .constant(0.5)) == .seconds(3))
    }
}
