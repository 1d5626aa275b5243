public import JSON

/// Checks documents against a structural schema, in the words and the order of Kubernetes' validator.
///
/// On an update, what is as it was is not held against the object, whatever the schema has become meanwhile: items of
/// lists that are maps are compared by their keys, those of other lists are not (KEP-4008).
public struct SchemaValidator {
    /// The path of the document within the object.
    let base: String
    public private(set) var errors: [FieldError] = []

    public init(at base: String = "") { self.base = base }

    /// Checks a value and all within it.
    /// - Parameter old: what stood at its place before.
    public mutating func check(
        _ value: JSON, as schema: StructuralSchema, at path: FieldPath = .root, replacing old: JSON? = nil
    ) {
        if let old, old == value { return }
        if value.isNull {
            checkNull(schema, path)
            return
        }
        checkType(value, schema, path)
        if let keywords = schema.keywords { checkJunctors(value, keywords, path, old) }
        switch value {
        case .string(let text):
            if let keywords = schema.keywords { checkText(text, keywords, path) }
            checkFormat(text, schema, path)
        case .int, .double: checkNumber(value, schema, path)
        case .array(let items): checkItems(items, schema, path, old)
        default: break
        }
        checkEnumeration(value, schema, path)
        if case .object(let object) = value { checkMembers(object, schema, path, old) }
    }

    // MARK: Errors

    private func place(_ path: FieldPath) -> String {
        let inner = path.description
        if inner.isEmpty { return base.isEmpty ? "<nil>" : base }
        return base.isEmpty ? inner : base + "." + inner
    }

    private mutating func add(
        _ kind: FieldError.Kind, _ path: FieldPath, value: JSON? = nil, _ detail: String = ""
    ) {
        var error = FieldError(kind, .root, value: value, detail: detail)
        error.path = place(path)
        errors.append(error)
    }

    private mutating func invalid(_ path: FieldPath, _ value: JSON, _ what: String) {
        add(.invalid, path, value: value, "\(path) in body \(what)")
    }

    /// An error of the document as a whole, as those of several schemas together are.
    private mutating func addOverall(_ detail: String) {
        add(.invalid, .root, value: "", detail)
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

    private mutating func checkNull(_ schema: StructuralSchema, _ path: FieldPath) {
        if !schema.types.isEmpty, !schema.isNullable { wrongType(path, schema.types.joined(separator: ","), "null") }
        checkEnumeration(.null, schema, path)
    }

    private mutating func checkType(_ value: JSON, _ schema: StructuralSchema, _ path: FieldPath) {
        let types = schema.types
        guard !types.isEmpty else { return }
        let (name, format) = Self.type(of: value)
        var isWhole = false
        if case .double(let number) = value { isWhole = number.rounded() == number && abs(number) < 0x1p63 }
        let fits =
            types.contains(name) || isWhole && types.contains("integer")
            || name == "integer" && types.contains("number")
        if fits { return }
        switch value {
        case .string, .array: break
        default:
            if !schema.format.isEmpty {
                if format != schema.format { wrongType(path, schema.format, format) }
                return
            }
        }
        wrongType(path, types.joined(separator: ","), name)
    }

    private mutating func wrongType(_ path: FieldPath, _ expected: String, _ found: String) {
        add(
            .typeInvalid, path, value: .string(found),
            "\(path) in body must be of type \(expected): \(FieldError.quoted(found))")
    }

    // MARK: Several schemas

    private func problems(
        _ value: JSON, _ schema: StructuralSchema, _ path: FieldPath, _ old: JSON?
    ) -> [FieldError] {
        var validator = SchemaValidator(at: base)
        validator.check(value, as: schema, at: path, replacing: old)
        return validator.errors
    }

    private mutating func checkJunctors(
        _ value: JSON, _ keywords: ValidationKeywords, _ path: FieldPath, _ old: JSON?
    ) {
        checkAny(value, keywords.anyOf, path, old)
        checkOne(value, keywords.oneOf, path, old)
        checkAll(value, keywords.allOf, path, old)
        if let not = keywords.not, problems(value, not, path, old).isEmpty {
            addOverall("\"\(path)\" must not validate the schema (not)")
        }
    }

    private mutating func checkAny(_ value: JSON, _ schemas: [StructuralSchema], _ path: FieldPath, _ old: JSON?) {
        var first: [FieldError]?
        for schema in schemas {
            let problems = problems(value, schema, path, old)
            if problems.isEmpty { return }
            if first == nil { first = problems }
        }
        guard let first else { return }
        addOverall("\"\(path)\" must validate at least one schema (anyOf)")
        errors += first
    }

    private mutating func checkOne(_ value: JSON, _ schemas: [StructuralSchema], _ path: FieldPath, _ old: JSON?) {
        if schemas.isEmpty { return }
        var first: [FieldError]?
        var count = 0
        for schema in schemas {
            let problems = problems(value, schema, path, old)
            if problems.isEmpty { count += 1 } else if first == nil { first = problems }
        }
        if count == 1 { return }
        let found = count == 0 ? "Found none valid" : "Found \(count) valid alternatives"
        addOverall("\"\(path)\" must validate one and only one schema (oneOf). \(found)")
        if count == 0 { errors += first ?? [] }
    }

    private mutating func checkAll(_ value: JSON, _ schemas: [StructuralSchema], _ path: FieldPath, _ old: JSON?) {
        var fails = false
        for schema in schemas {
            let problems = problems(value, schema, path, old)
            if !problems.isEmpty { fails = true }
            errors += problems
        }
        if fails { addOverall("\"\(path)\" must validate all the schemas (allOf)") }
    }

    // MARK: Scalars

    private mutating func checkEnumeration(_ value: JSON, _ schema: StructuralSchema, _ path: FieldPath) {
        guard let values = schema.keywords?.enumeration, !values.isEmpty, !values.contains(value) else { return }
        let names = values.map { $0.stringValue ?? String(decoding: $0.encoded, as: UTF8.self) }
        add(.notSupported, path, value: value, FieldError.notSupported(.root, value, supported: names).detail)
    }

    private mutating func checkText(_ text: String, _ keywords: ValidationKeywords, _ path: FieldPath) {
        let count = Int64(text.unicodeScalars.count)
        if let limit = keywords.maxLength, count > limit {
            add(.tooLong, path, "may not be more than \(limit) " + (limit == 1 ? "byte" : "bytes"))
        }
        if let limit = keywords.minLength, count < limit {
            invalid(path, .string(text), "should be at least \(limit) chars long")
        }
        if let pattern = keywords.pattern, !pattern.matches(text) {
            invalid(path, .string(text), "should match '\(pattern.text)'")
        }
    }

    private mutating func checkFormat(_ text: String, _ schema: StructuralSchema, _ path: FieldPath) {
        guard !schema.format.isEmpty, !SchemaFormat.accepts(text, as: schema.format) else { return }
        add(
            .typeInvalid, path, value: .string(text),
            "\(path) in body must be of type \(schema.format): \(FieldError.quoted(text))")
    }

    private mutating func checkNumber(_ value: JSON, _ schema: StructuralSchema, _ path: FieldPath) {
        guard let number = value.doubleValue else { return }
        if !schema.isIntOrString, !schema.isInRange(value) {
            let format = schema.format.isEmpty ? "(default format)" : "with format \(schema.format)"
            addOverall("Checked value must be of type \(schema.types.first ?? "") \(format) in \(path)")
        }
        guard let keywords = schema.keywords else { return }
        if let factor = keywords.multipleOf, let divisor = factor.doubleValue, divisor > 0,
            !Self.isMultiple(value, number, of: factor, divisor)
        {
            invalid(path, value, "should be a multiple of \(factor.shown)")
        }
        if let bound = keywords.maximum, let limit = bound.value.doubleValue,
            bound.isExclusive ? number >= limit : number > limit
        {
            let relation = bound.isExclusive ? "less than" : "less than or equal to"
            invalid(path, value, "should be \(relation) \(bound.value.shown)")
        }
        if let bound = keywords.minimum, let limit = bound.value.doubleValue,
            bound.isExclusive ? number <= limit : number < limit
        {
            let relation = bound.isExclusive ? "greater than" : "greater than or equal to"
            invalid(path, value, "should be \(relation) \(bound.value.shown)")
        }
    }

    private static func isMultiple(_ value: JSON, _ number: Double, of factor: JSON, _ divisor: Double) -> Bool {
        if case .int(let number) = value, case .int(let divisor) = factor, divisor > 0 { return number % divisor == 0 }
        let quotient = number / divisor
        return quotient == quotient.rounded()
    }

    // MARK: Lists and objects

    private mutating func checkItems(_ items: [JSON], _ schema: StructuralSchema, _ path: FieldPath, _ old: JSON?) {
        if let itemSchema = schema.items {
            let before = schema.itemsByKey(old)
            for (index, item) in items.enumerated() {
                check(item, as: itemSchema, at: path.index(index), replacing: before?[schema.key(of: item)])
            }
        }
        guard let keywords = schema.keywords else { return }
        let count = JSON.int(Int64(items.count))
        if let limit = keywords.minItems, items.count < limit {
            invalid(path, count, "should have at least \(limit) items")
        }
        if let limit = keywords.maxItems, items.count > limit {
            add(.tooMany, path, value: count, "must have at most \(limit) items")
        }
        if keywords.uniqueItems, Set(items).count != items.count {
            invalid(path, .array(items), "shouldn't contain duplicates")
        }
    }

    private mutating func checkMembers(
        _ object: JSONObject, _ schema: StructuralSchema, _ path: FieldPath, _ old: JSON?
    ) {
        let count = JSON.int(Int64(object.count))
        if let limit = schema.keywords?.minProperties, object.count < limit {
            return invalid(path, count, "should have at least \(limit) properties")
        }
        if let limit = schema.keywords?.maxProperties, object.count > limit {
            return add(.tooMany, path, value: count, "must have at most \(limit) items")
        }
        for member in object {
            // The metadata of a resource has rules of its own.
            if schema.metadata != nil, member.key == "metadata", schema.properties["metadata"] == nil { continue }
            if let memberSchema = schema.member(member.key) {
                check(member.value, as: memberSchema, at: path.child(member.key), replacing: old?[member.key])
            } else if case .any(false)? = schema.additional {
                add(.forbidden, path.child(member.key), "\(path).\(member.key) in body is a forbidden property")
            }
        }
        for name in schema.keywords?.required ?? [] where object[name] == nil { add(.required, path.child(name)) }
    }
}

extension StructuralSchema {
    /// The types that a value may have.
    var types: [String] { isIntOrString ? ["integer", "string"] : type.isEmpty ? [] : [type] }

    /// Whether a number can be held by what its type and format stand for.
    func isInRange(_ value: JSON) -> Bool {
        let number = value.doubleValue ?? 0
        guard types.first == "integer" else {
            return format != "float" || abs(number) <= Double(Float.greatestFiniteMagnitude)
        }
        switch value {
        case .int(let number): return format != "int32" || Int32(exactly: number) != nil
        case .double:
            return number == number.rounded()
                && (format == "int32" ? Int32(exactly: number) != nil : Int64(exactly: number) != nil)
        default: return true
        }
    }

    /// The items of a list that is a map, by their keys; `nil` for any other list.
    func itemsByKey(_ list: JSON?) -> [JSON: JSON]? {
        guard listType == .map, case .array(let items)? = list else { return nil }
        return Dictionary(items.map { (key(of: $0), $0) }) { first, _ in first }
    }

    /// The members that an item of a list goes by.
    func key(of item: JSON) -> JSON {
        guard listType == .map else { return item }
        var key = JSONObject()
        for name in listMapKeys { key[name] = item[name] ?? items?.properties[name]?.defaultValue }
        return .object(key)
    }
}

extension JSON {
    /// A number as Go's `%v` has it.
    fileprivate var shown: String { String(decoding: encoded, as: UTF8.self) }
}
