extension KubernetesTime {
    /// How long ago this was, as tables print ages: `45s`, `3m20s`, `5h12m`, `4d3h`, `2y40d`
    /// (`apimachinery/pkg/util/duration`, `HumanDuration`).
    ///
    /// A moment up to two seconds ahead counts as now, for the sake of clocks that differ; one farther ahead is
    /// `<invalid>`.
    public func age(at now: KubernetesTime) -> String {
        let (difference, overflow) = now.epochSeconds.subtractingReportingOverflow(epochSeconds)
        if overflow { return "<invalid>" }
        // Parts of a second are cut off towards zero, whichever the sign.
        let borrow = now.nanoseconds - nanoseconds
        if difference > 0, borrow < 0 { return Self.humanDuration(seconds: difference - 1) }
        if difference < 0, borrow > 0 { return Self.humanDuration(seconds: difference + 1) }
        return Self.humanDuration(seconds: difference)
    }

    /// A length of time in the unit that tells most, and the next below it where that still matters.
    public static func humanDuration(seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return pair(days, "d", hours % 24, "h") }
        if days < 365 * 2 { return "\(days)d" }
        let years = days / 365
        if years < 8 { return pair(years, "y", days % 365, "d") }
        return "\(years)y"
    }

    private static func pair(_ value: Int64, _ unit: String, _ rest: Int64, _ restUnit: String) -> String {
        rest == 0 ? "\(value)\(unit)" : "\(value)\(unit)\(rest)\(restUnit)"
    }
}
