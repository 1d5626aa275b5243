import APIMachinery
import Testing

struct NameRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var problems: Int
        var remark: String
        var testDescription: String { remark }
    }

    @Test(arguments: [
        Row(text: "a", problems: 0, remark: "one letter"),
        Row(text: "my-name-1", problems: 0, remark: "dashes inside"),
        Row(text: "-a", problems: 1, remark: "a dash first"),
        Row(text: "a.b", problems: 1, remark: "a subdomain"),
        Row(text: "A", problems: 1, remark: "a capital"),
        Row(text: "", problems: 1, remark: "nothing"),
        Row(text: String(repeating: "a", count: 64), problems: 1, remark: "too long"),
    ])
    func labels(_ row: Row) {
        #expect(NameRules.problemsOfLabel(row.text).count == row.problems)
    }

    @Test(arguments: [
        Row(text: "a.b-c.d", problems: 0, remark: "labels and dots"),
        Row(text: "a..b", problems: 1, remark: "an empty label"),
        Row(text: "a.-b", problems: 1, remark: "a label that starts with a dash"),
        Row(text: "a-.b", problems: 1, remark: "a label that ends with a dash"),
        Row(text: "a.", problems: 1, remark: "a dot last"),
        Row(text: String(repeating: "a", count: 254), problems: 1, remark: "too long"),
    ])
    func subdomains(_ row: Row) {
        #expect(NameRules.problemsOfSubdomain(row.text).count == row.problems)
    }

    @Test(arguments: [
        Row(text: "App", problems: 0, remark: "no prefix"),
        Row(text: "example.com/App_1.x", problems: 0, remark: "a prefix"),
        Row(text: "/x", problems: 1, remark: "an empty prefix"),
        Row(text: "a/", problems: 2, remark: "an empty name: empty and of the wrong shape"),
        Row(text: "a/b/c", problems: 1, remark: "two slashes"),
    ])
    func labelKeys(_ row: Row) {
        #expect(NameRules.problemsOfLabelKey(row.text).count == row.problems)
    }

    @Test func aPrefixMayEndInADash() {
        #expect(NameClass.subdomain.problems(of: "gen-", isPrefix: true) == [])
        #expect(NameClass.subdomain.problems(of: "gen-", isPrefix: false) != [])
        #expect(NameClass.pathSegment.problems(of: "..", isPrefix: false) == ["may not be '..'"])
    }
}
