import APIMachinery
import Testing

@Suite struct FieldSelectorTests {
    static let readable: [(text: String, canonical: String)] = [
        ("", ""), ("a=b", "a=b"), ("a==b", "a=b"), ("a!=b", "a!=b"), ("b=1,,a=2,", "a=2,b=1"), ("a=", "a="),
        ("=x", "=x"),
        (#"a=x\,y\=z\\"#, #"a=x\,y\=z\\"#), ("metadata.name>x=1", "metadata.name>x=1"),
    ]

    @Test(arguments: readable)
    func readsAndPrints(_ text: String, _ canonical: String) throws {
        #expect(try FieldSelector(parsing: text).description == canonical)
    }

    static let unreadable: [(text: String, message: String)] = [
        ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        ("a=1,!metadata.name", "invalid selector: 'a=1,!metadata.name'; can't understand '!metadata.name'"),
        (
            "metadata.name in (p1)",
            "invalid selector: 'metadata.name in (p1)'; can't understand 'metadata.name in (p1)'"
        ),
        (#"metadata.name=a\xb"#, #"invalid field selector: invalid escape sequence: \x"#),
        (#"a=b\"#, #"invalid field selector: invalid escape sequence: \"#),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ]

    @Test(arguments: unreadable)
    func refusesInKubernetesWords(_ text: String, _ message: String) {
        #expect(throws: SelectorError(message)) { try FieldSelector(parsing: text) }
    }

    @Test func matchesFields() throws {
        let fields = ["metadata.name": "a", "status.phase": "Running"]
        #expect(try FieldSelector(parsing: "metadata.name=a,status.phase!=Failed").matches(fields))
        #expect(try !FieldSelector(parsing: "metadata.name=a,status.phase!=Running").matches(fields))
        #expect(try FieldSelector(parsing: "spec.nodeName=").matches(fields), "what is not there is empty")
        #expect(try !FieldSelector(parsing: "spec.nodeName!=").matches(fields))
        #expect(try !FieldSelector(parsing: "metadata.name=a,metadata.name=b").matches(fields))
        #expect(try FieldSelector(parsing: #"x=\=\,"#).matches(["x": "=,"]))
        #expect(try FieldSelector(parsing: "a!=1,a=2").requiredValue(of: "a") == "2")
    }
}
