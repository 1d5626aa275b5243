/// Reads a pattern as Go's `regexp/syntax` does with its flags for Perl's syntax.
struct RegularExpressionParser {
    struct Flags {
        var foldsCase = false
        var isMultiLine = false
        var dotMatchesNewline = false
    }

    /// What has been read of a group, or of the whole.
    private struct Group {
        /// The flags that hold again behind the group.
        var outerFlags = Flags()
        var captures = false
        var sequence: [Int] = []
        var alternatives: [Int] = []
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private var tree = RegularExpressionTree()
    private var groups = [Group()]
    /// Where the repetition begins that was read just before, which may not be repeated again.
    private var lastRepetition: Int?

    private init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

    static func parse(_ pattern: String) throws(RegularExpressionError) -> RegularExpressionTree {
        var parser = RegularExpressionParser(pattern)
        return try parser.parse()
    }

    // MARK: Text

    var isAtEnd: Bool { position >= scalars.count }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    func text(from start: Int, to end: Int? = nil) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<(end ?? position)])
        return String(text)
    }

    func error(_ code: RegularExpressionError.Code, _ expression: String) -> RegularExpressionError {
        RegularExpressionError(code: code, expression: expression)
    }

    private var whole: String { text(from: 0, to: scalars.count) }

    // MARK: Structure

    private mutating func parse() throws(RegularExpressionError) -> RegularExpressionTree {
        while let next = peek() {
            let repetition = lastRepetition
            lastRepetition = nil
            switch next {
            case "(": try openGroup()
            case "|":
                position += 1
                endAlternative()
            case ")": try closeGroup()
            case "*", "+", "?": try repeatLast(after: repetition)
            case "{": try repeatByCount(after: repetition)
            default: try readAtom(next)
            }
        }
        guard groups.count == 1 else { throw error(.missingParenthesis, whole) }
        tree.root = try endGroup()
        return tree
    }

    private mutating func push(_ node: Int) { groups[groups.count - 1].sequence.append(node) }

    private mutating func push(_ node: RegularExpressionTree.Node) { push(tree.add(node)) }
    private mutating func push(_ set: CharacterClass) { push(tree.add(set)) }

    /// One scalar, or, where case does not count, what it folds with.
    private mutating func push(literal scalar: Unicode.Scalar) {
        let folded = flags.foldsCase ? CaseFolding.others(of: scalar.value) : []
        if folded.isEmpty { return push(.scalar(scalar.value)) }
        var set = CharacterClass()
        for value in folded + [scalar.value] { set.insert(value...value) }
        push(set.finished())
    }

    private mutating func joined(_ parts: [Int], _ node: ([Int]) -> RegularExpressionTree.Node) -> Int {
        switch parts.count {
        case 0: tree.add(.empty)
        case 1: parts[0]
        default: tree.add(parts, as: node)
        }
    }

    private mutating func endAlternative() {
        let sequence = groups[groups.count - 1].sequence
        groups[groups.count - 1].sequence = []
        let node = joined(sequence) { .sequence($0) }
        groups[groups.count - 1].alternatives.append(node)
    }

    private mutating func endGroup() throws(RegularExpressionError) -> Int {
        endAlternative()
        let alternatives = groups[groups.count - 1].alternatives
        let node = joined(alternatives) { .alternatives($0) }
        if tree.nestsTooDeeply(node) { throw error(.nestsTooDeeply, whole) }
        return node
    }

    private mutating func closeGroup() throws(RegularExpressionError) {
        position += 1
        guard groups.count > 1 else { throw error(.unexpectedParenthesis, whole) }
        let node = try endGroup()
        let group = groups.removeLast()
        flags = group.outerFlags
        push(group.captures ? tree.captured(node) : node)
    }

    // MARK: Groups

    private mutating func openGroup() throws(RegularExpressionError) {
        guard peek(1) == "?" else {
            position += 1
            return groups.append(Group(outerFlags: flags, captures: true))
        }
        let start = position
        let isNamed = peek(2) == "<" && peek(3) != nil
        if isNamed || peek(2) == "P" && peek(3) == "<" && peek(4) != nil {
            return try openNamedGroup(nameAt: start + (isNamed ? 3 : 4))
        }
        position += 2
        try readFlags(from: start)
    }

    private mutating func openNamedGroup(nameAt first: Int) throws(RegularExpressionError) {
        guard let end = scalars[position...].firstIndex(of: ">") else {
            throw error(.invalidNamedCapture, text(from: position, to: scalars.count))
        }
        let name = first <= end ? scalars[first..<end] : []
        guard !name.isEmpty, name.allSatisfy({ $0 == "_" || $0.isASCIIAlphanumeric }) else {
            throw error(.invalidNamedCapture, text(from: position, to: end + 1))
        }
        position = end + 1
        groups.append(Group(outerFlags: flags, captures: true))
    }

    /// `i-s)` or `i-s:`, behind `(?`.
    private mutating func readFlags(from start: Int) throws(RegularExpressionError) {
        var changed = flags
        var sets = true
        var sawFlag = false
        reading: while let next = peek() {
            position += 1
            switch next {
            case "i": changed.foldsCase = sets
            case "m": changed.isMultiLine = sets
            case "s": changed.dotMatchesNewline = sets
            case "U": break  // which of several matches is taken is no question here
            case "-":
                if !sets { break reading }
                sets = false
                sawFlag = false
                continue
            case ":", ")":
                if !sets, !sawFlag { break reading }
                if next == ":" { groups.append(Group(outerFlags: flags)) }
                flags = changed
                return
            default: break reading
            }
            sawFlag = true
        }
        throw error(.invalidGroup, text(from: start))
    }

    // MARK: Repetitions

    private mutating func repeatLast(after previous: Int?) throws(RegularExpressionError) {
        let start = position
        let sign = scalars[position]
        position += 1
        try repeatLast(sign == "+" ? 1 : 0, sign == "?" ? 1 : nil, from: start, after: previous, isCounted: false)
    }

    private mutating func repeatByCount(after previous: Int?) throws(RegularExpressionError) {
        let start = position
        guard let (minimum, maximum) = readCounts() else {
            position = start + 1
            return push(literal: "{")
        }
        let limit = RegularExpressionTree.maximumCount
        if minimum > limit || maximum.map({ $0 > limit || $0 < minimum }) ?? false {
            throw error(.invalidCount, text(from: start))
        }
        try repeatLast(minimum, maximum, from: start, after: previous, isCounted: true)
    }

    private mutating func repeatLast(
        _ minimum: Int, _ maximum: Int?, from start: Int, after previous: Int?, isCounted: Bool
    ) throws(RegularExpressionError) {
        if peek() == "?" { position += 1 }  // as few as possible: the same, where only a match is asked for
        if let previous { throw error(.invalidRepetition, text(from: previous)) }
        guard let part = groups[groups.count - 1].sequence.popLast() else {
            throw error(.missingRepeated, text(from: start))
        }
        let node = tree.repeated(part, minimum, maximum, isCounted: isCounted)
        if tree.nestsTooDeeply(node) { throw error(.nestsTooDeeply, whole) }
        if isCounted, minimum >= 2 || (maximum ?? 0) >= 2, tree.repeatsTooOften(node) {
            throw error(.invalidCount, text(from: start))
        }
        push(node)
        lastRepetition = start
    }

    /// `{2}`, `{2,}` or `{2,3}`; `nil` where it is none of these, and the brace stands for itself.
    private mutating func readCounts() -> (minimum: Int, maximum: Int?)? {
        position += 1
        guard let minimum = readCount() else { return nil }
        var maximum: Int? = minimum
        if peek() == "," {
            position += 1
            if peek() == "}" {
                maximum = nil
            } else if let count = readCount() {
                maximum = count
            } else {
                return nil
            }
        }
        guard peek() == "}" else { return nil }
        position += 1
        return (minimum, maximum)
    }

    /// A number, or, where it is out of all bounds, one that is too large; `nil` where there is none.
    private mutating func readCount() -> Int? {
        guard let first = peek()?.decimalDigit else { return nil }
        if first == 0, peek(1)?.decimalDigit != nil { return nil }
        var count = 0
        while let digit = peek()?.decimalDigit {
            count = min(count * 10 + digit, RegularExpressionTree.maximumCount + 1)
            position += 1
        }
        return count
    }

    // MARK: Atoms

    private mutating func readAtom(_ next: Unicode.Scalar) throws(RegularExpressionError) {
        switch next {
        case "^":
            position += 1
            push(.assertion(flags.isMultiLine ? .beginningOfLine : .beginningOfText))
        case "$":
            position += 1
            push(.assertion(flags.isMultiLine ? .endOfLine : .endOfText))
        case ".":
            position += 1
            push(flags.dotMatchesNewline ? CharacterClass.everything : .everythingButNewline)
        case "[": push(try readClass())
        case "\\": try readEscaped()
        default:
            position += 1
            push(literal: next)
        }
    }

    private mutating func readEscaped() throws(RegularExpressionError) {
        if let assertion = Self.assertions[peek(1) ?? "\\"] {
            position += 2
            return push(.assertion(assertion))
        }
        switch peek(1) {
        case "C": throw error(.invalidEscape, "\\C")
        case "Q": return readQuoted()
        default: break
        }
        var set = CharacterClass()
        if try readUnicodeClass(into: &set) || readPerlClass(into: &set) {
            return push(set.finished(foldsCase: flags.foldsCase))
        }
        push(literal: try readEscape())
    }

    private static let assertions: [Unicode.Scalar: RegularExpressionTree.Assertion] = [
        "A": .beginningOfText, "z": .endOfText, "b": .wordBoundary, "B": .noWordBoundary,
    ]

    /// `\Q…\E`: what stands there is meant as it stands.
    private mutating func readQuoted() {
        position += 2
        while let next = peek() {
            if next == "\\", peek(1) == "E" {
                position += 2
                return
            }
            position += 1
            push(literal: next)
        }
    }
}

extension Unicode.Scalar {
    var isASCIIAlphanumeric: Bool {
        switch self {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }

    var decimalDigit: Int? { ("0"..."9").contains(self) ? Int(value) - 0x30 : nil }

    var hexadecimalDigit: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x61 + 10
        case "A"..."F": value - 0x41 + 10
        default: nil
        }
    }
}
