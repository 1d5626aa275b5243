@testable import APIMachinery
import JSON
import Testing

@Suite("Documents taken apart by a schema")
struct TypedValueTests {
    struct Comparison: CustomTestStringConvertible {
        var remark: String
        var old: JSON
        var new: JSON
        var added: [String] = []
        var modified: [String] = []
        var removed: [String] = []
        var testDescription: String { remark }
    }

    static let comparisons: [Comparison] = [
        Comparison(remark: "the same", old: ["text": "a", "number": 1], new: ["number": 1, "text": "a"]),
        Comparison(remark: "a scalar", old: ["text": "a"], new: ["text": "b"], modified: [".text"]),
        Comparison(remark: "an integer written as a fraction", old: ["number": 1], new: ["number": 1.0]),
        Comparison(
            remark: "a new map is its own and its keys'", old: [:], new: ["labels": ["a": "b"]],
            added: [".labels", ".labels.a"]),
        Comparison(
            remark: "a key of a map", old: ["labels": ["a": "b"]], new: ["labels": ["c": "d"]],
            added: [".labels.c"], removed: [".labels.a"]),
        Comparison(
            remark: "a map that is emptied stays", old: ["labels": ["a": "b"]], new: ["labels": [:]],
            removed: [".labels.a"]),
        Comparison(
            remark: "an atomic map is one value", old: ["selector": ["a": "b"]], new: ["selector": ["a": "c"]],
            modified: [".selector"]),
        Comparison(
            remark: "an atomic object", old: ["choice": ["a": "b"]], new: ["choice": ["b": "c"]],
            modified: [".choice"]),
        Comparison(
            remark: "an atomic list", old: ["arguments": ["a", "b"]], new: ["arguments": ["b", "a"]],
            modified: [".arguments"]),
        Comparison(
            remark: "a set", old: ["finalizers": ["a", "b"]], new: ["finalizers": ["c", "b"]],
            added: [".finalizers[=\"c\"]"], removed: [".finalizers[=\"a\"]"]),
        Comparison(
            remark: "the order of a set does not count", old: ["finalizers": ["a", "b"]],
            new: ["finalizers": ["b", "a"]]),
        Comparison(
            remark: "keyed items, with a default in the key", old: ["ports": [["port": 80, "name": "x"]]],
            new: ["ports": [["port": 53], ["port": 80, "protocol": "TCP", "name": "y"]]],
            added: [
                ".ports[port=53,protocol=\"TCP\"]", ".ports[port=53,protocol=\"TCP\"].port",
                ".ports[port=80,protocol=\"TCP\"].protocol",
            ], modified: [".ports[port=80,protocol=\"TCP\"].name"]),
        Comparison(
            remark: "repeated items are owned as one", old: ["finalizers": ["a"]], new: ["finalizers": ["a", "a"]],
            added: [".finalizers[=\"a\"]"], removed: [".finalizers[=\"a\"]"]),
        Comparison(
            remark: "from null to a list", old: ["ports": .null], new: ["ports": [["port": 1]]],
            added: [".ports[port=1,protocol=\"TCP\"]", ".ports[port=1,protocol=\"TCP\"].port"]),
        Comparison(
            remark: "an open value of another kind", old: ["free": "x"], new: ["free": ["a": [1]]],
            added: [".free.a"], modified: [".free"]),
        Comparison(
            remark: "a raw object is one value", old: ["raw": ["a": 1]], new: ["raw": ["a": 2]], modified: [".raw"]),
    ]

    @Test(arguments: comparisons)
    func comparisonNamesWhatDiffers(_ row: Comparison) throws {
        let comparison = try MergeSchema.whole.compare(row.old, to: row.new)
        #expect(Set(comparison.added.paths) == Set(row.added))
        #expect(Set(comparison.modified.paths) == Set(row.modified))
        #expect(Set(comparison.removed.paths) == Set(row.removed))
    }

    @Test
    func appliedFieldsAreLeavesAndItems() {
        let set = MergeSchema.whole.fieldSet(of: [
            "text": .null, "labels": ["a": "b"], "selector": [:], "finalizers": ["x"], "arguments": [],
            "ports": [["port": 80, "notes": ["n": "m"]]], "part": ["deep": [:]], "free": ["a": ["b": 1]],
        ])
        let port = ".ports[port=80,protocol=\"TCP\"]"
        #expect(
            Set(set.paths) == [
                ".text", ".labels.a", ".selector", ".finalizers[=\"x\"]", ".arguments", port, port + ".port",
                port + ".notes.n", ".part.deep", ".free.a", ".free.a.b",
            ])
    }

    @Test
    func emptyListsOfItemsAreNobodys() {
        #expect(MergeSchema.whole.fieldSet(of: ["ports": [], "finalizers": []]).isEmpty)
    }

    struct Order: CustomTestStringConvertible {
        var old: [String]
        var applied: [String]
        var merged: [String]
        var testDescription: String { "\(old) with \(applied)" }
    }

    static let orders: [Order] = [
        Order(old: ["a", "b"], applied: [], merged: ["a", "b"]),
        Order(old: [], applied: ["a", "b"], merged: ["a", "b"]),
        Order(old: ["a", "b", "c"], applied: ["z", "a"], merged: ["z", "a", "b", "c"]),
        Order(old: ["a", "b"], applied: ["b", "a"], merged: ["b", "a"]),
        Order(old: ["a", "b", "c", "d"], applied: ["d", "x", "a"], merged: ["b", "c", "d", "x", "a"]),
        Order(old: ["a", "x", "b", "y", "c"], applied: ["a", "b", "c"], merged: ["a", "x", "b", "y", "c"]),
        Order(old: ["a", "a", "b"], applied: ["a"], merged: ["a", "b"]),
    ]

    @Test(arguments: orders)
    func mergedItemsComeInTheOrderOfWhatIsApplied(_ row: Order) throws {
        let merged = try MergeSchema.whole.merge(
            ["finalizers": .array(row.old.map { .string($0) })],
            applying: ["finalizers": .array(row.applied.map { .string($0) })])
        #expect(merged["finalizers"] == .array(row.merged.map { .string($0) }))
    }

    struct Problem: CustomTestStringConvertible {
        var document: JSON
        var messages: [String]
        var testDescription: String { document.description }
    }

    static let problems: [Problem] = [
        Problem(document: ["text": "a", "free": [1, ["x": .null]]], messages: []),
        Problem(document: ["other": 1], messages: [".other: field not declared in schema"]),
        Problem(
            document: ["labels": ["a": 5]],
            messages: [".labels.a: expected string, got &value.valueUnstructured{Value:5}"]),
        Problem(
            document: ["number": "x", "part": 1],
            messages: [".number: expected numeric (int or float), got string", ".part: expected map, got &{1}"]),
        Problem(document: ["part": ["y": "true"]], messages: [".part.y: expected boolean, got &{true}"]),
        Problem(document: ["arguments": "x"], messages: [".arguments: expected list, got &{x}"]),
        Problem(document: ["amount": [1, 2]], messages: [".amount: expected any scalar, got &{[1 2]}"]),
        Problem(
            document: ["finalizers": ["a", "a"]], messages: [".finalizers: duplicate entries for key [=\"a\"]"]),
        Problem(
            document: ["ports": [["name": "x"]]],
            messages: [
                ".ports: element 0: associative list with keys has an element that omits key field \"port\" "
                    + "(and doesn't have default value)"
            ]),
        Problem(
            document: ["ports": [1]],
            messages: [".ports: element 0: associative list with keys may not have non-map elements"]),
    ]

    @Test(arguments: problems)
    func whatDoesNotFitIsToldWithItsPath(_ row: Problem) {
        #expect(MergeSchema.whole.problems(ofApplied: row.document).map(\.description) == row.messages)
    }
}
