import APIMachinery

/// The five fields of a cron expression: minute, hour, day of the month, month, day of the week.
enum CronSchedule {
    private struct Bounds {
        var range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let bounds = [
        Bounds(range: 0...59), Bounds(range: 0...23), Bounds(range: 1...31), Bounds(range: 1...12, names: months),
        Bounds(range: 0...6, names: days),
    ]
    private static let descriptors: Set<String> = [
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]

    /// What is wrong with an expression, in the words of the library that Kubernetes reads it with; `nil` where nothing
    /// is.
    static func problem(of schedule: String) -> String? {
        if schedule.contains("TZ") { return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead" }
        if schedule.hasPrefix("@") { return problem(ofDescriptor: schedule) }
        let fields = schedule.split(whereSeparator: \.isWhitespace)
        guard fields.count == bounds.count else {
            return "expected exactly \(bounds.count) fields, found \(fields.count): [\(fields.joined(separator: " "))]"
        }
        for (field, bounds) in zip(fields, bounds) {
            for part in field.split(separator: ",") {
                if let problem = problem(ofRange: String(part), bounds) { return problem }
            }
        }
        return nil
    }

    private static func problem(ofDescriptor text: String) -> String? {
        if descriptors.contains(text) { return nil }
        guard text.hasPrefix("@every ") else { return "unrecognized descriptor: \(text)" }
        let duration = text.dropFirst("@every ".count)
        return isDuration(duration) ? nil : "failed to parse duration \(text): time: invalid duration \"\(duration)\""
    }

    /// A duration as Go writes it: `1h30m`, `1.5s`.
    private static func isDuration(_ text: Substring) -> Bool {
        var rest = text.utf8[...]
        var count = 0
        while !rest.isEmpty {
            let number = rest.prefix { ByteRules.isDigit($0) || $0 == UInt8(ascii: ".") }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { !ByteRules.isDigit($0) && $0 != UInt8(ascii: ".") }
            rest = rest[unit.endIndex...]
            let isUnit = ["h", "m", "s", "ms", "us", "ns", "µs"].contains(String(unit) ?? "")
            guard number.contains(where: ByteRules.isDigit), isUnit else { return false }
            count += 1
        }
        return count > 0
    }

    private static func problem(ofRange text: String, _ bounds: Bounds) -> String? {
        let steps = text.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count <= 2, let span = steps.first else { return "too many slashes: \(text)" }
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = ends.first else { return "too many hyphens: \(text)" }
        var (low, high) = (bounds.range.lowerBound, bounds.range.upperBound)
        if first != "*", first != "?" {
            guard let start = number(first, bounds) else { return unreadable(first) }
            low = start
            if ends.count == 2 {
                guard let end = number(ends[1], bounds) else { return unreadable(ends[1]) }
                high = end
            } else if steps.count == 1 {
                high = start
            }
        }
        if steps.count == 2 {
            guard let step = Int(steps[1]), step >= 0 else { return unreadable(steps[1]) }
            if step == 0 { return "step of range should be a positive number: \(text)" }
        }
        if low < bounds.range.lowerBound {
            return "beginning of range (\(low)) below minimum (\(bounds.range.lowerBound)): \(text)"
        }
        if high > bounds.range.upperBound {
            return "end of range (\(high)) above maximum (\(bounds.range.upperBound)): \(text)"
        }
        return low > high ? "beginning of range (\(low)) beyond end of range (\(high)): \(text)" : nil
    }

    private static func number(_ text: Substring, _ bounds: Bounds) -> Int? {
        if let index = bounds.names.firstIndex(of: text.lowercased()) { return index + bounds.range.lowerBound }
        guard let number = Int(text), number >= 0 else { return nil }
        return number
    }

    private static func unreadable(_ text: Substring) -> String {
        "failed to parse int from \(text): strconv.Atoi: parsing \"\(text)\": invalid syntax"
    }
}
