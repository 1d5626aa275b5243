#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A moment of UTC to the microsecond: what `metav1.Time` and `metav1.MicroTime` hold.
public struct WallTime: Hashable, Comparable, Sendable {
    public var microsecondsSince1970: Int64

    public init(microsecondsSince1970: Int64) { self.microsecondsSince1970 = microsecondsSince1970 }

    public static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(microsecondsSince1970: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    public static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        lhs.microsecondsSince1970 < rhs.microsecondsSince1970
    }

    public static func + (time: WallTime, duration: Duration) -> WallTime {
        let (seconds, attoseconds) = duration.components
        return WallTime(
            microsecondsSince1970: time.microsecondsSince1970 &+ seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000
        )
    }

    public static func - (lhs: WallTime, rhs: WallTime) -> Duration {
        .microseconds(lhs.microsecondsSince1970 &- rhs.microsecondsSince1970)
    }
}

extension WallTime {
    /// RFC 3339 to the second, as `metav1.Time` is written: `2026-01-31T08:00:00Z`.
    public var time: String { dateAndTime + "Z" }

    /// RFC 3339 to the microsecond, as `metav1.MicroTime` is written: `2026-01-31T08:00:00.000123Z`.
    public var microTime: String {
        let fraction = String(microsecondsSince1970 - wholeSeconds * 1_000_000)
        return dateAndTime + "." + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
    }

    private var wholeSeconds: Int64 {
        let (quotient, remainder) = microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private var dateAndTime: String {
        var seconds = time_t(wholeSeconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ value: Int32, _ width: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1) + "-" + padded(parts.tm_mday) + "T"
            + padded(parts.tm_hour) + ":" + padded(parts.tm_min) + ":" + padded(parts.tm_sec)
    }

    /// Reads RFC 3339 with any fraction and offset.
    /// - Returns: `nil` where the text is something else. Digits beyond the microsecond are dropped.
    public init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int64? {
            guard rest.count >= digits else { return nil }
            var value: Int64 = 0
            for byte in rest.prefix(digits) {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            rest = rest.dropFirst(digits)
            return value
        }
        func skip(_ characters: String) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt"),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var microseconds: Int64 = 0
        if skip(".") {
            var scale: Int64 = 100_000
            var digits = 0
            while let digit = number(1) {
                microseconds += digit * scale
                scale /= 10
                digits += 1
            }
            guard digits > 0 else { return nil }
        }
        var offset: Int64 = 0
        if !skip("Zz") {
            let isWest = rest.first == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        microsecondsSince1970 = (Int64(timegm(&parts)) - offset) * 1_000_000 + microseconds
    }
}
