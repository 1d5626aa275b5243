import APIMachinery
import JSON
import Testing

struct DocumentDifferenceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var old: JSON
        var new: JSON
        var text: String
        var testDescription: String { remark }
    }

    static let rows: [Row] = [
        Row(remark: "the same", old: ["a": 1], new: ["a": 1], text: ""),
        Row(
            remark: "one member of many", old: ["a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7],
            new: ["a": 1, "b": 2, "c": 3, "d": "x", "e": 5, "f": 6, "g": 7],
            text: "@@ -2,7 +2,7 @@\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n- \"d\": 4,\n+ \"d\": \"x\",\n  \"e\": 5,\n"
                + "  \"f\": 6,\n  \"g\": 7\n"),
        Row(
            remark: "what is nested is a blank further in", old: ["a": ["b": ["c": 1]]], new: ["a": ["b": ["c": 2]]],
            text: "@@ -1,7 +1,7 @@\n {\n  \"a\": {\n   \"b\": {\n-   \"c\": 1\n+   \"c\": 2\n   }\n  }\n }\n"),
        Row(
            remark: "an item more", old: ["a": [1]], new: ["a": [1, 2]],
            text: "@@ -1,5 +1,6 @@\n {\n  \"a\": [\n-  1\n+  1,\n+  2\n  ]\n }\n"),
        Row(
            remark: "changes far from one another",
            old: .array((0..<20).map { .int($0) }),
            new: .array((0..<20).map { .int($0 == 0 || $0 == 19 ? -1 : $0) }),
            text: "@@ -1,5 +1,5 @@\n [\n- 0,\n+ -1,\n  1,\n  2,\n  3,\n@@ -18,5 +18,5 @@\n  16,\n  17,\n  18,\n- 19\n"
                + "+ -1\n ]\n"),
    ]

    @Test(arguments: rows)
    func changesAreShownWithWhatIsAround(_ row: Row) {
        #expect(DocumentDifference.text(from: row.old, to: row.new) == row.text)
    }
}
