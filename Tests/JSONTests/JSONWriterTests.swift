import Testing

@testable import JSON

@Suite struct JSONWriterTests {
    static let cases: [(value: JSON, text: String)] = [
        (.null, "null"), (true, "true"), (false, "false"),
        (0, "0"), (7, "7"), (10, "10"), (-1, "-1"), (.int(.max), "9223372036854775807"),
        (.int(.min), "-9223372036854775808"),
        (1.0, "1"), (-0.0, "-0"), (0.5, "0.5"), (123.456, "123.456"), (0.000001, "0.000001"),
        (0.0000015, "0.0000015"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (1.25e-10, "1.25e-10"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.5e300, "1.5e+300"), (.double(.leastNonzeroMagnitude), "5e-324"), (100.0, "100"),
        (0.1, "0.1"),
        (.double(.greatestFiniteMagnitude), "1.7976931348623157e+308"), (-12.5, "-12.5"), (.double(.nan), "null"),
        ("", #""""#), ("a\"\\b", #""a\"\\b""#), ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#),
        ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
        ("<a href=\"x\">&</a>", #""\u003ca href=\"x\"\u003e\u0026\u003c/a\u003e""#),
        ("a\u{2028}b\u{2029}", #""a\u2028b\u2029""#), ("â‰ \u{2027}\u{202A}€", "\"â‰ \u{2027}\u{202A}€\""),
        ("äöü😀", "\"äöü😀\""),
        ([], "[]"), ([:], "{}"), ([1, [2, []], [:]], "[1,[2,[]],{}]"),
        (["b": 1, "a": ["x": .null, "y": [true]], "<": "z"], #"{"b":1,"a":{"x":null,"y":[true]},"\u003c":"z"}"#),
    ]

    @Test(arguments: cases.indices)
    func writesAsGo(_ index: Int) {
        let row = Self.cases[index]
        #expect(row.value.description == row.text)
        var bytes: [UInt8] = [0x41]
        row.value.write(into: &bytes)
        #expect(bytes == [0x41] + Array(row.text.utf8))
    }

    @Test func writesPrettily() {
        let value: JSON = ["a": [1, ["b": .null]], "c": [], "d": [:], "e": ["f"]]
        let text = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c": [],
              "d": {},
              "e": [
                "f"
              ]
            }
            """
        #expect(String(decoding: value.prettyEncoded, as: UTF8.self) == text)
    }

    /// Strings are passed over eight bytes at a time: what ends a run may stand anywhere in it.
    @Test(arguments: ["\"", "\\", "\u{0}", "\u{1F}", "<", ">", "&", "\u{2028}", "\u{2029}", "\u{2030}", "é", "😀", "="])
    func findsWhatToEscapeAtEveryOffset(_ special: String) throws {
        let escaped: String =
            switch special {
            case "\"", "\\": "\\" + special
            case "\u{0}": #"\u0000"#
            case "\u{1F}": #"\u001f"#
            case "<": #"\u003c"#
            case ">": #"\u003e"#
            case "&": #"\u0026"#
            case "\u{2028}": #"\u2028"#
            case "\u{2029}": #"\u2029"#
            default: special
            }
        for (before, after) in (0..<20).flatMap({ before in (0..<20).map { (before, $0) } }) {
            let (head, tail) = (String(repeating: "a", count: before), String(repeating: "~", count: after))
            let value = JSON.string(head + special + tail)
            #expect(value.description == "\"" + head + escaped + tail + "\"")
            #expect(try JSON(parsing: value.encoded) == value)
        }
    }

    @Test func growsItsBuffer() throws {
        let value = JSON.array((0..<5000).map { .string(String(repeating: "x<", count: $0 % 97)) })
        #expect(try JSON(parsing: value.encoded) == value)
    }
}
