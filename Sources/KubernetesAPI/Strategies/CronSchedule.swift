import APIMachinery

/// The five fields of a cron expression: minute, hour, day of the month, month, day of the week.
///
/// What is wrong with one is told in the words of the library that Kubernetes reads it with (robfig/cron).
enum CronSchedule {
    private struct Problem: Error { var message: String }

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

    /// What is wrong with an expression: the first thing that keeps it from being read, and that it names a zone.
    static func problems(of schedule: String) -> [String] {
        var problems: [String] = []
        do { try read(schedule) } catch { problems.append(error.message) }
        if schedule.contains("TZ") {
            problems.append("cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
        }
        return problems
    }

    private static func read(_ schedule: String) throws(Problem) {
        let expression = try withoutZone(schedule)
        if expression.hasPrefix("@") { return try readDescriptor(String(expression)) }
        let fields = expression.split(whereSeparator: \.isWhitespace)
        guard fields.count == bounds.count else {
            let found = "\(fields.count): [\(fields.joined(separator: " "))]"
            throw Problem(message: "expected exactly \(bounds.count) fields, found \(found)")
        }
        for (field, bounds) in zip(fields, bounds) {
            for part in field.split(separator: ",") { try readRange(part, bounds) }
        }
    }

    /// What follows a zone at the head of an expression.
    private static func withoutZone(_ schedule: String) throws(Problem) -> Substring {
        guard schedule.hasPrefix("TZ=") || schedule.hasPrefix("CRON_TZ="), let space = schedule.firstIndex(of: " "),
            let equals = schedule.firstIndex(of: "=")
        else { return schedule[...] }
        if equals < space {
            let zone = String(schedule[schedule.index(after: equals)..<space])
            if !zone.isEmpty, zone != "Local", !CronTimeZone.isKnown(zone) {
                throw Problem(message: "provided bad location \(zone): unknown time zone \(zone)")
            }
        }
        return schedule[space...].drop(while: \.isWhitespace)
    }

    private static func readDescriptor(_ text: String) throws(Problem) {
        if descriptors.contains(text) { return }
        guard text.hasPrefix("@every ") else { throw Problem(message: "unrecognized descriptor: \(text)") }
        if case .failure(let error) = DurationText.nanoseconds(String(text.dropFirst("@every ".count))) {
            throw Problem(message: "failed to parse duration \(text): \(error.message)")
        }
    }

    private static func readRange(_ text: Substring, _ bounds: Bounds) throws(Problem) {
        let steps = text.split(separator: "/", omittingEmptySubsequences: false)
        let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false)
        var (low, high) = (bounds.range.lowerBound, bounds.range.upperBound)
        if ends[0] != "*", ends[0] != "?" {
            low = try number(ends[0], names: bounds)
            guard ends.count <= 2 else { throw Problem(message: "too many hyphens: \(text)") }
            high = ends.count == 2 ? try number(ends[1], names: bounds) : low
        }
        guard steps.count <= 2 else { throw Problem(message: "too many slashes: \(text)") }
        let step = steps.count == 2 ? try number(steps[1]) : 1
        if steps.count == 2, ends.count == 1 { high = bounds.range.upperBound }
        try check(low, high, step: step, in: bounds.range, text)
    }

    private static func check(
        _ low: Int, _ high: Int, step: Int, in range: ClosedRange<Int>, _ text: Substring
    ) throws(Problem) {
        if low < range.lowerBound {
            let limit = "minimum (\(range.lowerBound)): \(text)"
            throw Problem(message: "beginning of range (\(low)) below \(limit)")
        }
        if high > range.upperBound {
            throw Problem(message: "end of range (\(high)) above maximum (\(range.upperBound)): \(text)")
        }
        if low > high {
            throw Problem(message: "beginning of range (\(low)) beyond end of range (\(high)): \(text)")
        }
        if step == 0 { throw Problem(message: "step of range should be a positive number: \(text)") }
    }

    private static func number(_ text: Substring, names bounds: Bounds) throws(Problem) -> Int {
        if let index = bounds.names.firstIndex(of: text.lowercased()) { return index + bounds.range.lowerBound }
        return try number(text)
    }

    private static func number(_ text: Substring) throws(Problem) -> Int {
        guard let number = Int(text) else {
            let digits = text.first == "+" || text.first == "-" ? text.dropFirst() : text
            let isNumber = !digits.isEmpty && digits.utf8.allSatisfy(ByteRules.isDigit)
            let why = isNumber ? "value out of range" : "invalid syntax"
            let shown = FieldError.quoted(String(text))
            throw Problem(message: "failed to parse int from \(text): strconv.Atoi: parsing \(shown): \(why)")
        }
        if number < 0 { throw Problem(message: "negative number (\(number)) not allowed: \(text)") }
        return number
    }
}
