#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The limits of a store and the clock that it goes by. Every limit that a store has is here.
public struct StorageConfiguration: Sendable {
    /// The time in nanoseconds since the Unix epoch. Ages history, measures waits, and numbers a restored store.
    public var clock: @Sendable () -> Int64

    /// How long events are kept at least, unless there are more of them than the next two limits allow.
    public var historyAge: Duration = .seconds(300)
    /// The most events that are kept, about: the oldest go in portions of a sixteenth.
    public var maxHistoryEvents = 100_000
    /// The most bytes of objects that kept events hold, about, counting each object once.
    public var maxHistoryBytes = 128 << 20
    /// How often history is looked through for what is too old; `nil` for never.
    public var compactionInterval: Duration? = .seconds(30)
    /// How many rows one transaction of a compaction deletes; writes go on between two of them.
    public var maxCompactedRowsPerStep = 500
    /// How many snapshots of older revisions are remembered for the next page of a list.
    public var maxCachedSnapshots = 32

    /// The most writes that one transaction takes, except for the writes of one caller, which stay together.
    public var maxBatchWrites = 512
    /// The most bytes of objects that one transaction takes, except for the writes of one caller.
    public var maxBatchBytes = 8 << 20
    /// The most writes that may wait; more are refused.
    public var maxPendingWrites = 20_000
    /// The most bytes of objects that may wait to be written; more are refused.
    public var maxPendingBytes = 256 << 20

    /// The size of SQLite's write-ahead log, in pages of 4 KiB, at which its pages are taken over into the database.
    public var walCheckpointPages = 4_000
    /// The size of SQLite's page cache, in KiB.
    public var pageCacheKiB = 4_096
    /// How many pages of 4 KiB a backup copies at a time, to begin with; writes go on between two of them. It takes more
    /// at a time where it would not come to an end otherwise.
    public var backupPagesPerStep = 256

    /// - Parameter clock: The time in nanoseconds since the Unix epoch; the system's if none is given.
    public init(clock: @escaping @Sendable () -> Int64 = StorageConfiguration.systemClock) { self.clock = clock }

    /// The system's real-time clock.
    public static let systemClock: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time since the Unix epoch in whole microseconds, never less than zero.
    var microsecondsSinceEpoch: Int64 { max(0, clock() / 1_000) }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
    }
}
