/// Why a text is no time, in the words of Go's `time.Parse`.
public struct TimeParseError: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public var description: String { message }
}

extension KubernetesTime {
    /// How a time must be written.
    public enum Layout: String, Sendable {
        /// RFC 3339; a fraction of the second may be there.
        case seconds = "2006-01-02T15:04:05Z07:00"
        /// RFC 3339 with exactly six digits of the second's fraction.
        case microseconds = "2006-01-02T15:04:05.000000Z07:00"
    }

    /// Reads a time of RFC 3339, in UTC or with an offset.
    public init(parsing text: String, layout: Layout = .seconds) throws(TimeParseError) {
        var reader = TimeReader(text: text, bytes: Array(text.utf8), layout: layout)
        self = try reader.time()
    }
}

/// Reads the parts of a time from left to right.
private struct TimeReader {
    let text: String
    let bytes: [UInt8]
    let layout: KubernetesTime.Layout
    var position = 0

    init(text: String, bytes: [UInt8], layout: KubernetesTime.Layout) {
        self.text = text
        self.bytes = bytes
        self.layout = layout
    }

    mutating func time() throws(TimeParseError) -> KubernetesTime {
        let year = try number(4, "2006")
        try literal("-")
        let month = try number(2, "01")
        guard (1...12).contains(month) else { throw outOfRange("month") }
        try literal("-")
        let day = try number(2, "02")
        try literal("T")
        let hour = try number(2, "15")
        guard hour < 24 else { throw outOfRange("hour") }
        try literal(":")
        let minute = try number(2, "04")
        guard minute < 60 else { throw outOfRange("minute") }
        try literal(":")
        let second = try number(2, "05")
        guard second < 60 else { throw outOfRange("second") }
        let nanoseconds = try fraction()
        let offset = try offset()
        if position < bytes.count {
            throw TimeParseError(message: "parsing time \(quoted(0)): extra text: \(quoted(position))")
        }
        guard day >= 1, day <= KubernetesTime.dayCount(ofMonth: month, year: year) else { throw outOfRange("day") }
        let days = KubernetesTime.days(year: year, month: month, day: day)
        return KubernetesTime(
            epochSeconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }

    private mutating func number(_ width: Int, _ element: String) throws(TimeParseError) -> Int64 {
        guard bytes.count - position >= width else { throw unreadable(element) }
        var value: Int64 = 0
        for byte in bytes[position..<position + width] {
            guard case let digit = byte &- 0x30, digit < 10 else { throw unreadable(element) }
            value = value * 10 + Int64(digit)
        }
        position += width
        return value
    }

    private mutating func literal(_ character: Unicode.Scalar) throws(TimeParseError) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            throw unreadable(String(Character(character)))
        }
        position += 1
    }

    private mutating func fraction() throws(TimeParseError) -> Int32 {
        let isPoint = position < bytes.count && (bytes[position] == 0x2E || bytes[position] == 0x2C)
        let digits = isPoint ? bytes[(position + 1)...].prefix { $0 &- 0x30 < 10 } : []
        switch layout {
        case .microseconds:
            guard isPoint, digits.count >= 6 else { throw unreadable(".000000") }
            position += 7
            return Self.nanoseconds(digits.prefix(6))
        case .seconds:
            guard !digits.isEmpty else { return 0 }
            position += 1 + digits.count
            return Self.nanoseconds(digits.prefix(9))
        }
    }

    private static func nanoseconds(_ digits: ArraySlice<UInt8>) -> Int32 {
        var value = digits.reduce(Int32(0)) { $0 * 10 + Int32($1 &- 0x30) }
        for _ in digits.count..<9 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    private mutating func offset() throws(TimeParseError) -> Int64 {
        let start = position
        guard position < bytes.count else { throw unreadable("Z07:00") }
        let sign = bytes[position]
        position += 1
        if sign == UInt8(ascii: "Z") { return 0 }
        do throws(TimeParseError) {
            guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw unreadable("Z07:00") }
            let hours = try number(2, "Z07:00")
            try literal(":")
            let minutes = try number(2, "Z07:00")
            guard hours <= 24 else { throw outOfRange("time zone offset hour") }
            guard minutes < 60 else { throw outOfRange("time zone offset minute") }
            let seconds = hours * 3600 + minutes * 60
            return sign == UInt8(ascii: "-") ? -seconds : seconds
        } catch {
            position = start
            throw error.message.hasSuffix("out of range") ? error : unreadable("Z07:00")
        }
    }

    private func unreadable(_ element: String) -> TimeParseError {
        TimeParseError(
            message: "parsing time \(quoted(0)) as \"\(layout.rawValue)\": cannot parse \(quoted(position)) as "
                + "\"\(element)\"")
    }

    private func outOfRange(_ element: String) -> TimeParseError {
        TimeParseError(message: "parsing time \(quoted(0)): \(element) out of range")
    }

    private func quoted(_ start: Int) -> String { "\"\(String(decoding: bytes[start...], as: UTF8.self))\"" }
}
