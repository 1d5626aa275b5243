@testable import APIMachinery
import JSON
import Testing

@Suite("Field sets")
struct FieldSetTests {
    struct Row: CustomTestStringConvertible {
        var remark: String
        var text: String
        /// `nil` where the text is canonical itself.
        var canonical: String?
        var testDescription: String { remark }
    }

    static let rows: [Row] = [
        Row(remark: "nothing", text: "{}"),
        Row(remark: "a leaf", text: #"{"f:a":{}}"#),
        Row(remark: "an owned field with parts", text: #"{"f:a":{".":{},"f:b":{}}}"#),
        Row(remark: "a field that only leads to parts", text: #"{"f:a":{"f:b":{}}}"#),
        Row(
            remark: "names go by their bytes", text: #"{"f:b":{},"f:a":{},"f:B":{},"f:é":{}}"#,
            canonical: #"{"f:B":{},"f:a":{},"f:b":{},"f:é":{}}"#),
        Row(
            remark: "fields before keys before values before indices",
            text: #"{"i:1":{},"v:\"x\"":{},"k:{\"name\":\"c\"}":{},"f:a":{}}"#,
            canonical: #"{"f:a":{},"k:{\"name\":\"c\"}":{},"v:\"x\"":{},"i:1":{}}"#),
        Row(
            remark: "numbers in keys go by their value",
            text: #"{"k:{\"port\":443}":{},"k:{\"port\":80}":{},"k:{\"port\":8080}":{}}"#,
            canonical: #"{"k:{\"port\":80}":{},"k:{\"port\":443}":{},"k:{\"port\":8080}":{}}"#),
        Row(
            remark: "the fields of a key go by their names", text: #"{"k:{\"protocol\":\"TCP\",\"port\":80}":{}}"#,
            canonical: #"{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}"#),
        Row(
            remark: "keys that differ in a later field",
            text: #"{"k:{\"port\":53,\"protocol\":\"UDP\"}":{},"k:{\"port\":53,\"protocol\":\"TCP\"}":{}}"#,
            canonical: #"{"k:{\"port\":53,\"protocol\":\"TCP\"}":{},"k:{\"port\":53,\"protocol\":\"UDP\"}":{}}"#),
        Row(
            remark: "values: numbers, texts, booleans", text: #"{"v:true":{},"v:\"a\"":{},"v:2":{},"v:10":{}}"#,
            canonical: #"{"v:2":{},"v:10":{},"v:\"a\"":{},"v:true":{}}"#),
        Row(
            remark: "an element of another kind is left out", text: #"{"x:new":{},"f:a":{}}"#, canonical: #"{"f:a":{}}"#
        ),
        Row(
            remark: "the same element twice", text: #"{"k:{\"a\":1}":{},"k:{ \"a\":1}":{"f:b":{}}}"#,
            canonical: #"{"k:{\"a\":1}":{".":{},"f:b":{}}}"#),
        Row(remark: "null is nothing", text: "null", canonical: "{}"),
        Row(
            remark: "signs that HTML would read are escaped in keys", text: #"{"k:{\"name\":\"a<b\"}":{}}"#,
            canonical: #"{"k:{\"name\":\"a\\u003cb\"}":{}}"#),
    ]

    @Test(arguments: rows)
    func areReadAndWrittenInOneForm(_ row: Row) throws {
        let set = try FieldSet(fieldsV1: try JSON(parsing: Array(row.text.utf8)))
        let expected = try JSON(parsing: Array((row.canonical ?? row.text).utf8))
        #expect(Self.keys(set.fieldsV1) == Self.keys(expected))
        #expect(set.fieldsV1 == expected)
        #expect(try FieldSet(fieldsV1: set.fieldsV1) == set)
    }

    /// The names of all members, in their order.
    private static func keys(_ value: JSON) -> [String] {
        (value.objectValue?.members ?? []).flatMap { [$0.key] + keys($0.value) }
    }

    @Test(arguments: [
        #"[]"#, #"{"f:a":1}"#, #"{"a":{}}"#, #"{"":{}}"#, #"{"k:[1]":{}}"#, #"{"v:":{}}"#, #"{"i:x":{}}"#,
    ])
    func refuseWhatIsNone(_ text: String) throws {
        let value = try JSON(parsing: Array(text.utf8))
        #expect(throws: FieldSetError.self) { try FieldSet(fieldsV1: value) }
    }

    @Test
    func pathsNameMembersOfALevelBeforeThoseBelow() {
        let set = FieldSet(
            [.field("spec"), .field("list"), .key([.init(name: "name", value: "c")]), .field("image")],
            [.field("spec"), .field("set"), .value("x")], [.field("spec"), .field("replicas")], [.field("data")])
        #expect(
            set.paths == [".data", ".spec.replicas", ".spec.list[name=\"c\"].image", ".spec.set[=\"x\"]"])
    }

    @Test
    func algebraTellsNodesFromWhatIsBelow() throws {
        let left = try Self.set(#"{"f:a":{".":{},"f:b":{}},"f:c":{},"f:d":{"f:e":{}}}"#)
        let right = try Self.set(#"{"f:a":{},"f:d":{"f:e":{},"f:g":{}},"f:z":{}}"#)
        #expect(
            left.union(right)
                == (try Self.set(
                    #"{"f:a":{".":{},"f:b":{}},"f:c":{},"f:d":{"f:e":{},"f:g":{}},"f:z":{}}"#)))
        #expect(left.intersection(right) == (try Self.set(#"{"f:a":{},"f:d":{"f:e":{}}}"#)))
        #expect(left.subtracting(right) == (try Self.set(#"{"f:a":{"f:b":{}},"f:c":{}}"#)))
        #expect(left.subtractingTrees(right) == (try Self.set(#"{"f:c":{}}"#)))
        #expect(right.intersects(fieldsV1: left.fieldsV1))
        #expect(!left.subtracting(right).intersects(fieldsV1: right.fieldsV1))
    }

    private static func set(_ text: String) throws -> FieldSet {
        try FieldSet(fieldsV1: try JSON(parsing: Array(text.utf8)))
    }

    @Test
    func partsOfWhatHasBecomeAtomicBelongTogether() throws {
        let set = try Self.set(#"{"f:selector":{".":{},"f:a":{}},"f:labels":{"f:x":{}},"f:choice":{"f:a":{}}}"#)
        let expected = try Self.set(#"{"f:selector":{},"f:labels":{"f:x":{}},"f:choice":{}}"#)
        #expect(set.reconciled(with: MergeSchema.whole) == expected)
        #expect(expected.reconciled(with: MergeSchema.whole) == nil)
    }
}
