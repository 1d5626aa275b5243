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

@Suite struct WallTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"),
        ("2026-01-31T08:09:10.000123Z", 1_769_846_950_000_123, "2026-01-31T08:09:10.000123Z"),
        ("2026-01-31T10:09:10.5+02:00", 1_769_846_950_500_000, "2026-01-31T08:09:10.500000Z"),
        ("1969-12-31T23:59:59.999999999Z", -1, "1969-12-31T23:59:59.999999Z"),
    ])
    func readsAndWrites(text: String, microseconds: Int64, written: String) {
        #expect(WallTime(text)?.microsecondsSince1970 == microseconds)
        #expect(WallTime(microsecondsSince1970: microseconds).microTime == written)
        #expect(WallTime(microsecondsSince1970: microseconds).time == String(written.prefix(19)) + "Z")
    }

    @Test(arguments: ["", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-31T08:09:10", "2026-01-31T08:09:10.Z", "x"])
    func refuses(text: String) { #expect(WallTime(text) == nil) }
}
