import APIMachinery
import JSON
import Testing

@Suite struct SchemaValidatorTests {
    private static let rows: [(remark: String, schema: JSON, value: JSON, errors: [String])] = [
        ("right", ["type": "string"], "x", []),
        (
            "type", ["type": "string"], 5,
            ["a: Invalid value: \"integer\": a in body must be of type string: \"integer\""]
        ),
        ("whole fraction", ["type": "integer"], 2.0, []),
        (
            "bound", ["type": "integer", "minimum": 2], 1,
            ["a: Invalid value: 1: a in body should be greater than or equal to 2"]
        ),
        (
            "pattern", ["type": "string", "pattern": "^x+$"], "y",
            ["a: Invalid value: \"y\": a in body should match '^x+$'"]
        ),
        ("enum", ["type": "string", "enum": ["b"]], "c", ["a: Unsupported value: \"c\": supported values: \"b\""]),
        (
            "items", ["type": "array", "maxItems": 1, "items": ["type": "integer"]], [1, 2],
            ["a: Too many: 2: must have at most 1 items"]
        ),
        (
            "not", ["type": "string", "not": ["enum": ["b"]]], "b",
            ["<nil>: Invalid value: \"\": \"a\" must not validate the schema (not)"]
        ),
    ]

    @Test(arguments: rows.indices) func valuesAreChecked(_ index: Int) {
        let row = Self.rows[index]
        let schema = StructuralSchema(["type": "object", "properties": ["a": row.schema]], metadata: .any)
        var validator = SchemaValidator()
        validator.check(["a": row.value], as: schema)
        #expect(validator.errors.map(\.description) == row.errors, "\(row.remark)")
    }

    @Test func whatIsAsItWasIsNotHeldAgainstAnUpdate() {
        let schema = StructuralSchema(
            ["type": "object", "properties": ["a": ["type": "integer", "maximum": 5], "b": ["type": "string"]]],
            metadata: .any)
        var validator = SchemaValidator()
        validator.check(["a": 9, "b": "new"], as: schema, replacing: ["a": 9, "b": "old"])
        #expect(validator.errors.isEmpty)
        validator.check(["a": 8], as: schema, replacing: ["a": 9])
        #expect(validator.errors.count == 1)
    }

    @Test func defaultsAreFilledInAndNullsTakenAway() {
        let schema = StructuralSchema(
            ["type": "object", "properties": ["a": ["type": "string", "default": "x"], "b": ["type": "string"]]],
            metadata: .any)
        var value: JSON = ["b": .null]
        schema.applyDefaults(to: &value)
        #expect(value == ["a": "x"])
    }

    @Test func whatIsUnknownIsPrunedUnlessItIsToBeKept() throws {
        let schema = StructuralSchema(
            [
                "type": "object",
                "properties": ["k": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
            ], metadata: .any)
        var value: JSON = ["k": ["z": 1], "y": 2]
        #expect(try Schema(.structural(schema)).canonicalize(&value) == ["y"])
        #expect(value == ["k": ["z": 1]])
    }
}
