import Testing

@testable import JSON

@Suite struct JSONParserTests {
    static let valid: [(text: String, value: JSON, remark: String)] = [
        ("null", .null, "a scalar is a document"),
        (" \t\r\n true ", true, "white space around"),
        ("false", false, ""),
        ("0", 0, ""),
        ("-0", 0, "Go keeps no sign on an integer"),
        ("9223372036854775807", .int(.max), "greatest integer"),
        ("-9223372036854775808", .int(.min), "least integer"),
        ("9223372036854775808", .double(9_223_372_036_854_775_808), "beyond 64 bits"),
        ("-9223372036854775809", .double(-9_223_372_036_854_775_808), "beyond 64 bits"),
        ("9007199254740993", .int(9_007_199_254_740_993), "beyond 53 bits"),
        ("1.5", 1.5, ""),
        ("-1.25e+2", -125.0, ""),
        ("1E-2", 0.01, ""),
        ("1e-999", 0.0, "too small is zero"),
        (#""""#, "", ""),
        (#""fifteen bytes!!""#, "fifteen bytes!!", ""),
        (#""sixteen bytes!!!""#, "sixteen bytes!!!", ""),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t", "short escapes"),
        (#""\u00e4\u20AC\ud83d\ude00""#, "ä€😀", "escaped characters"),
        (#""a\ud800b""#, "a\u{FFFD}b", "first half alone"),
        (#""\udc00""#, "\u{FFFD}", "second half alone"),
        (#""\ud800\ud800\udc00""#, "\u{FFFD}\u{10000}", "two first halves"),
        (#""\ud800\u0041""#, "\u{FFFD}A", "first half before another escape"),
        (#""äöü 😀\n""#, "äöü 😀\n", "UTF-8 and an escape"),
        ("[]", [], ""),
        ("[ ]", [], ""),
        ("{}", [:], ""),
        ("{ }", [:], ""),
        ("[1,[2,[3]],{}]", [1, [2, [3]], [:]], ""),
        (#"{"a":{"b":[{"c":null}]},"d":1}"#, ["a": ["b": [["c": .null]]], "d": 1], ""),
    ]

    @Test(arguments: valid.indices)
    func readsValidText(_ index: Int) throws {
        let row = Self.valid[index]
        #expect(try JSON(parsing: row.text) == row.value, "\(row.remark)")
    }

    static let invalid: [(text: String, message: String, offset: Int)] = [
        ("", "unexpected end of JSON input", 0),
        ("  ", "unexpected end of JSON input", 2),
        ("{", "unexpected end of JSON input", 1),
        (#"{"a""#, "unexpected end of JSON input", 4),
        (#"{"a":"#, "unexpected end of JSON input", 5),
        (#"{"a":1"#, "unexpected end of JSON input", 6),
        (#"{"a":1,"#, "unexpected end of JSON input", 7),
        ("[1", "unexpected end of JSON input", 2),
        ("[1,", "unexpected end of JSON input", 3),
        ("\"a", "unexpected end of JSON input", 2),
        (#""\"#, "unexpected end of JSON input", 2),
        (#""\u12"#, "unexpected end of JSON input", 5),
        ("-", "unexpected end of JSON input", 1),
        ("1.", "unexpected end of JSON input", 2),
        ("1e", "unexpected end of JSON input", 2),
        ("tru", "unexpected end of JSON input", 3),
        ("}", "invalid character '}' looking for beginning of value", 0),
        ("[1,]", "invalid character ']' looking for beginning of value", 3),
        ("'a'", #"invalid character '\'' looking for beginning of value"#, 0),
        ("+1", "invalid character '+' looking for beginning of value", 0),
        ("NaN", "invalid character 'N' looking for beginning of value", 0),
        ("{,}", "invalid character ',' looking for beginning of object key string", 1),
        (#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string", 7),
        (#"{"a" 1}"#, "invalid character '1' after object key", 5),
        (#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair", 7),
        ("[1 2]", "invalid character '2' after array element", 3),
        ("1 x", "invalid character 'x' after top-level value", 2),
        ("{}{}", "invalid character '{' after top-level value", 2),
        ("01", "invalid character '1' after top-level value", 1),
        ("\"\n\"", #"invalid character '\n' in string literal"#, 1),
        ("\"a\\n\u{1}\"", #"invalid character '\x01' in string literal"#, 4),
        (#""\x""#, "invalid character 'x' in string escape code", 2),
        (#""\u00g0""#, #"invalid character 'g' in \u hexadecimal character escape"#, 5),
        (#""\ud800\uzzzz""#, #"invalid character 'z' in \u hexadecimal character escape"#, 9),
        ("-a", "invalid character 'a' in numeric literal", 1),
        ("1.e", "invalid character 'e' after decimal point in numeric literal", 2),
        ("1ex", "invalid character 'x' in exponent of numeric literal", 2),
        ("1e+x", "invalid character 'x' in exponent of numeric literal", 3),
        ("txue", "invalid character 'x' in literal true (expecting 'r')", 1),
        ("falze", "invalid character 'z' in literal false (expecting 's')", 3),
        ("nulL", "invalid character 'L' in literal null (expecting 'l')", 3),
        ("\u{FEFF}1", "invalid character 'ï' looking for beginning of value", 0),
        ("1e999", "json: cannot unmarshal number 1e999 into Go value of type float64", 0),
        ("[-1e999]", "json: cannot unmarshal number -1e999 into Go value of type float64", 1),
        ("[1e999", "unexpected end of JSON input", 6),
    ]

    @Test(arguments: invalid.indices)
    func refusesInvalidTextInGosWords(_ index: Int) {
        let row = Self.invalid[index]
        #expect(throws: JSONParseError(message: row.message, offset: row.offset), "\(row.text)") {
            try JSON(parsing: row.text)
        }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONParseError(message: "invalid UTF-8 in string literal", offset: 1)) {
            try JSON(parsing: bytes)
        }
    }

    @Test func readsASlice() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSON(parsing: bytes[2..<5]) == [1])
    }

    static let repeated: [(text: String, paths: [String], value: JSON)] = [
        (#"{"a":1,"b":2,"a":3}"#, ["a"], ["a": 3, "b": 2]),
        (#"{"a":1,"a":2,"a":3}"#, ["a"], ["a": 3]),
        (
            #"{"metadata":{"name":"d","name":"e"},"data":{"k":1,"k":2}}"#, ["metadata.name", "data.k"],
            ["metadata": ["name": "e"], "data": ["k": 2]]
        ),
        (#"{"s":{"c":[{"n":1},{"n":1,"n":2}]}}"#, ["s.c[1].n"], ["s": ["c": [["n": 1], ["n": 2]]]]),
        (#"[[0,[1,2,{"a":0,"a":1}]]]"#, ["[0][1][2].a"], [[0, [1, 2, ["a": 1]]]]),
        (#"{"a":{"x":1},"a":{"y":{"z":1,"z":2}}}"#, ["a", "a.y.z"], ["a": ["y": ["z": 2]]]),
        (#"{"a":1,"\u0061":2}"#, ["a"], ["a": 2]),
        (#"{"\u00e9":1,"e\u0301":2}"#, [], .object(["\u{E9}": 1, "e\u{301}": 2])),
    ]

    @Test(arguments: repeated.indices)
    func reportsRepeatedMembersByTheirPaths(_ index: Int) throws {
        let row = Self.repeated[index]
        var duplicates: [String] = []
        let value = try JSON(parsing: Array(row.text.utf8), duplicates: &duplicates)
        #expect(duplicates == row.paths)
        #expect(value == row.value)
    }

    @Test func readsAnObjectOfManyMembersWithRepeats() throws {
        let keys = (0..<10_000).map { "key-\($0)" }
        let members = keys.map { "\"\($0)\":1" } + ["\"key-7\":2", "\"key-9999\":3"]
        var duplicates: [String] = []
        let value = try JSON(parsing: Array("{\(members.joined(separator: ","))}".utf8), duplicates: &duplicates)
        #expect(duplicates == ["key-7", "key-9999"])
        let object = try #require(value.objectValue)
        #expect(object.members.map(\.key) == keys)
        #expect(object["key-7"] == 2)
        #expect(object["key-9999"] == 3)
        #expect(object["key-10000"] == nil)
    }

    @Test func limitsTheDepth() throws {
        var options = JSONParseOptions()
        options.maximumDepth = 3
        #expect(try JSON(parsing: #"[{"a":[]}]"#, options: options) == [["a": []]])
        #expect(throws: JSONParseError(message: "invalid character '[' exceeded max depth", offset: 7)) {
            try JSON(parsing: #"[{"a":[[]]}]"#, options: options)
        }
    }
}
