/// A pattern in the syntax of Go's `regexp` (RE2), which says whether a text holds a match for it.
///
/// The pattern becomes a program of at most `maximumInstructions`, and a search follows all of its ways at once
/// (Thompson's simulation): the steps of a search are at most the instructions times the characters, whatever the
/// pattern, and a search that takes more than `maximumSteps` ends without a result. Characters are Unicode's scalars.
/// Immutable; the same patterns as in Go are refused, in Go's words.
public final class RegularExpression: Sendable {
    /// What a search has found.
    public enum Outcome: Sendable, Hashable {
        case match, noMatch
        /// The search was given up.
        case tooManySteps
    }

    /// The largest program that a pattern may become.
    public static let maximumInstructions = 100_000
    /// Steps of one search; they take about half a second.
    public static let maximumSteps = 50_000_000

    public let pattern: String
    private let program: RegularExpressionProgram

    /// - Throws: why the pattern is none, as Go says it.
    public init(_ pattern: String) throws(RegularExpressionError) {
        self.pattern = pattern
        program = try RegularExpressionProgram(RegularExpressionParser.parse(pattern), of: pattern)
    }

    /// Looks for a match anywhere in a text.
    public func search(_ text: String, maximumSteps: Int = RegularExpression.maximumSteps) -> Outcome {
        program.search(text, maximumSteps: maximumSteps).outcome
    }

    /// The steps that a search takes, for tests that hold them to be few.
    func steps(searching text: String) -> Int { program.search(text, maximumSteps: .max).steps }
}

/// Why a text is no regular expression: `error parsing regexp: missing closing ]: `[a``.
public struct RegularExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in Go's words.
    public enum Code: String, Sendable {
        case invalidClassRange = "invalid character class range"
        case invalidEscape = "invalid escape sequence"
        case invalidNamedCapture = "invalid named capture"
        case invalidGroup = "invalid or unsupported Perl syntax"
        case invalidRepetition = "invalid nested repetition operator"
        case invalidCount = "invalid repeat count"
        case missingBracket = "missing closing ]"
        case missingParenthesis = "missing closing )"
        case missingRepeated = "missing argument to repetition operator"
        case trailingBackslash = "trailing backslash at end of expression"
        case unexpectedParenthesis = "unexpected )"
        case nestsTooDeeply = "expression nests too deeply"
        case tooLarge = "expression too large"
    }

    public var code: Code
    /// The part that is wrong.
    public var expression: String

    public var description: String { "error parsing regexp: \(code.rawValue): `\(expression)`" }
}
