public import APIMachinery

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The time as the client's machinery sees it: passed in, so that a test can hold and move it.
public protocol TimeSource: Sendable {
    /// Time since some fixed moment; never goes back.
    var uptime: Duration { get }

    var wallTime: KubernetesTime { get }

    /// Returns when `uptime` has grown by `duration`.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own time.
public struct SystemTimeSource: TimeSource {
    private static let start = ContinuousClock.now

    public init() {}

    public var uptime: Duration { Self.start.duration(to: ContinuousClock.now) }

    public var wallTime: KubernetesTime { .now }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}

extension KubernetesTime {
    /// The machine's clock, to the microsecond, which is all that the API can hold.
    public static var now: KubernetesTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return KubernetesTime(epochSeconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec / 1000 * 1000))
    }
}

/// Where jitter comes from: passed in, so that a test can fix it.
public struct RandomSource: Sendable {
    private let draw: @Sendable () -> Double

    /// - Parameter draw: gives numbers of 0..<1.
    public init(_ draw: @escaping @Sendable () -> Double) { self.draw = draw }

    public static let system = RandomSource { Double.random(in: 0..<1) }

    /// The same number every time.
    public static func constant(_ value: Double) -> RandomSource { RandomSource { value } }

    /// A number of 0..<1.
    public func next() -> Double { draw() }

    /// `duration` made longer by a random part of `factor` times itself, as client-go's `wait.Jitter` does.
    public func jittered(_ duration: Duration, by factor: Double) -> Duration {
        duration + duration * (factor * next())
    }
}

extension Duration {
    /// The duration in seconds, rounded to what a `Double` holds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// Whole milliseconds, rounded up so that a wait does not end too early.
    package var inMillisecondsRoundedUp: Int {
        let (seconds, attoseconds) = components
        let part = Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
        return overflow ? Int.max : product + part
    }
}
