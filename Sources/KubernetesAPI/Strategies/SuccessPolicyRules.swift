import APIMachinery
import JSON

/// When an indexed job has done enough, and lists of its indexes: `0,3-5,7`.
enum SuccessPolicyRules {
    private static let maximumRules = 20
    private static let maximumIndexesLength = 64 * 1024

    static func check(_ policy: Fields, completions: Int64, _ errors: inout FieldErrors) {
        let rules = policy["rules"]
        errors.require(rules, "at least one rules must be specified when the successPolicy is specified")
        if rules.items.count > maximumRules {
            errors.add(.tooMany(rules.path, count: rules.items.count, maximum: maximumRules))
        }
        for rule in rules.items.map(\.fields) { self.rule(rule, completions: completions, &errors) }
    }

    private static func rule(_ rule: Fields, completions: Int64, _ errors: inout FieldErrors) {
        let (count, indexes) = (rule["succeededCount"], rule["succeededIndexes"])
        if !count.isSet, !indexes.isSet {
            errors.add(
                .required(rule.path, "at least one of succeededCount or succeededIndexes must be specified"))
        }
        var total: Int64 = 0
        if indexes.isSet {
            if indexes.text.utf8.count > maximumIndexesLength {
                errors.add(.tooLong(indexes.path, maximumBytes: maximumIndexesLength))
            }
            do {
                total = try JobIndexes(indexes.text, completions: completions).count
            } catch {
                errors.invalid(indexes, "error parsing succeededIndexes: \(error.message)")
            }
        }
        errors.nonNegative(count)
        guard let number = count.int else { return }
        if number > completions {
            errors.invalid(
                count, "must be less than or equal to \(completions) (the number of specified completions)")
        }
        if indexes.isSet, number > total {
            errors.invalid(
                count,
                "must be less than or equal to \(total) (the number of indexes in the specified succeededIndexes field)"
            )
        }
    }
}

/// A list of indexes of a job, in rising order.
struct JobIndexes {
    struct Problem: Error { var message: String }

    private(set) var ranges: [ClosedRange<Int64>] = []

    init(_ text: String, completions: Int64) throws(Problem) {
        guard !text.isEmpty else { return }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let range = try Self.range(part, completions: completions)
            if let last = ranges.last?.upperBound, last >= range.lowerBound {
                throw Self.notRising(last, range.lowerBound)
            }
            ranges.append(range)
        }
    }

    /// The parts of a list that can be read.
    init(readable text: String, completions: Int64) {
        guard !text.isEmpty else { return }
        ranges = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { part in
            try? Self.range(part, completions: completions)
        }
    }

    var count: Int64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }

    /// The first index that both lists have.
    func firstCommon(with other: JobIndexes) -> Int64? {
        for range in ranges {
            for candidate in other.ranges where range.overlaps(candidate) {
                return max(range.lowerBound, candidate.lowerBound)
            }
        }
        return nil
    }

    private static func range(_ text: Substring, completions: Int64) throws(Problem) -> ClosedRange<Int64> {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = ends.first else {
            throw Problem(
                message:
                    "the fragment \"\(text)\" violates the requirement that an index interval can have at most two "
                    + "parts separated by '-'")
        }
        let low = try index(first, completions: completions)
        guard ends.count == 2 else { return low...low }
        let high = try index(ends[1], completions: completions)
        guard low < high else { throw notRising(low, high) }
        return low...high
    }

    private static func index(_ text: Substring, completions: Int64) throws(Problem) -> Int64 {
        guard let index = Int64(text) else {
            throw Problem(message: "cannot convert string to integer for index: \"\(text)\"")
        }
        if index >= completions { throw Problem(message: "too large index: \"\(text)\"") }
        return index
    }

    private static func notRising(_ before: Int64, _ now: Int64) -> Problem {
        Problem(message: "non-increasing order, previous: \(before), current: \(now)")
    }
}
