import APIMachinery
import JSON

/// What a schema in a `CustomResourceDefinition` may say beside being structural (`ValidateCustomResourceDefinition-
/// OpenAPISchema` of `apiextensions/validation`): its keywords, the extensions for lists and maps, the form of its rules.
struct SchemaKeywordRules {
    /// What holds for a schema because of where it stands.
    private struct Place {
        /// Why nothing may have a default here.
        var whyNoDefault: String?
        /// Whether it belongs to the metadata of a resource or an embedded one.
        var isInMetadata = false
        /// The list around it whose items cannot be told apart over an update.
        var uncorrelated: FieldPath?
        /// Whether it is part of a junctor, whose rules are not looked at.
        var isInJunctor = false
    }

    private(set) var errors = FieldErrors()
    /// What is wrong with expressions, which is told behind all else.
    private var expressionErrors = FieldErrors()

    /// - Parameter readsExpressions: whether the schema is right in its structure, so that its rules mean something.
    static func check(_ schema: Fields, readsExpressions: Bool, into errors: inout FieldErrors) {
        var rules = SchemaKeywordRules()
        rules.check(schema, Place(isInJunctor: !readsExpressions), isRoot: true)
        for error in rules.errors.list + rules.expressionErrors.list { errors.add(error) }
    }

    private mutating func check(_ schema: Fields, _ place: Place, isRoot: Bool = false) {
        let before = errors.count
        checkSupport(schema, place)
        if schema["uniqueItems"].bool == true {
            errors.forbidden(
                schema["uniqueItems"],
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
        }
        checkAdditional(schema, place)
        for (name, property) in schema["properties"].entries {
            var place = place
            let isEmbedded = schema["x-kubernetes-embedded-resource"].bool == true
            if isRoot || isEmbedded, ["metadata", "kind", "apiVersion"].contains(name) {
                place.isInMetadata = true
                if isRoot { place.whyNoDefault = " in top-level \(name)" }
            }
            check(property.fields, place)
        }
        var junctor = place
        junctor.isInJunctor = true
        if let not = schema.ifPresent("not") { check(not, junctor) }
        for name in ["allOf", "oneOf", "anyOf"] { for part in schema[name].items { check(part.fields, junctor) } }
        var itemPlace = place
        if place.uncorrelated == nil, schema["x-kubernetes-list-type"].text != "map" {
            itemPlace.uncorrelated = schema.path
        }
        if let items = schema.ifPresent("items") { check(items, itemPlace) }
        for item in schema["items"].items { check(item.fields, itemPlace) }
        checkExtensions(schema)
        guard errors.count == before, !place.isInJunctor else { return }
        for rule in schema["x-kubernetes-validations"].items { checkOldSelf(rule.fields, place) }
    }

    /// Whether a rule may speak of what stood there before an update, and does.
    private mutating func checkOldSelf(_ rule: Fields, _ place: Place) {
        let optional = rule["optionalOldSelf"]
        if !rule["rule"].text.hasIdentifier("oldSelf") {
            if optional.isSet { expressionErrors.invalid(optional, "may not be set if oldSelf is not used in rule") }
        } else if let list = place.uncorrelated {
            expressionErrors.invalid(
                rule["rule"], "oldSelf cannot be used on the uncorrelatable portion of the schema within \(list)")
        }
    }

    private mutating func checkAdditional(_ schema: Fields, _ place: Place) {
        let additional = schema["additionalProperties"]
        guard additional.isSet else { return }
        if !schema["properties"].isEmpty, additional.bool != true {
            errors.forbidden(additional, "additionalProperties and properties are mutual exclusive")
        }
        guard let part = schema.ifPresent("additionalProperties") else { return }
        var place = place
        if place.isInMetadata { place.whyNoDefault = " inside additionalProperties applying to object metadata" }
        check(part, place)
    }

    private static let types = ["array", "boolean", "integer", "number", "object", "string"]

    private mutating func checkSupport(_ schema: Fields, _ place: Place) {
        let type = schema["type"]
        if !type.isEmpty, !Self.types.contains(type.text) {
            errors.add(.notSupported(type.path, type.value ?? "", supported: Self.types))
        }
        if schema["default"].isSet, let why = place.whyNoDefault {
            errors.forbidden(schema["default"], "must not be set" + why)
        }
        for name in ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"]
        where schema[name].isSet && (name == "additionalItems" || name == "$ref" || !schema[name].isEmpty) {
            errors.forbidden(schema[name], "\(name) is not supported")
        }
        if type.text == "null" {
            errors.forbidden(type, "type cannot be set to null, use nullable as an alternative")
        }
        if case .array(let list)? = schema["items"].value, !list.isEmpty {
            errors.forbidden(schema["items"], "items must be a schema object and not an array")
        }
        let embeds = schema["x-kubernetes-embedded-resource"]
        if place.isInMetadata, embeds.bool == true {
            errors.forbidden(embeds, "must not be used inside of resource meta")
        }
    }

    // MARK: Extensions

    private mutating func checkExtensions(_ schema: Fields) {
        let preserves = schema["x-kubernetes-preserve-unknown-fields"]
        if preserves.bool == false { errors.invalid(preserves, "must be true or undefined") }
        let mapType = schema["x-kubernetes-map-type"]
        if mapType.isSet {
            mustBe("object", schema["type"], "if x-kubernetes-map-type is specified")
            errors.oneOf(["atomic", "granular"], mapType)
        }
        let listType = schema["x-kubernetes-list-type"]
        if listType.isSet {
            if schema["type"].text != "array" {
                mustBe("array", schema["type"], "if x-kubernetes-list-type is specified")
            } else if listType.text == "set", let items = schema.ifPresent("items") {
                checkSetItems(items)
            }
            errors.oneOf(["atomic", "set", "map"], listType)
        }
        checkKeys(schema, listType)
        checkCorrelation(schema, listType)
        for rule in schema["x-kubernetes-validations"].items { checkRule(rule.fields, of: schema) }
    }

    private mutating func mustBe(_ wanted: String, _ type: FieldValue, _ why: String) {
        if type.isEmpty {
            errors.required(type, "must be \(wanted) \(why)")
        } else if type.text != wanted {
            errors.invalid(type, "must be \(wanted) \(why)")
        }
    }

    private mutating func checkSetItems(_ items: Fields) {
        let listType = items["x-kubernetes-list-type"]
        let mapType = items["x-kubernetes-map-type"]
        let why = "must be atomic as item of a list with x-kubernetes-list-type=set"
        switch items["type"].text {
        case "array" where listType.isSet && listType.text != "atomic": errors.invalid(listType, why)
        case "object" where mapType.text != "atomic":
            // Kubernetes shows the type of the list here, too.
            errors.add([why], at: mapType.path, value: listType.value ?? .null)
        default: break
        }
    }

    private mutating func checkKeys(_ schema: Fields, _ listType: FieldValue) {
        let keys = schema["x-kubernetes-list-map-keys"]
        if !keys.isEmpty, listType.text != "map" {
            let why = "must be map if x-kubernetes-list-map-keys is non-empty"
            if listType.isSet { errors.invalid(listType, why) } else { errors.required(listType, why) }
        }
        guard listType.text == "map" else { return }
        if keys.isEmpty { errors.required(keys, "must not be empty if x-kubernetes-list-type is map") }
        guard schema["items"].isSet else {
            return errors.required(schema["items"], "must have a schema if x-kubernetes-list-type is map")
        }
        guard let items = schema.ifPresent("items") else {
            return errors.invalid(schema["items"], "must only have a single schema if x-kubernetes-list-type is map")
        }
        guard items["type"].text == "object" else {
            return errors.add(
                ["must be object if parent array's x-kubernetes-list-type is map"], at: items["type"].path,
                value: items["type"].value ?? "")
        }
        var seen = Set<String>()
        for name in keys.items.map(\.text) {
            if let property = items["properties"].entries.first(where: { $0.key == name })?.field.fields {
                if ["array", "object"].contains(property["type"].text) {
                    errors.add(
                        ["must be a scalar type if parent array's x-kubernetes-list-type is map"],
                        at: property["type"].path, value: "object")
                }
            } else {
                errors.invalid(keys, "entries must all be names of item properties")
            }
            if !seen.insert(name).inserted { errors.invalid(keys, "must not contain duplicate entries") }
        }
    }

    /// Items that are told apart by themselves or by their keys need something to be told apart by.
    private mutating func checkCorrelation(_ schema: Fields, _ listType: FieldValue) {
        guard ["set", "map"].contains(listType.text), let items = schema.ifPresent("items") else { return }
        if items["nullable"].bool == true {
            errors.forbidden(items["nullable"], "cannot be nullable when x-kubernetes-list-type is \(listType.text)")
        }
        guard listType.text == "map" else { return }
        let required = Set(items["required"].items.map(\.text))
        for name in schema["x-kubernetes-list-map-keys"].items.map(\.text) {
            guard let key = items["properties"].entries.first(where: { $0.key == name })?.field.fields else { continue }
            if !required.contains(name), !key["default"].isSet {
                errors.required(
                    key["default"],
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
                )
            }
            if key["nullable"].bool == true {
                errors.forbidden(
                    key["nullable"], "this property is in x-kubernetes-list-map-keys, so it cannot be nullable")
            }
        }
    }

    // MARK: Rules

    private static let reasons = [
        "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
    ]

    /// The form of a rule; the expression itself is not read.
    private mutating func checkRule(_ rule: Fields, of schema: Fields) {
        let (text, message) = (rule["rule"], rule["message"])
        if text.isBlank {
            errors.required(text, "rule is not specified")
        } else if !message.isEmpty, message.isBlank {
            errors.invalid(message, "must be non-empty if specified")
        } else if message.text.trimmed.hasLineBreak {
            errors.invalid(message, "must not contain line breaks")
        } else if text.text.trimmed.hasLineBreak, message.isBlank {
            errors.required(message, "message must be specified if rule contains line breaks")
        }
        let expression = rule["messageExpression"]
        if !expression.isEmpty, expression.isBlank {
            errors.required(expression, "must be non-empty if specified")
        }
        errors.oneOf(Self.reasons, rule["reason"])
        let path = rule["fieldPath"]
        guard !path.isEmpty else { return }
        if path.isBlank { errors.invalid(path, "must be non-empty if specified") }
        if path.text.hasLineBreak { errors.invalid(path, "must not contain line breaks") }
        if case .failure = SchemaFieldPath.resolve(path.text, in: .object(schema.members)) {
            errors.invalid(path, "must be a valid path")
        }
    }
}

extension FieldValue {
    fileprivate var isBlank: Bool { text.trimmed.isEmpty }
}

extension String {
    fileprivate var hasLineBreak: Bool { unicodeScalars.contains { $0 == "\n" || $0 == "\r" } }

    fileprivate var trimmed: String {
        let kept = drop { $0.isWhitespace }
        guard let end = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(kept[...end])
    }
}

extension String {
    /// Whether an expression names something, outside its texts.
    fileprivate func hasIdentifier(_ name: String) -> Bool {
        var word = ""
        var quote: Character?
        var previous: Character = " "
        for character in self + " " {
            if let open = quote {
                if character == open, previous != "\\" { quote = nil }
            } else if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                if word == name { return true }
                word = ""
                if character == "'" || character == "\"" { quote = character }
            }
            previous = previous == "\\" && character == "\\" ? " " : character
        }
        return false
    }
}
