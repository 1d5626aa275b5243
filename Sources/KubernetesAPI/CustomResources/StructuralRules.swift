import APIMachinery
import JSON

/// What makes a schema in a `CustomResourceDefinition` structural (`apiserver/schema`), and what its defaults must be.
struct StructuralRules {
    private enum Level { case root, field, item }

    private var errors = FieldErrors()

    /// All that is wrong with the schema of a version, in Kubernetes' order: what may stand at the root beside a `status`
    /// subresource, the structure, the defaults of one that is structural, the keywords.
    static func check(_ schema: Fields, hasStatus: Bool, into errors: inout FieldErrors) {
        let before = errors.count
        if hasStatus { checkRoot(schema, into: &errors) }
        if schema["nullable"].bool == true {
            errors.forbidden(schema["nullable"], "nullable cannot be true at the root")
        }
        let unsupported = unsupportedKeyword(in: schema)
        if unsupported == nil {
            let structural = structuralErrors(schema)
            for error in structural { errors.add(error) }
            if structural.isEmpty { DefaultRules.check(schema, isRoot: true, into: &errors) }
        }
        SchemaKeywordRules.check(schema, readsExpressions: errors.count == before, into: &errors)
        if let unsupported, errors.count == before {
            errors.add(.invalid(schema.path, "", unsupported))
        }
    }

    private static func structuralErrors(_ schema: Fields) -> [FieldError] {
        var rules = StructuralRules()
        rules.check(schema, .root)
        rules.checkCompleteness(schema, schema.members, at: schema.path, vPath: schema.path)
        return rules.errors.list.map { ($0, $0.description) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    // MARK: The root

    private static let forbiddenAtRoot = [
        "id", "$schema", "$ref", "nullable", "enum", "maxProperties", "minProperties", "allOf", "oneOf", "anyOf", "not",
        "additionalProperties", "patternProperties", "dependencies", "additionalItems", "definitions", "default",
        "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type", "x-kubernetes-map-type",
    ]

    private static let allowedAtRoot =
        "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern "
        + "MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example "
        + "XPreserveUnknownFields XValidations]"

    private static func checkRoot(_ schema: Fields, into errors: inout FieldErrors) {
        let type = schema["type"]
        if !type.isEmpty, type.text != "object" {
            errors.invalid(
                type,
                "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled")
        } else if forbiddenAtRoot.contains(where: { schema[$0].isSet && schema[$0].value?.isGoZero == false }) {
            errors.add(
                .invalid(
                    schema.path, .object(schema.members),
                    "only \(allowedAtRoot) fields are allowed at the root of the schema if the status subresource is "
                        + "enabled"))
        }
    }

    // MARK: Support

    /// What keeps a schema from being read as a structural one at all.
    private static func unsupportedKeyword(in schema: Fields) -> String? {
        for name in ["id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"]
        where name == "additionalItems" ? schema[name].isSet : !schema[name].isEmpty {
            return "OpenAPIV3Schema '\(name == "$schema" ? "schema" : name)' is not supported"
        }
        if schema["x-kubernetes-preserve-unknown-fields"].bool == false {
            return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
        }
        if case .array(let list)? = schema["items"].value, !list.isEmpty {
            return "OpenAPIV3Schema 'items' must be a schema, but is an array"
        }
        for part in parts(of: schema).map(\.schema) + junctions(of: schema) {
            if let problem = unsupportedKeyword(in: part) { return problem }
        }
        return nil
    }

    /// The schemas below: items, fields, values of maps.
    private static func parts(of schema: Fields) -> [(schema: Fields, level: Level)] {
        var parts: [(Fields, Level)] = []
        if let items = schema.ifPresent("items") { parts.append((items, .item)) }
        for (_, property) in schema["properties"].entries { parts.append((property.fields, .field)) }
        if let additional = schema.ifPresent("additionalProperties") { parts.append((additional, .field)) }
        return parts
    }

    private static func junctions(of schema: Fields) -> [Fields] {
        var parts = ["anyOf", "allOf", "oneOf"].flatMap { schema[$0].items.map(\.fields) }
        if let not = schema.ifPresent("not") { parts.append(not) }
        return parts
    }

    // MARK: Structure

    private mutating func check(_ schema: Fields, _ level: Level) {
        if schema["type"].text == "array", !schema["items"].isSet {
            errors.required(schema["items"], "must be specified")
        }
        if level == .root, schema["additionalProperties"].isSet {
            errors.forbidden(schema["additionalProperties"], "must not be used at the root")
        }
        for part in Self.parts(of: schema) { check(part.schema, part.level) }
        checkExtensions(schema)
        checkValues(schema, isStructure: true)
        checkType(schema, level)
        checkImplicitFields(schema, level)
        let properties = schema["properties"]
        if schema.says("x-kubernetes-embedded-resource"), !schema.says("x-kubernetes-preserve-unknown-fields"),
            properties.isEmpty
        {
            errors.required(
                properties,
                "must not be empty if x-kubernetes-embedded-resource is true without "
                    + "x-kubernetes-preserve-unknown-fields")
        }
    }

    private mutating func checkExtensions(_ schema: Fields) {
        guard schema.says("x-kubernetes-int-or-string") else { return }
        for name in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] where schema.says(name) {
            errors.invalid(schema[name], "must be false if x-kubernetes-int-or-string is true")
        }
    }

    private mutating func checkType(_ schema: Fields, _ level: Level) {
        let type = schema["type"]
        let isEmbedded = schema.says("x-kubernetes-embedded-resource")
        if isEmbedded, type.text != "object" {
            let why = "must be object if x-kubernetes-embedded-resource is true"
            if type.isEmpty { errors.required(type, why) } else { errors.invalid(type, why) }
        } else if type.isEmpty, !schema.says("x-kubernetes-int-or-string"),
            !schema.says("x-kubernetes-preserve-unknown-fields")
        {
            switch level {
            case .root: errors.required(type, "must not be empty at the root")
            case .item: errors.required(type, "must not be empty for specified array items")
            case .field: errors.required(type, "must not be empty for specified object fields")
            }
        }
        if isEmbedded, schema["additionalProperties"].isSet {
            errors.forbidden(
                schema["additionalProperties"], "must not be used if x-kubernetes-embedded-resource is set")
        }
        if level == .root, !type.isEmpty, type.text != "object" { errors.invalid(type, "must be object at the root") }
    }

    /// What every resource has without saying so.
    private mutating func checkImplicitFields(_ schema: Fields, _ level: Level) {
        let isResource = level == .root || schema.says("x-kubernetes-embedded-resource")
        guard isResource else { return }
        for (name, field) in schema["properties"].entries {
            let property = field.fields
            switch name {
            case "kind", "apiVersion": checkImplicitType("string", of: property)
            case "metadata":
                checkImplicitType("object", of: property)
                if level == .root, Self.limitsMetadata(property) {
                    errors.add(
                        .forbidden(
                            property.path,
                            "must not specify anything other than name and generateName, but metadata is implicitly "
                                + "specified"))
                }
            default: break
            }
        }
    }

    private mutating func checkImplicitType(_ wanted: String, of property: Fields) {
        let type = property["type"]
        if type.text != wanted { errors.add(["must be \(wanted)"], at: type.path, value: .string(type.text)) }
    }

    private static func limitsMetadata(_ property: Fields) -> Bool {
        let says = property.members.filter {
            !["type", "properties", "default"].contains($0.key) && !$0.value.isGoZero
        }
        return !says.isEmpty
            || property["properties"].entries.contains { $0.key != "name" && $0.key != "generateName" }
    }

    // MARK: Values

    /// Keywords that judge values, in the structure or within a junctor.
    private mutating func checkValues(_ schema: Fields, isStructure: Bool, skipsAnyOf: Bool = false) {
        // The types of a value that is a number or a text may stand in a junctor.
        let types: JSON = [["type": "integer"], ["type": "string"]]
        let isAnyOfForm = skipsAnyOf || isStructure && schema["anyOf"].value == types
        let isAllOfForm = isStructure && schema["allOf"].items.first?.fields["anyOf"].value == types
        for part in schema["anyOf"].items where !isAnyOfForm { checkJunction(part.fields) }
        for (index, part) in schema["allOf"].items.enumerated() {
            checkJunction(part.fields, skipsAnyOf: isAllOfForm && index == 0)
        }
        for part in schema["oneOf"].items { checkJunction(part.fields) }
        if let not = schema.ifPresent("not") { checkJunction(not) }
        let pattern = schema["pattern"]
        guard !pattern.isEmpty else { return }
        do {
            _ = try RegularExpression(pattern.text)
        } catch {
            errors.invalid(pattern, "must be a valid regular expression, but isn't: \(error)")
        }
    }

    private static let emptyInJunctions = [
        "type", "title", "description", "x-kubernetes-list-map-keys", "x-kubernetes-validations",
    ]
    private static let undefinedInJunctions = [
        "additionalProperties", "default", "x-kubernetes-list-type", "x-kubernetes-map-type",
    ]
    private static let falseInJunctions = [
        "nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
    ]

    /// Within a junctor only values are judged; nothing there says what a value is.
    private mutating func checkJunction(_ schema: Fields, skipsAnyOf: Bool = false) {
        checkValues(schema, isStructure: false, skipsAnyOf: skipsAnyOf)
        if let items = schema.ifPresent("items") { checkJunction(items) }
        for (name, property) in schema["properties"].entries {
            checkJunction(property.fields)
            if name == "metadata" {
                errors.add(.forbidden(property.path, "must not be specified in a nested context"))
            }
        }
        for name in Self.emptyInJunctions where !schema[name].isEmpty {
            errors.forbidden(schema[name], "must be empty to be structural")
        }
        for name in Self.undefinedInJunctions where schema[name].isSet {
            errors.forbidden(schema[name], "must be undefined to be structural")
        }
        for name in Self.falseInJunctions where schema.says(name) {
            errors.forbidden(schema[name], "must be false to be structural")
        }
    }

    // MARK: Completeness

    /// Fields and items that the junctors of the root speak of must be in the structure too.
    /// - Parameter structure: the part of it that stands where `schema` does; `nil` where there is none.
    private mutating func checkCompleteness(
        _ schema: Fields, _ structure: JSONObject, at place: FieldPath, vPath: FieldPath
    ) {
        for part in Self.junctions(of: schema) { checkNested(part, structure, at: place) }
    }

    private mutating func checkNested(_ part: Fields, _ structure: JSONObject?, at place: FieldPath) {
        guard let structure else {
            return errors.add(.required(place, "because it is defined in \(part.path)"))
        }
        for junction in Self.junctions(of: part) { checkNested(junction, structure, at: place) }
        if let items = part.ifPresent("items") {
            checkNested(items, structure["items"]?.objectValue, at: place.child("items"))
        }
        for (name, property) in part["properties"].entries {
            checkNested(
                property.fields, structure["properties"]?[name]?.objectValue, at: place.child("properties").key(name))
        }
    }
}

extension Fields {
    fileprivate func says(_ name: String) -> Bool { self[name].bool == true }
}

extension JSON {
    /// Whether the value is what Go has for one that is left out.
    fileprivate var isGoZero: Bool {
        switch self {
        case .null: true
        case .bool(let flag): !flag
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let object): object.isEmpty
        case .int, .double: false
        }
    }
}
