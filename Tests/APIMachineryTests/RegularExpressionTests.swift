import Foundation
import TestSupport
import Testing

@testable import APIMachinery

@Suite struct RegularExpressionTests {
    private static let rows: [(pattern: String, matches: [String], others: [String])] = [
        ("", ["", "x"], []),
        ("b", ["abc"], ["ac", ""]),
        ("^a*$", ["", "aaa"], ["aab"]),
        ("^a+?b??$", ["a", "aab"], ["b"]),
        ("^(ab|cd)*$", ["", "abcd"], ["abc"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{2,}$", ["aa", "aaaa"], ["a"]),
        ("^a{0}b$", ["b"], ["ab"]),
        ("^(a|b){3}$", ["aba"], ["ab"]),
        ("^a{,2}$", ["a{,2}"], ["aa"]),
        ("^a.c$", ["abc", "aßc"], ["a\nc", "ac"]),
        ("(?s)^a.c$", ["a\nc"], []),
        ("^b$", ["b"], ["a\nb"]),
        ("(?m)^b$", ["a\nb\nc"], ["ab"]),
        ("(?i)straße", ["STRAßE", "Straẞe"], ["strasse"]),
        ("(?i)^[k]$", ["K", "\u{212A}"], []),
        ("(?i)^[^k]$", ["l"], ["K", "\u{212A}"]),
        ("(?i)^\\W$", ["-"], ["\u{212A}", "k"]),
        ("^a(?i)b$", ["aB"], ["AB"]),
        ("^(?i:a)b$", ["Ab"], ["aB"]),
        ("^(?P<n>a)(?<m>b)$", ["ab"], ["a"]),
        ("^[a-c]+[]-]$", ["abc]", "a-"], ["d]"]),
        ("^[^a-c]$", ["d", "\n"], ["a"]),
        ("^[[:alpha:]_]+$", ["aZ_"], ["a1"]),
        ("^[[:^digit:]]$", ["x"], ["1"]),
        ("^\\d\\D\\w\\W\\s\\S$", ["1a_- x"], ["aaaaaa"]),
        ("\\bfoo\\b", ["a foo.", "foo"], ["afoo", "foo_"]),
        ("\\Boo\\b", ["foo"], ["oo"]),
        ("\\Aab\\z", ["ab"], ["ab\n"]),
        ("^\\Qa.b\\E+$", ["a.bb"], ["axb"]),
        ("^\\x41\\x{1F600}\\101\\t$", ["A\u{1F600}A\t"], ["A"]),
        ("^\\pL\\p{Nd}\\P{Lu}$", ["é٣x"], ["é٣X", "1"]),
        ("^\\p{Greek}+$", ["αβγ"], ["abc"]),
        ("^\\p{^Latin}$", ["α"], ["a"]),
        ("^\\p{Lowercase_Letter}$", ["a"], ["A"]),
        ("^[\\p{Lu}\\d]+$", ["A1Ä"], ["a"]),
        ("^é$", ["é"], ["e\u{301}"]),
        ("a|b|", ["zzz"], []),
        ("^(|a)+$", ["", "aa"], ["b"]),
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", ["a.b-c.d"], ["a..b", "-a"]),
    ]

    @Test(arguments: rows.indices) func textsMatchOrNot(_ index: Int) throws {
        let row = Self.rows[index]
        let expression = try RegularExpression(row.pattern)
        for text in row.matches { #expect(expression.search(text) == .match, "\(row.pattern) in \(text)") }
        for text in row.others { #expect(expression.search(text) == .noMatch, "\(row.pattern) in \(text)") }
    }

    private static let faults: [(pattern: String, problem: String)] = [
        ("a)", "unexpected ): `a)`"),
        ("(a", "missing closing ): `(a`"),
        ("[a", "missing closing ]: `[a`"),
        ("x[b-a]", "invalid character class range: `b-a`"),
        ("[[:word1:]]", "invalid character class range: `[:word1:]`"),
        ("\\p{Klingon}", "invalid character class range: `\\p{Klingon}`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("(|+?)", "missing argument to repetition operator: `+?`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a+{2}?", "invalid nested repetition operator: `+{2}?`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{3,2}", "invalid repeat count: `{3,2}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i-)", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?<=a)", "invalid named capture: `(?<=a)`"),
        ("(?P<a b>c)", "invalid named capture: `(?P<a b>`"),
        ("\\1", "invalid escape sequence: `\\1`"),
        ("\\8", "invalid escape sequence: `\\8`"),
        ("\\xg0", "invalid escape sequence: `\\xg0`"),
        ("\\", "trailing backslash at end of expression: ``"),
    ]

    @Test(arguments: faults.indices) func faultsAreToldAsGoTellsThem(_ index: Int) {
        let row = Self.faults[index]
        let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(row.pattern) }
        #expect(error?.description == "error parsing regexp: " + row.problem)
    }

    @Test func whatIsTooDeepOrTooLargeIsRefused() {
        func code(_ pattern: String) -> RegularExpressionError.Code? {
            do throws(RegularExpressionError) {
                _ = try RegularExpression(pattern)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(
            code(String(repeating: "(", count: 1001) + String(repeating: ")", count: 1001)) == .nestsTooDeeply)
        #expect(code(String(repeating: "(x{1000})", count: 200)) == .tooLarge)
        #expect(code(String(repeating: "(){1000}", count: 2000)) == .tooLarge)
        #expect(code(String(repeating: "(?:a|b)", count: 5000)) == nil)
    }

    @Test(arguments: ["(a*)*b", "(a|a)*b", "(a+)+$", "(.*)(.*)(.*)x", "(a?){30}a{30}", "^(([a-z])+.)+[A-Z]$"])
    func hostilePatternsTakeStepsInProportionToTheText(_ pattern: String) throws {
        let expression = try RegularExpression(pattern)
        let few = expression.steps(searching: String(repeating: "a", count: 200) + "!")
        let many = expression.steps(searching: String(repeating: "a", count: 2000) + "!")
        #expect(many < 11 * few)
    }

    @Test func aSearchIsGivenUp() throws {
        let expression = try RegularExpression("(x?){500}y")
        #expect(expression.search(String(repeating: "x", count: 1000), maximumSteps: 10_000) == .tooManySteps)
    }

    // MARK: Python as a judge

    private static let atoms = [
        "a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "\\b", "\\B", "(a|b)", "(?:ab)", "(a|)", "[a-c0]", "^", "$",
        "x",
    ]

    private static func pattern(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let atom = random.pick(atoms)
            text += atom
            let isPlace = ["^", "$", "\\b", "\\B"].contains(atom)
            if !isPlace, random.chance(oneIn: 3) { text += random.pick(["*", "+", "?", "{2}", "{0,2}", "*?"]) }
            if random.chance(oneIn: 8) { text += "|" }
        }
        return text
    }

    /// Simple patterns mean the same in Python, but for `$`, which is written `\Z` there, and `\B`, which an empty text
    /// has none of there.
    private static let script = """
        import re, sys
        for line in sys.argv[1].split("\\n"):
            pattern, text = line.split("\\t")
            print(1 if re.search(pattern.replace("$", "\\\\Z"), text, re.ASCII) else 0)
        """

    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: python != nil, "Python is not installed"))
    func randomPatternsMatchWhatTheyMatchInPython() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        var random = SeededGenerator(seed: seed)
        var cases: [(pattern: String, text: String)] = []
        for _ in 0..<700 {
            let pattern = Self.pattern(&random)
            for _ in 0..<4 {
                let length = random.below(pattern.contains("\\B") ? 6 : 7) + (pattern.contains("\\B") ? 1 : 0)
                let characters = (0..<length).map { _ in random.pick(["a", "b", "c", "0", " ", "x"]) }
                cases.append((pattern, characters.joined()))
            }
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [
            "-c", Self.script, cases.map { "\($0.pattern)\t\($0.text)" }.joined(separator: "\n"),
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let verdicts = String(decoding: output, as: UTF8.self).split(separator: "\n")
        try #require(verdicts.count == cases.count)
        for (index, (pattern, text)) in cases.enumerated() {
            let outcome = try RegularExpression(pattern).search(text)
            #expect((outcome == .match) == (verdicts[index] == "1"), "\(pattern) in \"\(text)\" with seed \(seed)")
        }
    }
}
