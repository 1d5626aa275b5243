/// Counts what a peer may send cheaply and makes the server work for, within an interval. A value that does no I/O.
struct HTTP2FloodGuard {
    enum Event {
        /// A stream that ended by a reset, whoever sent it for the peer's fault.
        case reset
        /// PING, SETTINGS, PRIORITY and frames of unknown types.
        case control
        /// DATA without data, WINDOW_UPDATE.
        case empty
    }

    private let limits: HTTPServerLimits
    private let interval: UInt64
    private var windowStart: UInt64 = 0
    private var resets = 0
    private var controls = 0
    private var empties = 0

    init(limits: HTTPServerLimits) {
        self.limits = limits
        interval = limits.floodInterval.clampedNanoseconds
    }

    /// Counts an event; tells whether the peer stays within its limits.
    mutating func allows(_ event: Event, at now: UInt64) -> Bool {
        if now &- windowStart > interval {
            windowStart = now
            resets = 0
            controls = 0
            empties = 0
        }
        switch event {
        case .reset:
            resets += 1
            return resets <= limits.maximumResetsPerInterval
        case .control:
            controls += 1
            return controls <= limits.maximumControlFramesPerInterval
        case .empty:
            empties += 1
            return empties <= limits.maximumEmptyFramesPerInterval
        }
    }
}
