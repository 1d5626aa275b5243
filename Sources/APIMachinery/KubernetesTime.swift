/// A moment, as objects carry it: seconds since 1970 in UTC and the nanoseconds beyond them.
///
/// The API writes most times in whole seconds (`metav1.Time`) and a few with six digits of a second
/// (`metav1.MicroTime`). The years 0 to 9999 have a text.
public struct KubernetesTime: Sendable, Hashable {
    public var epochSeconds: Int64
    /// 0 to 999,999,999.
    public var nanoseconds: Int32

    public init(epochSeconds: Int64, nanoseconds: Int32 = 0) {
        self.epochSeconds = epochSeconds
        self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
    }

    public init(epochNanoseconds: Int64) {
        let (seconds, rest) = epochNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        epochSeconds = rest < 0 ? seconds - 1 : seconds
        nanoseconds = Int32(rest < 0 ? rest + 1_000_000_000 : rest)
    }

    /// Nanoseconds since 1970, held within 64 bits (the years 1678 to 2261).
    public var epochNanoseconds: Int64 {
        let (product, overflow) = epochSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(Int64(nanoseconds))
        return overflow || carry ? (epochSeconds < 0 ? .min : .max) : sum
    }

    /// The moment without its part of a second.
    public var wholeSeconds: KubernetesTime { KubernetesTime(epochSeconds: epochSeconds) }
}

extension KubernetesTime: Comparable {
    public static func < (lhs: KubernetesTime, rhs: KubernetesTime) -> Bool {
        (lhs.epochSeconds, lhs.nanoseconds) < (rhs.epochSeconds, rhs.nanoseconds)
    }
}

// MARK: Text

extension KubernetesTime: CustomStringConvertible {
    /// The moment in whole seconds: `2026-11-23T16:54:52Z`.
    public var description: String { format(digits: 0) }

    /// The moment with six digits of a second: `2026-11-23T16:54:52.000000Z`.
    public var microTime: String { format(digits: 6) }

    private func format(digits: Int) -> String {
        let (days, second) = Self.floorDivide(epochSeconds, 86_400)
        let (year, month, day) = Self.civil(fromDays: days)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            var length = 0
            func put(_ byte: UInt8) {
                buffer[length] = byte
                length += 1
            }
            func put(_ number: Int64, _ width: Int) {
                var divisor: Int64 = 1
                for _ in 1..<width { divisor *= 10 }
                for _ in 0..<width {
                    put(UInt8(truncatingIfNeeded: number / divisor % 10) + 0x30)
                    divisor = max(divisor / 10, 1)
                }
            }
            put(min(max(year, 0), 9999), 4)
            put(UInt8(ascii: "-"))
            put(month, 2)
            put(UInt8(ascii: "-"))
            put(day, 2)
            put(UInt8(ascii: "T"))
            put(second / 3600, 2)
            put(UInt8(ascii: ":"))
            put(second / 60 % 60, 2)
            put(UInt8(ascii: ":"))
            put(second % 60, 2)
            if digits == 6 {
                put(UInt8(ascii: "."))
                put(Int64(nanoseconds) / 1000, 6)
            }
            put(UInt8(ascii: "Z"))
            return length
        }
    }
}

// MARK: Calendar

extension KubernetesTime {
    static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day is a year's last; 400 years are a cycle of 146,097 days.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let (cycle, yearOfCycle) = floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        return cycle * 146_097 + dayOfCycle - 719_468
    }

    /// The date that `days(year:month:day:)` gave.
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (cycle, dayOfCycle) = floorDivide(days + 719_468, 146_097)
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = cycle * 400 + yearOfCycle
        return month < 10 ? (year, month + 3, day) : (year + 1, month - 9, day)
    }

    static func dayCount(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
