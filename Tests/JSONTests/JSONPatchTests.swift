import Testing

@testable import JSON

@Suite struct JSONPatchTests {
    /// Document, patch, result; examples of RFC 6902, appendix A, and what Kubernetes' library does beyond it.
    static let applying: [(document: String, patch: String, result: String)] = [
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"foo":"bar","baz":"qux"}"#),
        (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
        (
            #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo","foo":"bar"}"#
        ),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#
        ),
        (
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#
        ),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#
        ),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        (#"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":1,"b":1}"#),
        (
            #"{"a":{"b":[{"c":1}]}}"#,
            #"[{"op":"replace","path":"/a/b/0/c","value":2},{"op":"add","path":"/a/b/0/d","value":null}]"#,
            #"{"a":{"b":[{"c":2,"d":null}]}}"#
        ),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
        (#"{"a":1}"#, #"[{"op":"replace","path":"/new","value":2}]"#, #"{"a":1,"new":2}"#),
        (#"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/-1"}]"#, #"{"a":[1]}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/missing","value":null}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, "[]", #"{"a":1}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"","value":{"a":1.0}}]"#, #"{"a":1}"#),
        (#"{"a":{"x":1}}"#, #"[{"op":"add","path":"/","value":1}]"#, #"{"a":{"x":1},"":1}"#),
    ]

    @Test(arguments: applying.indices)
    func applies(_ index: Int) throws {
        let row = Self.applying[index]
        let patch = try JSONPatch(JSON(parsing: row.patch))
        #expect(try patch.apply(to: JSON(parsing: row.document)).description == row.result)
    }

    static let failing: [(patch: String, kind: JSONPatchError.Kind)] = [
        (#"[{"op":"test","path":"/a","value":2}]"#, .testFailed),
        (#"[{"op":"test","path":"/x/y","value":2}]"#, .application),
        (#"[{"op":"test","path":"/l/7","value":2}]"#, .application),
        (#"[{"op":"remove","path":"/x"}]"#, .application),
        (#"[{"op":"add","path":"/x/y","value":1}]"#, .application),
        (#"[{"op":"add","path":"/a/y","value":1}]"#, .application),
        (#"[{"op":"add","path":"/l/4","value":1}]"#, .application),
        (#"[{"op":"add","path":"/l/x","value":1}]"#, .application),
        (#"[{"op":"replace","path":"/l/3","value":1}]"#, .application),
        (#"[{"op":"replace","path":"/l/-","value":1}]"#, .application),
        (#"[{"op":"replace","path":"","value":1}]"#, .application),
        (#"[{"op":"remove","path":"/l/99999999999999999999"}]"#, .application),
        (#"[{"op":"remove","path":"/l/-9223372036854775808"}]"#, .application),
        (#"[{"op":"remove","path":""}]"#, .application),
        (#"[{"op":"move","from":"/x","path":"/y"}]"#, .application),
        (#"[{"op":"move","from":"/a","path":"/a/b"}]"#, .application),
        (#"[{"op":"copy","path":"/y"}]"#, .application),
        (#"[{"op":"copy","from":"/l/9","path":"/y"}]"#, .application),
        (#"[{"op":"move","from":"/l/9","path":"/y"}]"#, .application),
        (#"[{"op":"increase","path":"/a"}]"#, .application),
        (#"[{"op":"add","path":"data","value":{}}]"#, .application),
        (#"[{"op":"add","value":1}]"#, .application),
        (#"[{"op":"add","path":5,"value":1}]"#, .decoding),
        (#"[5]"#, .decoding), (#"{"op":"add"}"#, .decoding),
    ]

    @Test(arguments: failing.indices)
    func refuses(_ index: Int) throws {
        let row = Self.failing[index]
        let error = try #require(throws: JSONPatchError.self) {
            _ = try JSONPatch(JSON(parsing: row.patch)).apply(to: ["a": 1, "l": [1, 2, 3]])
        }
        #expect(error.kind == row.kind, "\(row.patch): \(error)")
    }

    @Test func limitsItsWork() throws {
        let many = JSON.array(Array(repeating: ["op": "remove", "path": "/a"], count: 10_001))
        #expect(
            throws: JSONPatchError(
                kind: .tooManyOperations, message: "The allowed maximum operations in a JSON patch is 10000, got 10001")
        ) { try JSONPatch(many) }
        let text = JSON.string(String(repeating: "x", count: 1 << 20))
        let copies = JSON.array(Array(repeating: ["op": "copy", "from": "/t", "path": "/l/-"], count: 3))
        let error = try #require(throws: JSONPatchError.self) {
            _ = try JSONPatch(copies).apply(to: ["t": text, "l": []])
        }
        #expect(error.kind == .copiedTooMuch)
    }

    @Test func namesUnknownFieldsAndTheWrongType() throws {
        let patch = try JSONPatch([["op": "add", "path": "/data", "value": [:], "why": "x"]])
        #expect(patch.unknownFields == ["[0].why"])
        #expect(
            throws: JSONPatchError(
                kind: .decoding, message: "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")
        ) { try JSONPatch(["op": "add"]) }
    }
}

@Suite struct JSONMergePatchTests {
    /// RFC 7396, appendix A.
    static let cases: [(document: String, patch: String, result: String)] = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]

    @Test(arguments: cases.indices)
    func applies(_ index: Int) throws {
        let row = Self.cases[index]
        let result = try JSON(parsing: row.document).applying(mergePatch: JSON(parsing: row.patch))
        #expect(result.description == row.result)
    }

    @Test func makesThePatchBetweenDocuments() throws {
        let old: JSON = ["a": 1, "b": ["x": 1, "y": [1]], "c": "same", "d": [:]]
        let new: JSON = ["b": ["x": 2, "y": [1], "z": true], "c": "same", "d": [], "e": 5]
        let patch = old.mergePatch(to: new)
        #expect(patch.description == #"{"a":null,"b":{"x":2,"z":true},"d":[],"e":5}"#)
        #expect(old.applying(mergePatch: patch) == new)
        #expect(old.mergePatch(to: old) == [:])
    }
}

@Suite struct JSONPointerTests {
    @Test func findsTheExamplesOfTheRFC() throws {
        let document = try JSON(
            parsing: #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
        let places: [(String, JSON)] = [
            ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3),
            ("/g|h", 4), (#"/i\j"#, 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ]
        for (text, value) in places {
            let pointer = try #require(JSONPointer(parsing: text))
            #expect(document[pointer] == value)
            #expect(pointer.description == text)
        }
        #expect(try document[#require(JSONPointer(parsing: ""))] == document)
        for missing in ["/x", "/foo/2", "/foo/-", "/foo/00", "/foo/bar", "/foo/0/x", "/foo/-1", "/foo/+1"] {
            #expect(try document[#require(JSONPointer(parsing: missing))] == nil)
        }
        #expect(JSONPointer(parsing: "a") == nil)
    }

    @Test(arguments: [("/~", "~"), ("/~2", "~2"), ("/a~", "a~"), ("/~~1", "~/"), ("/~01", "~1"), ("/~1~0", "/~")])
    func takesATildeThatEscapesNothingAsItIs(_ text: String, _ token: String) {
        #expect(JSONPointer(parsing: text)?.tokens == [token])
    }
}

@Suite struct JSONScannerTests {
    @Test func findsMembers() {
        let text =
            #"{"kind":"Pod", "metadata" : {"name":"a\"}","labels":{"x":"y"},"n":[{"labels":0}]},"spec":{"labels":1},"z":-1.5e3}"#
        Array(text.utf8).withUnsafeBytes { bytes in
            let scanner = JSONScanner(bytes)
            func value(_ names: [StaticString]) -> String? {
                scanner.range(of: names).map { String(decoding: bytes[$0], as: UTF8.self) }
            }
            #expect(value([]) == text)
            #expect(value(["kind"]) == #""Pod""#)
            #expect(value(["metadata", "name"]) == #""a\"}""#)
            #expect(value(["metadata", "labels"]) == #"{"x":"y"}"#)
            #expect(value(["metadata", "labels", "x"]) == #""y""#)
            #expect(value(["spec"]) == #"{"labels":1}"#)
            #expect(value(["z"]) == "-1.5e3")
            #expect(value(["labels"]) == nil)
            #expect(value(["kind", "x"]) == nil)
        }
    }

    @Test func staysWithinBrokenBytes() {
        let text = Array(#"{"a":{"b":["\"",{"c":tru"#.utf8)
        for end in 0...text.count {
            text[..<end].withUnsafeBytes { bytes in
                if let range = JSONScanner(bytes).range(of: ["a", "b"]) { #expect(range.upperBound <= bytes.count) }
            }
        }
    }
}

/// Operations that put deep values below deep values.
@Suite struct JSONPatchDepthTests {
    private static func nested(_ depth: Int) -> JSON {
        (0..<depth).reduce(.int(1)) { value, _ in ["a": value] }
    }

    private static func pointer(_ depth: Int) -> String { String(repeating: "/a", count: depth) }

    @Test func buildsNothingDeeperThanTheLimit() throws {
        let patch = JSONPatch([.init(op: "add", path: Self.pointer(6), value: Self.nested(4))])
        #expect(try patch.apply(to: Self.nested(6), maximumDepth: 10).depth == 10)
        #expect(throws: JSONPatchError.self) { try patch.apply(to: Self.nested(6), maximumDepth: 9) }
    }

    /// The stack is spent where a document of so many levels is let go of.
    @Test(arguments: ["move", "copy", "add", "replace"])
    func manyOperationsBuildNothingDeeperEither(_ op: String) throws {
        var operations: [JSONPatch.Operation] = [.init(op: "add", path: "/a", value: [:])]
        for _ in 0..<400 {
            operations.append(.init(op: "add", path: "/b", value: Self.nested(200)))
            operations.append(.init(op: op, path: "/b" + Self.pointer(200), from: "/a", value: Self.nested(900)))
            operations.append(.init(op: "move", path: "/a", from: "/b"))
        }
        let error = #expect(throws: JSONPatchError.self) { try JSONPatch(operations).apply(to: [:]) }
        #expect(error?.message.contains("exceeded max depth") == true)
    }

    @Test func whatIsFlatMovesHoweverDeepTheRestIs() throws {
        var operations: [JSONPatch.Operation] = []
        for _ in 0..<50 {
            operations.append(.init(op: "move", path: "/b/c/d", from: "/flat"))
            operations.append(.init(op: "move", path: "/flat", from: "/b/c/d"))
        }
        let document: JSON = ["a": Self.nested(9), "b": ["c": [:]], "flat": 1]
        #expect(try JSONPatch(operations).apply(to: document, maximumDepth: 10) == document)
    }
}
