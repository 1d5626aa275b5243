import JSON
import Testing

@testable import APIServer

/// What is written as YAML stands as Go's encoder writes it, and reads back as itself.
@Suite struct YAMLWriterTests {
    private func check(_ json: JSON, _ yaml: String, _ remark: String) throws {
        let written = YAMLWriter.encode(json)
        #expect(String(decoding: written, as: UTF8.self) == yaml, "\(remark)")
        #expect(try YAMLReader.read(written).document.encoded == json.encoded, "\(remark)")
    }

    private static let strings: [(text: String, yaml: String, remark: String)] = [
        ("a", "a", "a word"), ("", #""""#, "nothing"), ("yes", #""yes""#, "a boolean of old"),
        ("nULL", "nULL", "no null"), ("12", #""12""#, "a number"), ("0x1F", #""0x1F""#, "a number"),
        ("1.5.2", "1.5.2", "no number"), ("10:30", #""10:30""#, "a number to the base of 60"),
        ("10:99", "10:99", "none"), ("2001-01-02", #""2001-01-02""#, "a date"), ("2001-02-30", "2001-02-30", "no day"),
        ("2026-01-02T03:04:05Z", #""2026-01-02T03:04:05Z""#, "a time"), ("2001-01-02x", "2001-01-02x", "no date"),
        ("- a", "'- a'", "an item"), ("-a", "-a", "no item"), ("a: b", "'a: b'", "a member"), ("a:b", "a:b", "none"),
        ("a #b", "'a #b'", "a comment"), ("a#b", "a#b", "none"), ("[a", "'[a'", "a list"),
        ("it's", "it's", "a mark within"), ("'a", "'''a'", "a mark before"), (" a", "' a'", "a space before"),
        ("a ", "'a '", "a space behind"), ("---", "'---'", "a document"), ("a\tb", #""a\tb""#, "a tab"),
        ("a\r\u{1}", #""a\r\x01""#, "control"), ("\u{FEFF}", #""\uFEFF""#, "a mark of order"),
        ("😀", #""\U0001F600""#, "beyond the first plane"), ("é<&>", "é<&>", "what JSON escapes"),
    ]

    @Test(arguments: strings.indices)
    func stringsAreQuotedWhereTheyCouldBeMisread(index: Int) throws {
        let row = Self.strings[index]
        try check(["k": .string(row.text)], "k: " + row.yaml + "\n", row.remark)
    }

    @Test(arguments: [
        ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\n\n", "|+\n  a\n"), ("\na\n", "|2\n\n  a"),
        ("  a\nb\n", "|2\n    a\n  b"), ("a\n b\n", "|\n  a\n   b"), ("a \nb", #""a \nb""#), ("a\tb\n", #""a\tb\n""#),
    ])
    func linesStandInABlock(text: String, yaml: String) throws {
        try check(["k": .string(text)], "k: " + yaml + "\n", text)
    }

    @Test func numbersAreGos() throws {
        let rows: [(JSON, String)] = [
            (1, "1"), (0.5, "0.5"), (1_234_567.5, "1.2345675e+06"), (1e-7, "1e-07"), (1e300, "1e+300"),
            (.double(9_223_372_036_854_775_808), "9223372036854776000"), (-0.25, "-0.25"),
        ]
        for (number, yaml) in rows { try check(["k": number], "k: " + yaml + "\n", yaml) }
    }

    /// Items of a list within a list were a column too far to the right for their neighbours.
    @Test func listsStandWithinLists() throws {
        try check(
            ["a": [["x", "v"], [["z"], [:]], [["k": 1, "l": [2]]], []]],
            "a:\n- - x\n  - v\n- - - z\n  - {}\n- - k: 1\n    l:\n    - 2\n- []\n", "nested")
        try check([[1], [2]], "- - 1\n- - 2\n", "at the top")
    }

    @Test func keysAreQuotedAsStringsAre() throws {
        let yaml = #"""
            "": 1
            "a\nb": 3
            a b: 2
            "no": 4
            'x: y': 5

            """#
        try check(["": 1, "a\nb": 3, "a b": 2, "no": 4, "x: y": 5], yaml, "keys")
    }

    @Test func longLinesAreFolded() throws {
        let words = String(repeating: "word ", count: 20)
        try check(
            ["k": .string(words + "end")],
            "k: " + String(repeating: "word ", count: 15) + "word\n  word word word word end\n", "plain")
        try check(
            ["k": .string("\t" + words + "end")],
            "k: \"\\t" + String(repeating: "word ", count: 15) + "word\n  word word word word end\"\n", "escaped")
    }
}
