import APIMachinery
import JSON

/// What a schema in a `CustomResourceDefinition` must keep to: what OpenAPI keywords it may use, and that it is
/// structural (`apiextensions/validation`, `apiserver/schema`).
struct StructuralRules {
    private enum Level { case root, field, item }

    private(set) var errors = FieldErrors()

    /// All that is wrong with a schema, in Kubernetes' order: the keywords, then the structure, then the defaults.
    static func check(_ schema: JSONObject, at path: FieldPath, into errors: inout FieldErrors) {
        var rules = StructuralRules()
        rules.checkKeywords(Fields(schema, at: path), isRoot: true)
        if rules.errors.count == 0 { rules.checkStructure(Fields(schema, at: path), .root) }
        if rules.errors.count == 0 { rules.checkDefaults(.object(schema), at: path, isRoot: true) }
        for error in rules.errors.list { errors.add(error) }
    }

    /// Calls `check` with each schema below: fields, values of maps, items.
    private func forEachPart(of schema: Fields, _ check: (Fields, Level) -> Void) {
        for (_, property) in schema["properties"].entries.sorted(by: { $0.key < $1.key }) {
            check(property.fields, .field)
        }
        if let additional = schema.ifPresent("additionalProperties") { check(additional, .field) }
        if let items = schema.ifPresent("items") { check(items, .item) }
    }

    private static let junctors = ["allOf", "oneOf", "anyOf"]

    private func forEachJunction(of schema: Fields, _ check: (Fields) -> Void) {
        for name in Self.junctors { for part in schema[name].items { check(part.fields) } }
        if let not = schema.ifPresent("not") { check(not) }
    }

    // MARK: Keywords

    private mutating func checkKeywords(_ schema: Fields, isRoot: Bool) {
        if schema["uniqueItems"].bool == true {
            errors.forbidden(
                schema["uniqueItems"],
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
        }
        let additional = schema["additionalProperties"]
        if additional.isSet, additional.bool != false, !schema["properties"].isEmpty {
            errors.forbidden(additional, "additionalProperties and properties are mutual exclusive")
        }
        for name in ["patternProperties", "definitions", "dependencies", "additionalItems", "$ref"]
        where schema[name].isSet && !schema[name].isEmpty {
            errors.forbidden(schema[name], "\(name) is not supported")
        }
        if case .array? = schema["items"].value {
            errors.forbidden(schema["items"], "items must be a schema object and not an array")
        }
        let type = schema["type"]
        switch type.text {
        case "", "string", "number", "integer", "boolean", "array", "object": break
        case "null": errors.forbidden(type, "type cannot be set to null, use nullable as an alternative")
        default:
            let supported = ["array", "boolean", "integer", "number", "object", "string"]
            errors.add(.notSupported(type.path, type.value ?? "", supported: supported))
        }
        if schema["x-kubernetes-preserve-unknown-fields"].bool == false {
            errors.invalid(schema["x-kubernetes-preserve-unknown-fields"], "must be true or undefined")
        }
        checkMapType(schema)
        checkListType(schema)
        var parts: [Fields] = []
        forEachPart(of: schema) { part, _ in parts.append(part) }
        forEachJunction(of: schema) { parts.append($0) }
        for part in parts { checkKeywords(part, isRoot: false) }
    }

    private mutating func checkMapType(_ schema: Fields) {
        let mapType = schema["x-kubernetes-map-type"]
        guard mapType.isSet else { return }
        if !["atomic", "granular"].contains(mapType.text) {
            errors.add(.notSupported(mapType.path, mapType.value ?? "", supported: ["atomic", "granular"]))
        }
        mustBe("object", schema["type"], "if x-kubernetes-map-type is specified")
    }

    private mutating func mustBe(_ wanted: String, _ type: FieldValue, _ why: String) {
        if type.isEmpty {
            errors.required(type, "must be \(wanted) \(why)")
        } else if type.text != wanted {
            errors.invalid(type, "must be \(wanted) \(why)")
        }
    }

    private mutating func checkListType(_ schema: Fields) {
        let listType = schema["x-kubernetes-list-type"]
        let keys = schema["x-kubernetes-list-map-keys"]
        if listType.isSet {
            mustBe("array", schema["type"], "if x-kubernetes-list-type is specified")
            if !["atomic", "set", "map"].contains(listType.text) {
                errors.add(.notSupported(listType.path, listType.value ?? "", supported: ["atomic", "set", "map"]))
            }
        }
        if !keys.isEmpty {
            if !listType.isSet {
                errors.required(listType, "must be map if x-kubernetes-list-map-keys is non-empty")
            } else if listType.text != "map" {
                errors.invalid(listType, "must be map if x-kubernetes-list-map-keys is non-empty")
            }
        }
        guard let items = schema.ifPresent("items") else { return }
        if listType.text == "set" { checkSetItems(items) }
        if listType.text == "map" { checkKeys(keys, items) }
    }

    private mutating func checkSetItems(_ items: Fields) {
        func isAtomic(_ name: String) -> Bool { items[name].text == "atomic" }
        switch items["type"].text {
        case "array" where !(items["x-kubernetes-list-type"].isEmpty || isAtomic("x-kubernetes-list-type")):
            let type = items["x-kubernetes-list-type"]
            errors.add(
                ["must be atomic as item of a list with x-kubernetes-list-type=set"], at: type.path,
                value: type.value ?? .null)
        case "object" where !isAtomic("x-kubernetes-map-type"):
            let type = items["x-kubernetes-map-type"]
            errors.add(
                ["must be atomic as item of a list with x-kubernetes-list-type=set"], at: type.path,
                value: type.value ?? .null)
        default: break
        }
    }

    private mutating func checkKeys(_ keys: FieldValue, _ items: Fields) {
        if keys.isEmpty { return errors.required(keys, "must not be empty if x-kubernetes-list-type is map") }
        mustBe("object", items["type"], "if parent array's x-kubernetes-list-type is map")
        guard items["type"].text == "object" else { return }
        let names = keys.items.map(\.text)
        let properties = items.fields("properties")
        if names.contains(where: { !properties[$0].isSet }) {
            errors.invalid(keys, "entries must all be names of item properties")
        }
        if Set(names).count != names.count { errors.invalid(keys, "must not contain duplicate entries") }
        let required = Set(items["required"].items.map(\.text))
        for name in names where properties[name].isSet {
            let property = Fields(properties[name].value ?? [:], at: items.path.child("properties").key(name))
            if property["nullable"].bool == true {
                errors.forbidden(
                    property["nullable"], "this property is in x-kubernetes-list-map-keys, so it cannot be nullable")
            }
            guard !required.contains(name), !property["default"].isSet else { continue }
            errors.required(
                property["default"],
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")
        }
    }

    // MARK: Structure

    private mutating func checkStructure(_ schema: Fields, _ level: Level) {
        let type = schema["type"]
        let preserves = schema["x-kubernetes-preserve-unknown-fields"].bool == true
        let isIntOrString = schema["x-kubernetes-int-or-string"].bool == true
        if type.text == "array", !schema["items"].isSet { errors.required(schema["items"], "must be specified") }
        if type.isEmpty, level == .root || !(isIntOrString || preserves) {
            switch level {
            case .root: errors.required(type, "must not be empty at the root")
            case .item: errors.required(type, "must not be empty for specified array items")
            case .field: errors.required(type, "must not be empty for specified object fields")
            }
        }
        if level == .root {
            if !type.isEmpty, type.text != "object" { errors.invalid(type, "must be object at the root") }
            if schema["additionalProperties"].isSet, schema["additionalProperties"].bool != false {
                errors.forbidden(schema["additionalProperties"], "must not be used at the root")
            }
        }
        let isEmbedded = schema["x-kubernetes-embedded-resource"].bool == true
        if isEmbedded {
            if !preserves, schema["properties"].isEmpty {
                errors.required(
                    schema["properties"],
                    "must not be empty if x-kubernetes-embedded-resource is true without "
                        + "x-kubernetes-preserve-unknown-fields")
            }
            mustBe("object", type, "if x-kubernetes-embedded-resource is true")
        }
        if isEmbedded || level == .root { checkImplicitFields(schema) }
        var parts: [(Fields, Level)] = []
        forEachPart(of: schema) { parts.append(($0, $1)) }
        for (part, level) in parts { checkStructure(part, level) }
        var junctions: [Fields] = []
        forEachJunction(of: schema) { junctions.append($0) }
        let isTyped = isIntOrString && Self.isIntOrStringForm(schema)
        for junction in junctions where !isTyped { checkJunction(junction) }
    }

    /// What every resource has without saying so.
    private mutating func checkImplicitFields(_ schema: Fields) {
        let properties = schema["properties"].entries
        for name in ["apiVersion", "kind", "metadata"] {
            guard let property = properties.first(where: { $0.key == name })?.field.fields else { continue }
            let wanted = name == "metadata" ? "object" : "string"
            if property["type"].text != wanted { errors.invalid(property["type"], "must be \(wanted)") }
            guard name == "metadata" else { continue }
            let limited = property["properties"].entries.map(\.key)
            let says = property.members.keys.filter { !["type", "properties", "description"].contains($0) }
            if !says.isEmpty || limited.contains(where: { $0 != "name" && $0 != "generateName" }) {
                errors.add(
                    .forbidden(
                        property.path,
                        "must not specify anything other than name and generateName, but metadata is implicitly specified"
                    ))
            }
        }
    }

    /// Whether the types stand in `anyOf` as they may for a value that is a number or a text.
    private static func isIntOrStringForm(_ schema: Fields) -> Bool {
        let types: JSON = [["type": "integer"], ["type": "string"]]
        return schema["anyOf"].value == types || schema["allOf"].items.first?.fields["anyOf"].value == types
    }

    /// Within a junctor only values are judged; nothing there says what a value is.
    private mutating func checkJunction(_ schema: Fields) {
        for name in [
            "title", "description", "type", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
            "x-kubernetes-map-type",
        ]
        where !schema[name].isEmpty {
            errors.forbidden(schema[name], "must be empty to be structural")
        }
        for name in ["default", "additionalProperties", "x-kubernetes-preserve-unknown-fields"] where schema[name].isSet
        {
            errors.forbidden(schema[name], "must be undefined to be structural")
        }
        for name in ["nullable", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"]
        where schema[name].bool == true {
            errors.forbidden(schema[name], "must be false to be structural")
        }
        var parts: [Fields] = []
        forEachPart(of: schema) { part, _ in parts.append(part) }
        forEachJunction(of: schema) { parts.append($0) }
        for part in parts { checkJunction(part) }
    }

    // MARK: Defaults

    private mutating func checkDefaults(_ schema: JSON, at path: FieldPath, isRoot: Bool = false) {
        let fields = Fields(schema, at: path)
        if let value = fields["default"].value {
            let structure = StructuralSchema(schema, metadata: .any)
            var validator = SchemaValidator(at: fields["default"].path.description)
            validator.check(value, as: structure)
            for error in validator.errors { errors.add(error) }
            var pruned = value
            if let unknown = try? Schema(.structural(structure)).canonicalize(&pruned), !unknown.isEmpty {
                errors.invalid(fields["default"], "must not have unknown fields")
            }
        }
        var parts: [Fields] = []
        forEachPart(of: fields) { part, _ in parts.append(part) }
        for part in parts { checkDefaults(.object(part.members), at: part.path) }
    }
}
