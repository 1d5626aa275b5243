/// A set of Unicode scalars, as a pattern describes it.
struct CharacterClass: Sendable {
    typealias Range = ClosedRange<UInt32>

    /// A set of general categories, or all scalars of none of them.
    private struct Categories: Sendable {
        var set: Set<Unicode.GeneralCategory>
        var isNegated: Bool
    }

    static let last: UInt32 = 0x10FFFF

    /// Sorted and apart, once the class is finished.
    private var ranges: [Range] = []
    private var categories: [Categories] = []
    private var foldsCase = false
    var isNegated = false
    /// A bit for each ASCII character that is in the set, once the class is finished.
    private var ascii: (low: UInt64, high: UInt64) = (0, 0)

    static let everything = CharacterClass(ranges: [0...last])
    static let everythingButNewline = CharacterClass(ranges: [0...0x09, 0x0B...last])

    init() {}

    private init(ranges: [Range]) {
        self.ranges = ranges
        self = finished()
    }

    mutating func insert(_ range: Range) { ranges.append(range) }

    mutating func insert(_ part: [Range], isNegated: Bool, foldsCase: Bool) {
        guard isNegated else { return ranges.append(contentsOf: part) }
        ranges.append(contentsOf: Self.complement(of: Self.joined(foldsCase ? CaseFolding.folded(part) : part)))
    }

    mutating func insert(_ set: Set<Unicode.GeneralCategory>, isNegated: Bool) {
        categories.append(Categories(set: set, isNegated: isNegated))
    }

    /// The class in the form that `contains` needs, with what its members fold with where case does not count.
    func finished(foldsCase: Bool = false) -> CharacterClass {
        var finished = self
        finished.foldsCase = foldsCase
        finished.ranges = Self.joined(foldsCase ? CaseFolding.folded(Self.joined(ranges)) : ranges)
        for value: UInt32 in 0..<64 {
            if finished.decide(value) { finished.ascii.low |= 1 << UInt64(value) }
            if finished.decide(value + 64) { finished.ascii.high |= 1 << UInt64(value) }
        }
        return finished
    }

    @inline(__always)
    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return ascii.low & (1 << UInt64(value)) != 0 }
        if value < 128 { return ascii.high & (1 << UInt64(value - 64)) != 0 }
        return decide(value)
    }

    private func decide(_ value: UInt32) -> Bool {
        let isMember = hasRange(with: value) || !categories.isEmpty && categories.contains { holds($0, value) }
        return isMember != isNegated
    }

    private func hasRange(with value: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= value
    }

    private func holds(_ categories: Categories, _ value: UInt32) -> Bool {
        func has(_ value: UInt32) -> Bool {
            // What is no scalar is a surrogate.
            let category = Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
            return categories.set.contains(category)
        }
        let isOne = has(value) || foldsCase && CaseFolding.others(of: value).contains(where: has)
        return isOne != categories.isNegated
    }

    // MARK: Ranges

    private static func joined(_ ranges: [Range]) -> [Range] {
        var joined: [Range] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let previous = joined.last, range.lowerBound <= previous.upperBound + 1 {
                joined[joined.count - 1] =
                    previous.lowerBound...Swift.max(previous.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    private static func complement(of ranges: [Range]) -> [Range] {
        var complement: [Range] = []
        var next: UInt32 = 0
        for range in ranges {
            if next < range.lowerBound { complement.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= last { complement.append(next...last) }
        return complement
    }
}

// The sets that have a name.
extension CharacterClass {
    private static let digit: [Range] = [0x30...0x39]
    private static let upper: [Range] = [0x41...0x5A]
    private static let lower: [Range] = [0x61...0x7A]
    private static let word = digit + upper + [0x5F...0x5F] + lower

    /// `\d`, `\s`, `\w`.
    static let perl: [String: [Range]] = ["d": digit, "s": [0x09...0x0A, 0x0C...0x0D, 0x20...0x20], "w": word]

    /// `[:alpha:]` and the like.
    static let named: [String: [Range]] = [
        "alnum": digit + upper + lower, "alpha": upper + lower, "ascii": [0...0x7F],
        "blank": [0x09...0x09, 0x20...0x20],
        "cntrl": [0...0x1F, 0x7F...0x7F], "digit": digit, "graph": [0x21...0x7E], "lower": lower,
        "print": [0x20...0x7E],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E], "space": [0x09...0x0D, 0x20...0x20],
        "upper": upper, "word": word, "xdigit": digit + [0x41...0x46, 0x61...0x66],
    ]
}
