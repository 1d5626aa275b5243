import Foundation

/// The machine's own time and randomness, which everything else is handed.
enum SystemClock {
    /// Nanoseconds since the epoch.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func random() -> UInt64 { UInt64.random(in: .min ... .max) }
}
