public import JSON

extension KubernetesTime {
    /// Held within the moments that 64 bits of seconds can tell; parts of a nanosecond are dropped.
    public static func + (time: KubernetesTime, duration: Duration) -> KubernetesTime {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = Int64(time.nanoseconds) + attoseconds / 1_000_000_000
        let (carry, rest) = floorDivide(nanoseconds, 1_000_000_000)
        let (sum, overflow) = time.epochSeconds.addingReportingOverflow(seconds)
        let (total, carryOverflow) = sum.addingReportingOverflow(carry)
        guard !overflow, !carryOverflow else { return KubernetesTime(epochSeconds: seconds < 0 ? .min : .max) }
        return KubernetesTime(epochSeconds: total, nanoseconds: Int32(rest))
    }

    public static func - (lhs: KubernetesTime, rhs: KubernetesTime) -> Duration {
        .seconds(lhs.epochSeconds) - .seconds(rhs.epochSeconds) + .nanoseconds(lhs.nanoseconds - rhs.nanoseconds)
    }

    public func advanced(bySeconds seconds: Int64) -> KubernetesTime { self + .seconds(seconds) }
}

extension KubernetesTime {
    /// Reads a member of an object: a `metav1.Time` or `metav1.MicroTime`.
    /// - Returns: `nil` where it is no time.
    public init?(json: JSON) {
        guard let text = json.stringValue else { return nil }
        do throws(TimeParseError) { try self.init(parsing: text) } catch { return nil }
    }

    /// As a member of the type `metav1.Time`.
    public var json: JSON { .string(description) }
}
