import APIMachinery
import JSON
import Testing

@Suite struct SchemaValidatorTests {
    private typealias Row = (remark: String, schema: JSON, value: JSON, errors: [String])

    private static let whole = "<nil>: Invalid value: \"\": "

    private static let scalars: [Row] = [
        ("right", ["type": "string"], "x", []),
        (
            "type", ["type": "string"], 5,
            ["a: Invalid value: \"integer\": a in body must be of type string: \"integer\""]
        ),
        ("null", ["type": "string"], nil, ["a: Invalid value: \"null\": a in body must be of type string: \"null\""]),
        ("nullable", ["type": "string", "nullable": true], nil, []),
        ("no type", ["x-kubernetes-preserve-unknown-fields": true], nil, []),
        ("number or text", ["x-kubernetes-int-or-string": true], "50%", []),
        (
            "neither number nor text", ["x-kubernetes-int-or-string": true], true,
            ["a: Invalid value: \"boolean\": a in body must be of type integer,string: \"boolean\""]
        ),
        ("whole fraction", ["type": "integer"], 2.0, []),
        ("whole number where there may be fractions", ["type": "number"], 2, []),
        (
            "fraction", ["type": "integer"], 2.5,
            [
                "a: Invalid value: \"number\": a in body must be of type integer: \"number\"",
                whole + "Checked value must be of type integer (default format) in a",
            ]
        ),
        (
            "32 bits", ["type": "integer", "format": "int32"], 2_147_483_648,
            [whole + "Checked value must be of type integer with format int32 in a"]
        ),
        (
            "format of another type", ["type": "string", "format": "date"], ["x": 1],
            ["a: Invalid value: \"\": a in body must be of type date: \"\""]
        ),
        (
            "minimum", ["type": "integer", "minimum": 2], 1,
            ["a: Invalid value: 1: a in body should be greater than or equal to 2"]
        ),
        (
            "exclusive maximum", ["type": "number", "maximum": 1.5, "exclusiveMaximum": true], 1.5,
            ["a: Invalid value: 1.5: a in body should be less than 1.5"]
        ),
        (
            "whole numbers are held to the whole part of a bound", ["type": "number", "maximum": 1.5], 2,
            ["a: Invalid value: 2: a in body should be less than or equal to 1"]
        ),
        (
            "bound that is none for the type", ["type": "integer", "minimum": 1.5], 5,
            [whole + "Minimum boundary value must be of type integer (default format) in a"]
        ),
        (
            "multiple", ["type": "integer", "multipleOf": 5], 7,
            ["a: Invalid value: 7: a in body should be a multiple of 5"]
        ),
        ("multiple of a fraction", ["type": "number", "multipleOf": 0.1], 0.3, []),
        ("enum", ["type": "string", "enum": ["b"]], "c", ["a: Unsupported value: \"c\": supported values: \"b\""]),
        (
            "enum of other types", ["type": "integer", "enum": [1, 2]], 3,
            ["a: Unsupported value: 3: supported values: \"1\", \"2\""]
        ),
        ("enum of objects", ["type": "object", "enum": [["x": 1]]], ["x": 1], []),
        (
            "null is no choice", ["type": "string", "nullable": true, "enum": ["b", nil]], nil,
            ["a: Unsupported value: null: supported values: \"b\", \"null\""]
        ),
        (
            "only the first thing about a text", ["type": "string", "minLength": 3, "pattern": "^x+$"], "y",
            ["a: Invalid value: \"y\": a in body should be at least 3 chars long"]
        ),
        ("length in characters", ["type": "string", "maxLength": 2], "äö", []),
        ("too long", ["type": "string", "maxLength": 1], "ab", ["a: Too long: may not be more than 1 byte"]),
        (
            "pattern", ["type": "string", "pattern": "^x+$"], "y",
            ["a: Invalid value: \"y\": a in body should match '^x+$'"]
        ),
        (
            "pattern that is none", ["type": "string", "pattern": "("], "y",
            [
                "a: Invalid value: \"y\": a in body should match '(, but pattern is invalid: "
                    + "error parsing regexp: missing closing ): `(`'"
            ]
        ),
        (
            "format", ["type": "string", "format": "date-time"], "today",
            ["a: Invalid value: \"today\": a in body must be of type date-time: \"today\""]
        ),
        ("format that nobody checks", ["type": "string", "format": "colour"], "today", []),
    ]

    private static let compounds: [Row] = [
        (
            "items", ["type": "array", "maxItems": 1, "items": ["type": "integer"]], [1, 2],
            ["a: Too many: 2: must have at most 1 item"]
        ),
        (
            "item", ["type": "array", "items": ["type": "integer"]], [1, "x"],
            ["a[1]: Invalid value: \"string\": a[1] in body must be of type integer: \"string\""]
        ),
        (
            "duplicates", ["type": "array", "uniqueItems": true, "items": ["type": "integer"]], [1, 1],
            ["a: Invalid value: \"\": a in body shouldn't contain duplicates"]
        ),
        (
            "required", ["type": "object", "required": ["x", "y"]], ["x": 1], ["a.y: Required value"]
        ),
        (
            "forbidden", ["type": "object", "additionalProperties": false], ["x": 1],
            ["a: Invalid value: \"x\": a.x in body is a forbidden property"]
        ),
        (
            "value of a map", ["type": "object", "additionalProperties": ["type": "integer"]], ["x": "1"],
            ["a.x: Invalid value: \"string\": a.x in body must be of type integer: \"string\""]
        ),
        (
            "too few", ["type": "object", "minProperties": 2], ["x": 1],
            ["a: Invalid value: 1: a in body should have at least 2 properties"]
        ),
        (
            "not", ["type": "string", "not": ["enum": ["b"]]], "b",
            [whole + "\"a\" must not validate the schema (not)"]
        ),
        (
            "all", ["type": "string", "allOf": [["minLength": 2], ["pattern": "^z"]]], "a",
            [
                "a: Invalid value: \"a\": a in body should be at least 2 chars long",
                "a: Invalid value: \"a\": a in body should match '^z'",
                whole + "\"a\" must validate all the schemas (allOf). None validated",
            ]
        ),
        (
            "any: the first of equals is told",
            ["type": "object", "anyOf": [["required": ["x"]], ["required": ["y"]]]], ["z": 1],
            [whole + "\"a\" must validate at least one schema (anyOf)", "a.x: Required value"]
        ),
        (
            "any: the one that fits more is told",
            [
                "type": "object", "properties": ["x": ["type": "integer"], "y": ["type": "integer"]],
                "anyOf": [["required": ["z"]], ["required": ["z"], "properties": ["x": ["minimum": 1]]]],
            ], ["x": 2],
            [whole + "\"a\" must validate at least one schema (anyOf)", "a.z: Required value"]
        ),
        (
            "one of two", ["type": "object", "oneOf": [["required": ["x"]], ["required": ["y"]]]], ["x": 1, "y": 1],
            [whole + "\"a\" must validate one and only one schema (oneOf). Found 2 valid alternatives"]
        ),
    ]

    private static let rows = scalars + compounds

    @Test(arguments: rows.indices) func valuesAreChecked(_ index: Int) {
        let row = Self.rows[index]
        let schema = StructuralSchema(["type": "object", "properties": ["a": row.schema]], metadata: .any)
        let problems = SchemaValidator.problems(with: ["a": row.value], as: schema)
        #expect(problems.map(\.description) == row.errors, "\(row.remark)")
    }

    @Test func aPartIsHeldToItsOwnSchemaAndToldInItsPlace() {
        let schema = StructuralSchema(
            ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["r"]], metadata: .any)
        let problems = SchemaValidator.problems(with: ["n": "x"], as: schema, at: FieldPath("status"))
        #expect(
            problems.map(\.description) == [
                "status.n: Invalid value: \"string\": n in body must be of type integer: \"string\"",
                "status.r: Required value",
            ])
    }

    // MARK: Formats

    private static let formats: [(format: String, right: [String], wrong: [String])] = [
        (
            "date-time", ["2024-01-02T03:04:05Z", "2024-01-02t03:04:05.5+01:00"],
            ["2024-01-02 03:04:05Z", "2024-13-01T00:00:00Z"]
        ),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-1-1"]),
        ("duration", ["1h30m", "-2s", "3 days", "1 week 2 hours"], ["", "x", "3 parsecs"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"], ["123e4567"]),
        ("uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]),
        ("ipv4", ["10.0.0.1"], ["::1", "10.0.0.256"]),
        ("ipv6", ["::1"], ["10.0.0.1"]),
        ("cidr", ["10.0.0.0/8", "fd00::/8"], ["10.0.0.0"]),
        ("mac", ["01:23:45:67:89:ab", "0123.4567.89ab", "01-23-45-67-89-AB"], ["01:23:45:67:89"]),
        ("hostname", ["example.com", "localhost", "1a.de"], ["-a.com", "a..com", "a_b"]),
        ("email", ["a@b.c", "A B <a@b.c>", "\"x y\"@b"], ["a", "@b", "a@"]),
        ("uri", ["https://a.b/c?d", "/path", "*"], ["a", "", "http://a b/", "/%zz"]),
        ("byte", ["YQ=="], ["", "YQ"]),
        ("bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f1f77"]),
        ("isbn", ["0-321-75104-3", "978-0321751041"], ["0321751044"]),
        ("creditcard", ["4111 1111 1111 1111"], ["4111 1111 1111 1112"]),
        ("ssn", ["123-45-6789"], ["12-345-6789"]),
        ("hexcolor", ["#FFF", "a0b1c2"], ["#FFFF"]),
        ("rgbcolor", ["rgb(0, 255,3)"], ["rgb(0,256,3)"]),
        ("password", ["anything"], []),
        ("k8s-short-name", ["a-1"], ["A", "-a", "a.b"]),
        ("k8s-long-name", ["a.b-c"], ["a..b", "A"]),
    ]

    @Test(arguments: formats.indices) func textsHaveTheirFormats(_ index: Int) {
        let row = Self.formats[index]
        let schema = StructuralSchema(["type": "string", "format": .string(row.format)], metadata: .any)
        for text in row.right {
            #expect(SchemaValidator.problems(with: .string(text), as: schema).isEmpty, "\(row.format): \(text)")
        }
        for text in row.wrong {
            #expect(SchemaValidator.problems(with: .string(text), as: schema).count == 1, "\(row.format): \(text)")
        }
    }

    // MARK: Updates

    private static let updates: [(remark: String, schema: JSON, old: JSON, new: JSON, paths: [String])] = [
        ("as it was", ["type": "integer", "maximum": 5], 9, 9, []),
        ("changed", ["type": "integer", "maximum": 5], 9, 8, ["a"]),
        (
            "a member as it was",
            ["type": "object", "properties": ["x": ["type": "integer", "maximum": 5], "y": ["type": "integer"]]],
            ["x": 9, "y": 1], ["x": 9, "y": 2], []
        ),
        (
            "an object that lacks what it lacked, and changes", ["type": "object", "required": ["r"]],
            ["x": 1], ["x": 2], ["a.r"]
        ),
        (
            "members that nothing is said of: nobody can say that they are as they were",
            ["type": "object", "x-kubernetes-preserve-unknown-fields": true, "required": ["r"]],
            ["x": 1], ["x": 1], ["a.r"]
        ),
        (
            "items by their keys",
            [
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": [
                    "type": "object",
                    "properties": ["k": ["type": "string"], "v": ["type": "string", "maxLength": 1]],
                ],
            ], [["k": "1", "v": "long"], ["k": "2", "v": "s"]], [["k": "2", "v": "longer"], ["k": "1", "v": "long"]],
            ["a[0].v"]
        ),
        (
            "items of other lists not at all",
            ["type": "array", "items": ["type": "string", "maxLength": 1]], ["long", "x"], ["long", "y"], ["a[0]"]
        ),
        (
            "within one of several schemas",
            [
                "type": "object", "properties": ["x": ["type": "integer"], "y": ["type": "integer"]],
                "allOf": [["properties": ["x": ["maximum": 5]]]],
            ], ["x": 9, "y": 1], ["x": 9, "y": 2], []
        ),
    ]

    @Test(arguments: updates.indices) func whatIsAsItWasIsNotHeldAgainstAnUpdate(_ index: Int) {
        let row = Self.updates[index]
        let schema = StructuralSchema(["type": "object", "properties": ["a": row.schema]], metadata: .any)
        let problems = SchemaValidator.problems(with: ["a": row.new], as: schema, replacing: ["a": row.old])
        #expect(problems.map(\.path) == row.paths, "\(row.remark)")
    }

    // MARK: Lists, defaults, pruning

    private static let lists: [(remark: String, schema: JSON, value: JSON, errors: [String])] = [
        (
            "set", ["type": "array", "x-kubernetes-list-type": "set", "items": ["type": "string"]],
            ["b", "a", "a", "a"], ["a[2]: Duplicate value: \"a\""]
        ),
        (
            "map",
            [
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "p"],
                "items": ["type": "object"],
            ], [["k": 1], ["k": 1, "p": 2], ["k": 1]], ["a[2]: Duplicate value: {\"k\":1}"]
        ),
        (
            "map of what are no objects",
            [
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": ["type": "object"],
            ], [["k": 1], 5], ["a[1]: Invalid value: 5: must be an object for an array of list-type map"]
        ),
        (
            "within a map",
            [
                "type": "object",
                "additionalProperties": [
                    "type": "array", "x-kubernetes-list-type": "set", "items": ["type": "integer"],
                ],
            ], ["x": [1, 1]], ["a[x][1]: Duplicate value: 1"]
        ),
    ]

    @Test(arguments: lists.indices) func itemsMayNotStandTwice(_ index: Int) {
        let row = Self.lists[index]
        let schema = StructuralSchema(["type": "object", "properties": ["a": row.schema]], metadata: .any)
        var errors: [FieldError] = []
        schema.checkLists(["a": row.value], into: &errors)
        #expect(errors.map(\.description) == row.errors, "\(row.remark)")
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
