import APIMachinery
import JSON
import KubernetesAPI
import TestSupport

/// Schemas of custom resources (`JSONSchemaProps`), mostly such as are allowed, and objects for them.
enum RandomSchema {
    static func root(_ random: inout SeededGenerator) -> JSON {
        var schema: JSON = ["type": "object", "properties": ["spec": node(1, &random)]]
        if random.chance(oneIn: 2) { schema["properties"]?["status"] = node(2, &random) }
        if random.chance(oneIn: 10) { schema["x-kubernetes-preserve-unknown-fields"] = true }
        if random.chance(oneIn: 12) { schema["properties"]?["metadata"] = ["type": "object"] }
        return random.chance(oneIn: 4) ? schema.mutated(using: &random) : schema
    }

    private static func node(_ depth: Int, _ random: inout SeededGenerator) -> JSON {
        var schema: JSON
        switch depth > 5 ? random.below(4) + 4 : random.below(9) {
        case 0, 1, 2: schema = object(depth, &random)
        case 3: schema = array(depth, &random)
        case 4: schema = ["type": .string(random.pick(["boolean", "integer", "number"]))]
        case 5: schema = ["x-kubernetes-int-or-string": true]
        case 6 where depth <= 5:
            schema = ["type": "object", "additionalProperties": node(depth + 1, &random)]
        default: schema = ["type": "string"]
        }
        constrain(&schema, &random)
        if random.chance(oneIn: 8) { schema["nullable"] = true }
        if random.chance(oneIn: 6) { schema["default"] = value(of: schema, &random) }
        if random.chance(oneIn: 10) { schema[random.pick(["anyOf", "oneOf", "allOf"])] = [alternative(&random)] }
        if random.chance(oneIn: 20) { schema["not"] = alternative(&random) }
        if random.chance(oneIn: 8) { schema["x-kubernetes-validations"] = [rule(&random)] }
        return schema
    }

    private static func object(_ depth: Int, _ random: inout SeededGenerator) -> JSON {
        var properties = JSONObject()
        for name in ["a", "b", "c", "name", "é"] where random.chance(oneIn: 2) {
            properties[name] = node(depth + 1, &random)
        }
        var schema: JSON = ["type": "object", "properties": .object(properties)]
        switch random.below(12) {
        case 0: schema["required"] = .array(properties.keys.prefix(2).map { JSON.string($0) } + ["zz"])
        case 1: schema["x-kubernetes-preserve-unknown-fields"] = true
        case 2: schema["x-kubernetes-map-type"] = .string(random.pick(["atomic", "granular"]))
        case 3:
            schema["x-kubernetes-embedded-resource"] = true
            schema["x-kubernetes-preserve-unknown-fields"] = true
        case 4: schema["minProperties"] = .int(random.pick([0, 1, 5]))
        default: break
        }
        return schema
    }

    private static func array(_ depth: Int, _ random: inout SeededGenerator) -> JSON {
        var schema: JSON = ["type": "array", "items": node(depth + 1, &random)]
        switch random.below(5) {
        case 0:
            schema["items"] = ["type": .string(random.pick(["string", "integer", "number"]))]
            schema["x-kubernetes-list-type"] = "set"
        case 1, 2:
            let keys = random.pick([["name"], ["name", "port"], ["name", "port", "protocol"]])
            var item: JSON = ["type": "object", "required": ["name"], "properties": ["x": node(depth + 2, &random)]]
            item["properties"]?["name"] = ["type": "string"]
            item["properties"]?["port"] = ["type": "integer", "default": 80]
            item["properties"]?["protocol"] = ["type": "string", "default": "TCP"]
            schema["items"] = item
            schema["x-kubernetes-list-type"] = "map"
            schema["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
        case 3: schema["x-kubernetes-list-type"] = "atomic"
        default: break
        }
        return schema
    }

    private static func constrain(_ schema: inout JSON, _ random: inout SeededGenerator) {
        guard random.chance(oneIn: 3) else { return }
        let numbers: [JSON] = [0, 1, -1, 3.5, 1e308, .int(.max), .int(.min), 0.1]
        switch schema["type"] {
        case "string"?:
            switch random.below(4) {
            case 0: schema["pattern"] = .string(random.pick(patterns))
            case 1: schema["format"] = .string(random.pick(formats))
            case 2: schema[random.pick(["minLength", "maxLength"])] = .int(random.pick([0, 1, 3, -1, .max]))
            default: schema["enum"] = ["a", "b", random.pick(["", "x", .null, 1])]
            }
        case "integer"?, "number"?:
            switch random.below(4) {
            case 0: schema["format"] = .string(random.pick(["int32", "int64", "float", "double", "x"]))
            case 1: schema["multipleOf"] = random.pick(numbers)
            default:
                schema[random.pick(["minimum", "maximum"])] = random.pick(numbers)
                schema[random.pick(["exclusiveMinimum", "exclusiveMaximum"])] = true
            }
        case "array"?: schema[random.pick(["minItems", "maxItems"])] = .int(random.pick([0, 1, 3, -1, .max, .min]))
        default: break
        }
    }

    private static func alternative(_ random: inout SeededGenerator) -> JSON {
        random.pick([
            ["required": ["a"]], ["minimum": 3], ["properties": ["a": ["pattern": "^a"]]], ["items": ["maxLength": 2]],
            ["type": "string"], ["enum": ["a", 1]], ["not": ["required": ["b"]]],
        ])
    }

    /// Some text of the expression language, right or wrong.
    private static func rule(_ random: inout SeededGenerator) -> JSON {
        var rule: JSON = ["rule": .string(random.pick(rules)), "message": "no"]
        if random.chance(oneIn: 3) {
            let text = String(decoding: random.mutated(Array(random.pick(rules).utf8)), as: UTF8.self)
            rule["rule"] = .string(text)
        }
        if random.chance(oneIn: 6) { rule["messageExpression"] = .string(random.pick(rules)) }
        if random.chance(oneIn: 6) { rule["reason"] = .string(random.pick(["FieldValueInvalid", "x"])) }
        if random.chance(oneIn: 6) { rule["fieldPath"] = .string(random.pick([".a", ".spec.a", "['b']", ".", "x["])) }
        if random.chance(oneIn: 6) { rule["optionalOldSelf"] = true }
        return rule
    }

    private static let rules = [
        "self == oldSelf", "self.a > 1", "has(self.a) && self.a.size() > 3", "self.all(x, x.name != '')", "true",
        "self.filter(x, x > 1).map(x, x * 9223372036854775807).exists(x, x == 1)", "1/0 == 1",
        "-9223372036854775808 / -1 > 0",
        "self.matches('(a+)+$')", "duration('9223372036854775807ns') + duration('1h') > duration('0s')",
        "timestamp('9999-12-31T23:59:59Z') + duration('1h') < timestamp('0001-01-01T00:00:00Z')", "'\\xff'", "self[99]",
        "quantity('1Ei').add(quantity('9E')).isGreaterThan(quantity('1'))", "'a'.replace('', 'b', -1) == self",
        "'%s %d %.9999999f'.format([self, 1, 2.0]) == ''", "int(1e300) == 1", "uint(-1) > 0u", "self.substring(-1)",
        "\"x\".split(\"\", 99999999999)", "[1,2,3].slice(2, 1)", "ip('::1').isLoopback()", "size('' + self) > 0",
        String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400),
        String(repeating: "!", count: 500) + "true", String(repeating: "a.", count: 300) + "b",
        "[" + String(repeating: "[", count: 200), "a ? b : c", "{'a': 1}.a == 1", "", "self.", "// x",
    ]

    private static let patterns = [
        "^[a-z]+$", "(a+)+$", "(", "[^]", "\\p{L}", "(?i)x", "a{1000}{1000}", "^\\d{3,1}$", "\\", "(?P<n>a)\\1", "\\C",
        "[[:alpha:]]", "é|\u{1F600}", "(?=a)", "$^", ".{0,65535}", "\\Qa\\E", "[z-a]",
    ]
    private static let formats = [
        "date", "date-time", "duration", "ipv4", "ipv6", "cidr", "uri", "email", "hostname", "uuid", "byte", "mac",
        "isbn", "creditcard", "ssn", "hexcolor", "rgbcolor", "password", "bsonobjectid", "x",
    ]

    // MARK: Values

    /// A value that mostly fits a schema.
    static func value(of schema: JSON, _ random: inout SeededGenerator) -> JSON {
        if random.chance(oneIn: 25) { return .hostile(using: &random) }
        if schema["x-kubernetes-int-or-string"] == true { return random.pick([1, "50%", "x"]) }
        switch schema["type"] {
        case "boolean"?: return .bool(.random(using: &random))
        case "integer"?: return .int(random.pick([0, 1, 80, .max, .min, -1]))
        case "number"?: return random.pick([0.5, 3, 1e300, -0.0])
        case "string"?:
            return .string(random.pick(["a", "TCP", "", "2026-01-02", "10.0.0.1", random.pick(JSON.hostileTexts)]))
        case "array"?:
            let items = schema["items"] ?? [:]
            return .array((0..<random.below(4)).map { _ in value(of: items, &random) })
        case "object"?: return members(of: schema, &random)
        default: return random.pick([1, "any", ["a": [1]]])
        }
    }

    private static func members(of schema: JSON, _ random: inout SeededGenerator) -> JSON {
        var object = JSONObject()
        if schema["x-kubernetes-embedded-resource"] == true {
            object = ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "in"], "z": 1]
        }
        for property in schema["properties"]?.objectValue ?? [:] where !random.chance(oneIn: 4) {
            object[property.key] = value(of: property.value, &random)
        }
        if let values = schema["additionalProperties"] {
            for key in ["x", "y", "z"].prefix(random.below(4)) { object[key] = value(of: values, &random) }
        }
        return .object(object)
    }

    static func object(
        of kind: GroupVersionKind, _ schema: JSON, name: String, _ random: inout SeededGenerator
    ) -> JSON {
        var object = value(of: schema, &random)
        if case .object = object {} else { object = [:] }
        object["apiVersion"] = .string(kind.groupVersion.description)
        object["kind"] = .string(kind.kind)
        object["metadata"] = ["name": .string(name), "labels": ["a": "x"]]
        return object
    }

    // MARK: Definitions

    static let group = "fuzz.example.com"

    /// A definition whose names have been accepted.
    static func definition(plural: String, schema: JSON) -> JSON {
        let singular = String(plural.dropLast())
        let kind = singular.prefix(1).uppercased() + singular.dropFirst()
        let names: JSON = [
            "plural": .string(plural), "singular": .string(singular), "kind": .string(kind),
            "listKind": .string(kind + "List"),
        ]
        let version: JSON = [
            "name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema],
            "subresources": [
                "status": [:], "scale": ["specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"],
            ],
            "additionalPrinterColumns": [
                ["name": "A", "type": "integer", "jsonPath": ".spec.a"],
                ["name": "B", "type": "date", "jsonPath": ".spec.b[?(@.name==\"a\")].x"],
                ["name": "C", "type": "string", "jsonPath": ".spec['c'][*]"],
            ],
            "selectableFields": [["jsonPath": ".spec.name"]],
        ]
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string(plural + "." + group)],
            "spec": ["group": .string(group), "names": names, "scope": "Namespaced", "versions": [version]],
            "status": [
                "acceptedNames": names, "storedVersions": ["v1"],
                "conditions": [["type": "Established", "status": "True"]],
            ],
        ]
    }
}

extension LibraryTargets {
    private static let definitions = CorpusKind.all.first { $0.kind.kind == "CustomResourceDefinition" }

    /// What a definition of a custom resource says, and changes to it.
    static func definition(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        guard let corpus = definitions else { throw FuzzFailure("there is no CustomResourceDefinition") }
        func make(_ random: inout SeededGenerator) -> JSON? {
            var definition = RandomSchema.definition(plural: "widgets", schema: RandomSchema.root(&random))
            if random.chance(oneIn: 3) { definition = definition.mutated(using: &random) }
            note.input(definition.encoded)
            guard (try? corpus.version.schema.canonicalize(&definition)) != nil else { return nil }
            return definition
        }
        guard var old = make(&random), var new = make(&random) else { return }
        note.input(old.encoded + Array("\n".utf8) + new.encoded)
        let strategy = corpus.definition.strategy
        strategy.applyDefaults(to: &old)
        strategy.prepareForCreation(&old)
        _ = strategy.validateCreation(old)
        strategy.applyDefaults(to: &new)
        strategy.prepareForUpdate(&new, from: old)
        _ = strategy.validateUpdate(new, from: old)
        _ = strategy.warnings(for: new, replacing: old)
        let document = new
        let resource = CustomResources.definition(
            of: document, schemaRevision: .zero, storageVersionHash: { _ in nil }, document: { document })
        for version in resource?.versions ?? [] {
            var object: JSON = ["spec": document, "status": [:]]
            _ = try? version.schema.canonicalize(&object)
        }
    }

    /// Sets of fields as a client may write them.
    static func fieldSet(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let start =
            #"{"f:a":{".":{},"k:{\"name\":\"c\",\"port\":80}":{"f:x":{}},"v:\"y\"":{},"i:3":{},"v:[[1,{}]]":{}}}"#
        var bytes = Array(start.utf8)
        if random.chance(oneIn: 8) {
            let depth = random.pick([200, 900])
            bytes = Array(
                "{\"v:\(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))\":{}}".utf8)
        }
        if random.chance(oneIn: 2) { bytes = (try JSON(parsing: start)).mutated(using: &random).encoded }
        bytes = random.mutated(bytes)
        note.input(bytes)
        var options = JSONParseOptions()
        options.maximumDepth = 256
        guard let json = try? JSON(parsing: bytes, options: options), let set = try? FieldSet(fieldsV1: json) else {
            return
        }
        let written = set.fieldsV1
        let again = try FieldSet(fieldsV1: written)
        try expect(again.fieldsV1 == written, "a set of fields reads back as another")
        try expect(set.subtracting(again).isEmpty, "a set less itself is not empty")
        try expect(set.union(again).fieldsV1 == written, "a set with itself is another")
        _ = set.paths
    }
}
