/// Delays that double from failure to failure.
public struct ExponentialBackoff: Sendable {
    public var initial: Duration
    public var maximum: Duration
    /// By how much each delay exceeds the one before.
    public var factor: Double
    /// The random part that may come on top: 1 for up to twice the delay.
    public var jitter: Double

    public init(initial: Duration, maximum: Duration, factor: Double = 2, jitter: Double = 0) {
        self.initial = initial
        self.maximum = maximum
        self.factor = factor
        self.jitter = jitter
    }

    /// What a reflector does after an error, as client-go's does.
    public static let reflector = ExponentialBackoff(initial: .milliseconds(800), maximum: .seconds(30), jitter: 1)

    /// What a work queue does with an item that fails.
    public static let workQueue = ExponentialBackoff(initial: .milliseconds(5), maximum: .seconds(1000))

    /// The delay after so many failures in a row (0: the first), without jitter.
    public func delay(afterFailures failures: Int) -> Duration {
        var delay = initial
        for _ in 0..<max(0, failures) {
            if delay >= maximum { break }
            delay = delay * factor
        }
        return min(delay, maximum)
    }

    public func delay(afterFailures failures: Int, _ random: RandomSource) -> Duration {
        random.jittered(delay(afterFailures: failures), by: jitter)
    }
}
