import APIServer
import JSON
import TestSupport

/// YAML of every style.
struct RandomYAML {
    private var anchors: [String] = []

    /// A document in some style, with anchors, aliases, tags and merges put in; or a text that is odd as a whole.
    static func text(of document: JSON, _ random: inout SeededGenerator) -> [UInt8] {
        switch random.below(6) {
        case 0: return document.prettyEncoded
        case 1: return Array(random.pick(odd).utf8)
        case 2: return random.mutated(Array(random.pick(odd).utf8))
        case 3: return YAMLWriter.encode(document)
        default:
            var writer = RandomYAML()
            let bytes = Array(writer.node(document, indentation: 0, inFlow: false, &random).utf8)
            return random.chance(oneIn: 2) ? bytes : random.mutated(bytes)
        }
    }

    /// A value, with what comes before it on its line.
    private mutating func node(
        _ value: JSON, indentation: Int, inFlow: Bool, _ random: inout SeededGenerator
    ) -> String {
        if !anchors.isEmpty, random.chance(oneIn: 20) { return " *" + random.pick(anchors) + "\n" }
        var head = " "
        if random.chance(oneIn: 15) { head += random.pick(Self.tags) + " " }
        if random.chance(oneIn: 12) {
            let anchor = random.pick(["a", "b", "c"])
            head += "&\(anchor) "
            anchors.append(anchor)
        }
        let inFlow = inFlow || random.chance(oneIn: 4)
        switch value {
        case .object(let object): return head + mapping(object, indentation, inFlow, &random)
        case .array(let items): return head + sequence(items, indentation, inFlow, &random)
        default: return head + scalar(value, &random) + "\n"
        }
    }

    private mutating func mapping(
        _ object: JSONObject, _ indentation: Int, _ inFlow: Bool, _ random: inout SeededGenerator
    ) -> String {
        var text = inFlow ? "{" : "\n"
        for member in object {
            let key = random.chance(oneIn: 30) ? random.pick(Self.keys) : scalar(.string(member.key), &random)
            let value = node(member.value, indentation: indentation + 2, inFlow: inFlow, &random)
            let space = String(repeating: " ", count: indentation)
            text += inFlow ? key + ":" + value + space + "," : space + key + ":" + value
        }
        return text + (inFlow ? "}\n" : object.isEmpty ? "{}\n" : "")
    }

    private mutating func sequence(
        _ items: [JSON], _ indentation: Int, _ inFlow: Bool, _ random: inout SeededGenerator
    ) -> String {
        var text = inFlow ? "[" : "\n"
        for item in items {
            let value = node(item, indentation: indentation + 2, inFlow: inFlow, &random)
            let space = String(repeating: " ", count: indentation)
            text += inFlow ? value + space + "," : space + "-" + value
        }
        return text + (inFlow ? "]\n" : items.isEmpty ? "[]\n" : "")
    }

    private func scalar(_ value: JSON, _ random: inout SeededGenerator) -> String {
        if random.chance(oneIn: 25) { return random.pick(Self.scalars) }
        guard case .string(let text) = value else { return value.description }
        switch random.below(4) {
        case 0: return text
        case 1: return "'" + text.replacing("'", with: "''") + "'"
        default: return value.description
        }
    }

    private static let tags = [
        "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!!map", "!!seq", "!!merge", "!",
        "!x", "!<tag:yaml.org,2002:int>", "!!set",
    ]
    private static let keys = ["<<", "? [a]\n", "y", "1.5", "0x10", "~", "1e40", "!!merge x", "*a ", "{a: b}", "-0.0"]
    private static let scalars = [
        "y", "No", "OFF", "~", "0o17", "017", "08", "0b1", "-0b11", "0B1", "0XfF", "1_000", "1__", "_1", "+", "-", ".",
        ".5", "1.", "+.inf", ".NaN", "1e5", "1E+400", "99999999999999999999", "0xFFFFFFFFFFFFFFFFF",
        "-9223372036854775808",
        "2001-01-01", "2001-1-1 1:2:3", "190:20:30", "|2\n   x\n", ">-\n  a\n  b\n", "\"\\x41\\u0042\\U00000043\\e\"",
        "\"\\ud800\"", "!!int x", "!!float 1", "!!binary aGk=", "!!binary ?", "<<",
    ]

    /// What costs more than it weighs, or says what JSON cannot.
    private static let odd: [String] = {
        let bomb =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + zip("bcdefghij", "abcdefghi").map { name, last in
                "\(name): &\(name) [" + Array(repeating: "*\(last)", count: 9).joined(separator: ",") + "]\n"
            }.joined()
        let chain = "a0: &a0 [x]\n" + (1..<4000).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        let merges =
            "a0: &a0 {k0: x}\n" + (1..<200).map { "a\($0): &a\($0) {<<: *a\($0 - 1), k\($0): *a\($0 - 1)}\n" }.joined()
        return [
            bomb, chain, merges, "a: &a\n  b: *a\n", "<<: *x\n", "&a a: 1\n*a : 2\n", "a: 1\na: 2\n", "? [a, b]\n: c\n",
            "--- a\n--- b\n", "a: &x {b: 1}\nc: {<<: *x, b: 2}\nd: {<<: [*x, {e: 1}], <<: 1}\n", "{<<: {<<: {a: 1}}}",
            "a: !!binary aGk=\nb: !!float 1\nc: !!int x\nd: !!set {a}\n",
            "a: .inf\nb: -.nan\nc: 0o17\nd: 1_000\ne: 2001-01-01\n", "&a : *a", "? &a a\n: *a\n? *a\n", "*a", "&a *a",
            String(repeating: "[", count: 3000), String(repeating: "- ", count: 3000) + "a",
            String(repeating: "{a: ", count: 3000), String(repeating: "? ", count: 3000),
            "a: |+9\n  b\n", "%YAML 9.9\n---\n", "%TAG ! tag:x,1:\n--- !a b\n", "\t", "a: \u{0}", "a: \"\\xZZ\\uD800\"",
            "kind: ConfigMap\ndata: {a: 1e999}\n", "\u{FEFF}a: b\n", "a: b\r\nc: d\r", "a\u{85}b: c\u{2028}d\n",
        ]
    }()
}

extension LibraryTargets {
    static func yaml(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        var document = CorpusKind.any(&random).object(&random)
        if random.chance(oneIn: 2) { document = document.mutated(using: &random) }
        let bytes = RandomYAML.text(of: document, &random)
        note.input(bytes)
        if let read = try? YAMLReader.document(of: bytes) {
            try expect(read.depth <= 256, "a YAML document is deeper than allowed")
            let written = YAMLWriter.encode(read)
            note.input(written)
            let again = try YAMLReader.document(of: written)
            try expect(again == read, "YAML that is written reads back as another document")
        }
        // What is read of JSON as YAML is what is read of it as JSON.
        let json = document.encoded
        note.input(json)
        if let read = try? YAMLReader.document(of: json) {
            try expect(try JSON(parsing: json) == read, "JSON is another document as YAML")
        }
    }
}
