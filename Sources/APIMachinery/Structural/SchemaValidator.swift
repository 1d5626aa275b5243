public import JSON

/// Checks documents against a structural schema, in the words and the order of Kubernetes' validator.
///
/// On an update, what is as it was is not held against the object, whatever the schema has become meanwhile (KEP-4008).
public struct SchemaValidator {
    /// Where the document stands, for errors.
    private let base: String
    var errors: [FieldError] = []

    private init(at base: FieldPath) { self.base = base.description }

    /// All that is wrong with a value.
    /// - Parameters:
    ///   - base: where the value stands in the object.
    ///   - old: what stood there before.
    public static func problems(
        with value: JSON, as schema: StructuralSchema, at base: FieldPath = .root, replacing old: JSON? = nil
    ) -> [FieldError] {
        let correlation = old.map { SchemaCorrelation(old: $0, schema: schema) }
        // Mostly there is nothing to report, and no place to be told.
        var validator = SchemaValidator(at: base)
        validator.check(value, schema, SchemaPath(isTracked: false), correlation)
        if validator.errors.isEmpty { return [] }
        validator.errors = []
        validator.check(value, schema, SchemaPath(isTracked: true), correlation)
        var seen = Set<String>()
        return validator.errors.filter { seen.insert($0.description).inserted }
    }

    // MARK: Errors

    /// - Parameter isOwn: whether the place is told; an error that is of no single place is one of the document.
    mutating func add(_ kind: FieldError.Kind, _ path: SchemaPath?, value: JSON? = nil, _ detail: String = "") {
        var error = FieldError(kind, .root, value: value, detail: detail)
        let name = path?.name.drop { $0 == "." } ?? ""
        if name.isEmpty {
            error.path = base.isEmpty ? "<nil>" : base
        } else {
            error.path = base.isEmpty ? String(name) : base + "." + name
        }
        errors.append(error)
    }

    mutating func invalid(_ path: SchemaPath, _ value: JSON, _ what: @autoclosure () -> String) {
        add(.invalid, path, value: value, path.isTracked ? "\(path.name) in body \(what())" : "")
    }

    /// An error without a place of its own, as those of several schemas together are.
    mutating func addOverall(_ detail: @autoclosure () -> String) { add(.invalid, nil, value: "", detail()) }

    // MARK: A value

    /// - Returns: how much of the schema the value fits, by which the best of several schemas is told.
    @discardableResult
    private mutating func check(
        _ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        let before = errors.count
        let matches = checkAnew(value, schema, path, correlation)
        if errors.count > before, let correlation, correlation.isUnchanged(value) { errors.removeSubrange(before...) }
        return matches
    }

    private mutating func checkAnew(
        _ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        if value.isNull {
            let matches = checkNull(schema, path) ? 1 : 0
            checkEnumeration(.null, schema, path)
            return matches
        }
        // One for each check that looks at such a value, one for each that finds nothing, and one for the whole.
        var matches = 1
        if !schema.types.isEmpty || !schema.format.isEmpty { matches += checkType(value, schema, path) ? 2 : 1 }
        matches += 2
        if let keywords = schema.keywords { matches += checkJunctors(value, keywords, path, correlation) }
        switch value {
        case .string(let text):
            matches += 1
            if let keywords = schema.keywords { checkText(text, keywords, path) }
            if !schema.format.isEmpty {
                matches += 1
                checkFormat(text, schema, path)
            }
        case .int, .double:
            matches += 2
            checkNumber(value, schema, path)
        case .array(let items):
            matches += 2 + checkItems(items, schema, path, correlation)
        default: break
        }
        matches += 1
        checkEnumeration(value, schema, path)
        if case .object(let object) = value { matches += 1 + checkMembers(object, schema, path, correlation) }
        return matches
    }

    // MARK: Types

    private static func type(of value: JSON) -> (name: String, format: String) {
        switch value {
        case .null: ("null", "")
        case .bool: ("boolean", "")
        case .int: ("integer", "int64")
        case .double: ("number", "float64")
        case .string: ("string", "")
        case .array: ("array", "")
        case .object: ("object", "")
        }
    }

    private mutating func checkNull(_ schema: StructuralSchema, _ path: SchemaPath) -> Bool {
        if schema.types.isEmpty || schema.isNullable { return true }
        wrongType(path, schema.types.joined(separator: ","), "null")
        return false
    }

    private mutating func checkType(_ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath) -> Bool {
        let types = schema.types
        let (name, format) = Self.type(of: value)
        var isWhole = false
        if case .double(let number) = value { isWhole = number.isJSONInteger && types.contains("integer") }
        let fits = types.contains(name) || isWhole || name == "integer" && types.contains("number")
        if !schema.format.isEmpty, !fits {
            switch value {
            case .string, .array:
                if !types.contains("number"), !types.contains("integer") { return true }
            default:
                if format == schema.format { break }
                wrongType(path, schema.format, format)
                return false
            }
        }
        if !fits { wrongType(path, types.joined(separator: ","), name) }
        return fits
    }

    private mutating func wrongType(_ path: SchemaPath, _ expected: String, _ found: String) {
        let detail =
            path.isTracked ? "\(path.name) in body must be of type \(expected): \(FieldError.quoted(found))" : ""
        add(.typeInvalid, path, value: .string(found), detail)
    }

    // MARK: Several schemas

    /// What is wrong with a value by one of several schemas.
    private mutating func branch(
        _ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> (problems: [FieldError], matches: Int) {
        let before = errors.count
        let matches = checkAnew(value, schema, path, correlation)
        let problems = Array(errors[before...])
        errors.removeSubrange(before...)
        return (problems, matches)
    }

    private mutating func checkJunctors(
        _ value: JSON, _ keywords: ValidationKeywords, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        var matches = checkAny(value, keywords.anyOf, path, correlation)
        matches += checkOne(value, keywords.oneOf, path, correlation)
        matches += checkAll(value, keywords.allOf, path, correlation)
        if let not = keywords.not, branch(value, not, path, correlation).problems.isEmpty {
            addOverall("\(FieldError.quoted(path.name)) must not validate the schema (not)")
        }
        return matches
    }

    private mutating func checkAny(
        _ value: JSON, _ schemas: [StructuralSchema], _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        var best: (problems: [FieldError], matches: Int)?
        for schema in schemas {
            let result = branch(value, schema, path, correlation)
            if result.problems.isEmpty { return result.matches }
            if result.matches > best?.matches ?? -1 { best = result }
        }
        guard let best else { return 0 }
        addOverall("\(FieldError.quoted(path.name)) must validate at least one schema (anyOf)")
        errors += best.problems
        return best.matches
    }

    private mutating func checkOne(
        _ value: JSON, _ schemas: [StructuralSchema], _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        if schemas.isEmpty { return 0 }
        var best: (problems: [FieldError], matches: Int)?
        var fitting: [Int] = []
        for schema in schemas {
            let result = branch(value, schema, path, correlation)
            if result.problems.isEmpty {
                fitting.append(result.matches)
            } else if fitting.isEmpty, result.matches > best?.matches ?? -1 {
                best = result
            }
        }
        if fitting.count == 1 { return fitting[0] }
        let found = fitting.isEmpty ? "Found none valid" : "Found \(fitting.count) valid alternatives"
        addOverall("\(FieldError.quoted(path.name)) must validate one and only one schema (oneOf). \(found)")
        guard fitting.isEmpty, let best else { return 0 }
        errors += best.problems
        return best.matches
    }

    private mutating func checkAll(
        _ value: JSON, _ schemas: [StructuralSchema], _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        var matches = 0
        var fitting = 0
        for schema in schemas {
            let before = errors.count
            matches += checkAnew(value, schema, path, correlation)
            if errors.count == before { fitting += 1 }
        }
        if fitting < schemas.count {
            let none = fitting == 0 ? ". None validated" : ""
            addOverall("\(FieldError.quoted(path.name)) must validate all the schemas (allOf)\(none)")
        }
        return matches
    }

    // MARK: Texts and choices

    private mutating func checkEnumeration(_ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath) {
        guard let choices = schema.keywords?.enumeration, !choices.isEmpty else { return }
        if choices.contains(where: { Self.isChoice(value, $0) }) { return }
        let names = choices.map { $0.stringValue ?? String(decoding: $0.encoded, as: UTF8.self) }
        add(.notSupported, path, value: value, FieldError.notSupported(.root, value, supported: names).detail)
    }

    /// Whether a value is one of the choices, once it has the choice's type; `null` never is.
    private static func isChoice(_ value: JSON, _ choice: JSON) -> Bool {
        switch (value, choice) {
        case (.null, _): false
        case (.double(let number), .int(let choice)): Int64(exactly: number.rounded(.towardZero)) == choice
        default: value == choice
        }
    }

    /// The first thing that is wrong with a text.
    private mutating func checkText(_ text: String, _ keywords: ValidationKeywords, _ path: SchemaPath) {
        if let limit = keywords.maxLength, text.unicodeScalars.count > limit {
            add(.tooLong, path, "may not be more than \(limit) " + (limit == 1 ? "byte" : "bytes"))
        } else if let limit = keywords.minLength, text.unicodeScalars.count < limit {
            invalid(path, .string(text), "should be at least \(limit) chars long")
        } else if let problem = keywords.pattern?.problem(of: text) {
            invalid(path, .string(text), "should match '\(problem)'")
        }
    }

    private mutating func checkFormat(_ text: String, _ schema: StructuralSchema, _ path: SchemaPath) {
        if !SchemaFormat.accepts(text, as: schema.format) { wrongFormat(path, schema.format, text) }
    }

    private mutating func wrongFormat(_ path: SchemaPath, _ format: String, _ text: String) {
        wrongType(path, format, text)
    }

    // MARK: Lists and objects

    private mutating func checkItems(
        _ items: [JSON], _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        var matches = 0
        if let itemSchema = schema.items {
            let before = correlation?.items()
            for (index, item) in items.enumerated() {
                matches += check(item, itemSchema, path.index(index), before?(item))
            }
        }
        guard let keywords = schema.keywords else { return matches }
        let count = JSON.int(Int64(items.count))
        if let limit = keywords.minItems, items.count < limit {
            invalid(path, count, "should have at least \(limit) items")
        }
        if let limit = keywords.maxItems, items.count > limit {
            add(.tooMany, path, value: count, Self.tooMany(limit))
        }
        if keywords.uniqueItems, Set(items).count != items.count {
            invalid(path, "", "shouldn't contain duplicates")
        }
        return matches
    }

    private static func tooMany(_ limit: Int64) -> String {
        "must have at most \(limit) " + (limit == 1 ? "item" : "items")
    }

    private mutating func checkMembers(
        _ object: JSONObject, _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        let count = JSON.int(Int64(object.count))
        if let limit = schema.keywords?.minProperties, object.count < limit {
            invalid(path, count, "should have at least \(limit) properties")
            return 0
        }
        if let limit = schema.keywords?.maxProperties, object.count > limit {
            add(.tooMany, path, value: count, Self.tooMany(limit))
            return 0
        }
        var matches = checkAdditional(object, schema, path, correlation)
        for member in object {
            // The metadata of a resource has rules of its own.
            guard let property = schema.properties[member.key] else { continue }
            matches += check(
                member.value, property, path.property(member.key), correlation?.member(member.key, of: object))
        }
        for name in schema.keywords?.required ?? [] where object[name] == nil {
            add(.required, path.additional(name))
        }
        return matches
    }

    /// Members that the schema does not name.
    private mutating func checkAdditional(
        _ object: JSONObject, _ schema: StructuralSchema, _ path: SchemaPath, _ correlation: SchemaCorrelation?
    ) -> Int {
        guard let additional = schema.additional else { return 0 }
        var matches = 0
        for member in object where schema.properties[member.key] == nil {
            switch additional {
            case .any(true): break
            case .any(false):
                add(
                    .invalid, path, value: .string(member.key),
                    path.isTracked ? "\(path.name).\(member.key) in body is a forbidden property" : "")
            case .schema(let schema):
                matches += check(
                    member.value, schema, path.additional(member.key), correlation?.member(member.key, of: object))
            }
        }
        return matches
    }
}

extension StructuralSchema {
    /// The types that a value may have.
    var types: [String] { isIntOrString ? ["integer", "string"] : type.isEmpty ? [] : [type] }
}
