/// A rate with a burst, by reservation: who comes too early is told how long to wait, in turn.
///
/// The rule of Go's `x/time/rate`: `burst` tokens to begin with, `rate` more a second, and a reservation may take what
/// has not yet come.
public struct TokenBucket: Sendable {
    /// Tokens a second.
    public let rate: Double
    public let burst: Int
    private var tokens: Double
    private var refilledAt: Duration?

    public init(rate: Double, burst: Int) {
        self.rate = rate
        self.burst = burst
        tokens = Double(burst)
    }

    /// Takes a token.
    /// - Parameter now: the time source's uptime.
    /// - Returns: how long to wait until the token is there.
    public mutating func reserve(at now: Duration) -> Duration {
        refill(at: now)
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(-tokens / rate)
    }

    /// Takes a token if there is one.
    public mutating func take(at now: Duration) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    private mutating func refill(at now: Duration) {
        if let refilledAt, now > refilledAt {
            tokens = min(Double(burst), tokens + (now - refilledAt).inSeconds * rate)
        }
        refilledAt = max(now, refilledAt ?? now)
    }
}
