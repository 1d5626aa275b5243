import JSON
import Testing

@testable import APIServer

@Suite struct YAMLReaderTests {
    @Test(arguments: [
        ("a: 1\nb: [x, '2', 3.5, true, ~, yes]", #"{"a":1,"b":["x","2",3.5,true,null,true]}"#, "scalars by their form"),
        ("a: &x {k: v}\nb: *x", #"{"a":{"k":"v"},"b":{"k":"v"}}"#, "an alias repeats its anchor"),
        ("a: 0x1F\nb: 017\nc: 1_000\nd: -5\ne: 1e3", #"{"a":31,"b":15,"c":1000,"d":-5,"e":1000}"#, "numbers"),
        ("a: !!str 5\nb: |\n  x\n  y\n", #"{"a":"5","b":"x\ny\n"}"#, "tags and blocks"),
        (
            "a: v1.2\nb: 1.2.3\nc: 2001-01-01\nd: [-x]\n", #"{"a":"v1.2","b":"1.2.3","c":"2001-01-01","d":["-x"]}"#,
            "texts"
        ),
        ("", "null", "nothing"),
        (#"{"a": "b"}"#, #"{"a":"b"}"#, "JSON is YAML"),
        (
            "[y, Y, n, N, on, Off, 'yes', True, tRUE]", #"[true,true,false,false,true,false,"yes",true,"tRUE"]"#,
            "booleans"
        ),
        ("[~, null, Null, NULL, '', nULL]", #"[null,null,null,null,"","nULL"]"#, "nothing, by its names"),
        (
            "[0o17, 0O17, 017, 08, 0b11, -0b11, 0B1, 0xfF, -0x10, +7, 0, 00]", "[15,15,15,8,3,-3,1,255,-16,7,0,0]",
            "bases"
        ),
        (
            "[1_000, 1__0, 1_, _1, 0x_f, +_1, -, +, 1-1, '+-1', --1]",
            #"[1000,10,1,"_1",15,1,"-","+","1-1","+-1","--1"]"#, "underscores and signs"
        ),
        (
            "[1.0, 1., .5, 1e3, 1.5e-3, +.5, 1e400, .5_0, ., e5, 0x1p4]",
            #"[1,1,0.5,1000,0.0015,0.5,"1e400",".5_0",".","e5","0x1p4"]"#, "decimals"
        ),
        (
            "[9223372036854775807, 9223372036854775808, -9223372036854775809]",
            "[9223372036854775807,9223372036854775808,-9223372036854775809]", "large numbers"
        ),
        (
            "[2001-01-01, 2001-12-14t21:59:43.10-05:00, 190:20:30, 12:30]",
            #"["2001-01-01","2001-12-14t21:59:43.10-05:00","190:20:30","12:30"]"#, "times are texts"
        ),
        (
            "[!!int '5', !!float 1, !!bool yes, !!null '', !!binary aGk=, !!binary '', !x 1, !!set a, ! 5]",
            #"[5,1,true,null,"hi","","1","a","5"]"#, "tags"
        ),
        (
            "{1: a, 1.50: b, 0x10: c, yes: d, 1e10: e, 2001-01-01: f, 0.00001: g}",
            #"{"1":"a","1.5":"b","16":"c","true":"d","1e+10":"e","2001-01-01":"f","1e-05":"g"}"#, "keys"
        ),
        (
            "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: {c: 4, <<: *x}\nf: {<<: [*x, {c: 5, g: 6}]}\n'<<': h",
            #"{"a":{"b":1,"c":2},"d":{"b":1,"c":3},"e":{"c":2,"b":1},"f":{"c":2,"g":6,"b":1},"<<":"h"}"#, "merges"
        ),
        ("a: &x 1\nb: &x 2\nc: *x\n? &k key\n: *k\n*k : last", #"{"a":1,"b":2,"c":2,"key":"last"}"#, "anchors"),
        ("--- {a: 1}\n--- {b: [\n", #"{"a":1}"#, "the first of several documents"),
        ("---\n---\na: b", "null", "a first document with nothing in it"),
        ("\u{FEFF}a: \"\\x41\\u00e9\\U0001F600\\e\"", #"{"a":"Aé😀\u001b"}"#, "a mark at the beginning, and escapes"),
    ])
    func documentsAreRead(yaml: String, json: String, remark: String) throws {
        let body = try YAMLReader.read(Array(yaml.utf8))
        #expect(body.document == (try JSON(parsing: json)), "\(remark): \(body.document)")
    }

    @Test func theLastOfRepeatedKeysCountsAndIsReported() throws {
        let body = try YAMLReader.read(Array("a: 1\nb: 2\na: 3\n".utf8))
        #expect(body.document == ["a": 3, "b": 2])
        #expect(try YAMLReader.read(Array("a: 1\nb: {a: 2}\n".utf8)).strictErrors.isEmpty)
        #expect(body.strictErrors == [.repeatedKeys([#"line 3: key "a" already set in map"#])])
    }

    @Test(arguments: [
        ("a: 1\na:\n  - 2\n", [#"line 3: key "a" already set in map"#], "the line is that of the value"),
        (
            "1: a\n1: b\nyes: c\non: d\n", ["line 2: key 1 already set in map", "line 4: key true already set in map"],
            "as Go writes the keys"
        ),
        ("1: a\n'1': b\n", [], "two keys with one text"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n", [#"line 4: key "b" already set in map"#], "what a merge has brought"),
    ])
    func repeatedKeysAreToldInGosWords(yaml: String, lines: [String], remark: String) throws {
        let body = try YAMLReader.read(Array(yaml.utf8))
        #expect(body.strictErrors == (lines.isEmpty ? [] : [.repeatedKeys(lines)]), "\(remark)")
    }

    @Test(arguments: [
        ("a: .nan", "json: unsupported value: NaN"), ("a: [-.Inf]", "json: unsupported value: -Inf"),
        ("a: .inf", "json: unsupported value: +Inf"),
        ("a: !!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("a: !!bool 1", "yaml: cannot decode !!int `1` as a !!bool"),
        ("a: !!null x", "yaml: cannot decode !!str `x` as a !!null"),
        ("a: !!binary '*'", "yaml: !!binary value contains invalid base64 data"),
        ("a: *b", "yaml: unknown anchor 'b' referenced"), ("a: &b [*b]", "yaml: anchor 'b' value contains itself"),
        ("{<<: 1}", "yaml: map merge requires map or sequence of maps as the value"),
        ("a: &x [{b: 1}]\nc: {<<: *x}", "yaml: map merge requires map or sequence of maps as the value"),
        ("{<<: [1]}", "yaml: map merge requires map or sequence of maps as the value"),
        ("? [a, 1]\n: b", #"yaml: invalid map key: []interface {}{"a", 1}"#),
        ("? {a: 1}\n: b", #"yaml: invalid map key: map[interface {}]interface {}{"a":1}"#),
        ("~: b", #"unsupported map key of type: %!s(<nil>), key: <nil>, value: "b""#),
        ("a: b: c", "yaml: mapping values are not allowed in this context"),
        ("a: 1\nb: c: d", "yaml: line 2: mapping values are not allowed in this context"),
        ("apiVersion: v1\n\tkind: x: y", "yaml: line 2: found a tab character that violates indentation"),
        ("a: [1\n", "yaml: line 1: did not find expected ',' or ']'"),
        ("a: \u{1}", "yaml: control characters are not allowed"),
    ])
    func refusalsAreGos(yaml: String, message: String) {
        let error = #expect(throws: BodyCodec.Failure.self) { _ = try YAMLReader.read(Array(yaml.utf8)) }
        #expect(error?.message == message)
    }

    /// Aliases of aliases made a value that was far deeper than the text, and ended the process that walked it.
    @Test func aliasesMakeNothingDeeperThanAllowed() throws {
        func chain(_ count: Int) -> [UInt8] {
            Array(("a0: &a0 [x]\n" + (1..<count).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()).utf8)
        }
        #expect(try YAMLReader.read(chain(200)).document.depth == 201)
        let error = #expect(throws: BodyCodec.Failure.self) { _ = try YAMLReader.read(chain(1_000)) }
        #expect(error?.message == "yaml: exceeded max depth of 10000")
    }

    /// A large document may be large without aliases.
    @Test func manyValuesAreNoAliases() throws {
        let text = "[" + String(repeating: "a,", count: 1_100_000) + "]"
        #expect(try YAMLReader.read(Array(text.utf8)).document.arrayValue?.count == 1_100_000)
    }

    @Test func aBombOfAliasesIsRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: BodyCodec.Failure.self) { _ = try YAMLReader.read(Array(text.utf8)) }
        #expect(error?.message == "yaml: document contains excessive aliasing")
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
        String(repeating: "{a: ", count: 100_000), "? *x\n: y", "[1]: x", "a: *missing", "a: b: c", "\u{0}",
    ])
    func whatCannotBeReadIsAnError(text: String) {
        #expect(throws: BodyCodec.Failure.self) { _ = try YAMLReader.read(Array(text.utf8)) }
    }
}
