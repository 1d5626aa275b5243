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
    ])
    func documentsAreRead(yaml: String, json: String, remark: String) throws {
        let body = try YAMLReader.read(Array(yaml.utf8))
        #expect(body.document == (try JSON(parsing: json)), "\(remark)")
        #expect(body.strictErrors.isEmpty)
    }

    @Test func theLastOfRepeatedKeysCountsAndIsReported() throws {
        let body = try YAMLReader.read(Array("a: 1\nb: 2\na: 3\n".utf8))
        #expect(body.document == ["a": 3, "b": 2])
        #expect(body.strictErrors == [.repeatedKeys([#"line 3: key "a" already set in map"#])])
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
