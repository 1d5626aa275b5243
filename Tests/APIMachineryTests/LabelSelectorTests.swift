import APIMachinery
import JSON
import Testing

@Suite struct LabelSelectorTests {
    static let readable: [(text: String, canonical: String)] = [
        ("", ""), ("  ", ""), ("a", "a"), ("!a", "!a"), ("a=b", "a=b"), ("a==b", "a==b"), ("a != b", "a!=b"),
        ("a=", "a="), ("a==", "a=="), ("z=1,a=2", "a=2,z=1"), ("a in (c,b,b)", "a in (b,c)"),
        ("a notin (x)", "a notin (x)"), ("a in (,)", "a in ()"), ("a in (b,)", "a in (,b)"), ("a>5", "a>5"),
        ("a<5", "a<5"), ("in", "in"), ("in in (in,notin)", "in in (in,notin)"), ("a=in", "a=in"),
        ("example.com/app=web,!example.com/x", "example.com/app=web,!example.com/x"),
    ]

    @Test(arguments: readable)
    func readsAndPrints(_ text: String, _ canonical: String) throws {
        #expect(try LabelSelector(parsing: text).description == canonical)
    }

    static let valueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    static let nameRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    static let unreadable: [(text: String, message: String)] = [
        ("app in (web", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("app in web", "unable to parse requirement: found 'web' expected: '('"),
        ("app in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("app in (a,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
        ("=web", "found '=', expected: !, identifier, or 'end of string'"),
        ("app=web tier=front", "found 'tier', expected: ',' or 'end of string'"),
        ("app=-x", "unable to parse requirement: values[0][app]: Invalid value: \"-x\": \(valueRule)"),
        ("app=ä", "unable to parse requirement: values[0][app]: Invalid value: \"ä\": \(valueRule)"),
        (
            "a/b/c=1",
            "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key \(nameRule) with an "
                + "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ),
        ("-app", "unable to parse requirement: <nil>: Invalid value: \"-app\": name part \(nameRule)"),
        (
            "a/",
            "unable to parse requirement: <nil>: Invalid value: \"a/\": name part must be non-empty; name part \(nameRule)"
        ),
        (
            "app>five",
            "unable to parse requirement: values[0]: Invalid value: \"five\": for 'Gt', 'Lt' operators, the value must be an integer"
        ),
        ("app=web,", "found '', expected: identifier after ','"),
        ("app=web,,tier", "found ',', expected: identifier after ','"),
        ("notin (a)", "unable to parse requirement: found '(', expected: in, notin, =, ==, !=, gt, lt"),
        ("app in (a) tier", "found 'tier', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("app!", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("app=a=b", "found '=', expected: ',' or 'end of string'"),
        ("!app=a", "found '=', expected: ',' or 'end of string'"),
        ("(", "found '(', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        (
            "k=\(String(repeating: "v", count: 64))",
            "unable to parse requirement: values[0][k]: Invalid value: \"\(String(repeating: "v", count: 64))\": must be no more than 63 bytes"
        ),
        (
            "\(String(repeating: "x", count: 64))",
            "unable to parse requirement: <nil>: Invalid value: \"\(String(repeating: "x", count: 64))\": name part must be no more than 63 bytes"
        ),
    ]

    @Test(arguments: unreadable)
    func refusesInKubernetesWords(_ text: String, _ message: String) {
        #expect(throws: SelectorError(message)) { try LabelSelector(parsing: text) }
    }

    static let matches: [(selector: String, labels: [String: String], matches: Bool)] = [
        ("", [:], true), ("a", ["a": ""], true), ("a", [:], false), ("!a", [:], true), ("!a", ["a": "x"], false),
        ("a=b", ["a": "b"], true), ("a=b", ["a": "c"], false), ("a=b", [:], false), ("a!=b", [:], true),
        ("a!=b", ["a": "b"], false), ("a=", ["a": ""], true), ("a=", [:], false),
        ("a in (b,c)", ["a": "c"], true), ("a in (b,c)", ["a": "d"], false), ("a notin (b,c)", [:], true),
        ("a notin (b,c)", ["a": "b"], false), ("a>5", ["a": "6"], true), ("a>5", ["a": "5"], false),
        ("a>5", ["a": "x"], false), ("a>5", [:], false), ("a<5", ["a": "-6"], true),
        ("a=b,c=d", ["a": "b"], false), ("a=b,c=d", ["a": "b", "c": "d", "e": "f"], true),
    ]

    @Test(arguments: matches.indices)
    func matchesLabels(_ index: Int) throws {
        let row = Self.matches[index]
        #expect(try LabelSelector(parsing: row.selector).matches(row.labels) == row.matches, "\(row)")
    }

    @Test func readsTheStructuredForm() throws {
        let selector = try LabelSelector(structured: [
            "matchLabels": ["b": "2", "a": "1"],
            "matchExpressions": [
                ["key": "c", "operator": "In", "values": ["y", "x"]], ["key": "d", "operator": "Exists"],
                ["key": "e", "operator": "NotIn", "values": ["z"]], ["key": "f", "operator": "DoesNotExist"],
            ],
        ])
        #expect(selector.description == "a=1,b=2,c in (x,y),d,e notin (z),!f")
        #expect(try LabelSelector(structured: nil).matches([:]) == false)
        #expect(try LabelSelector(structured: [:]).matches([:]))
        #expect(throws: SelectorError("\"Is\" is not a valid label selector operator")) {
            try LabelSelector(structured: ["matchExpressions": [["key": "a", "operator": "Is"]]])
        }
        #expect(throws: SelectorError.self) {
            try LabelSelector(structured: ["matchExpressions": [["key": "a", "operator": "In", "values": []]]])
        }
    }
}
