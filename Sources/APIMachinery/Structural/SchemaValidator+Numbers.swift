import JSON

// Numbers. Kubernetes has the bounds of a schema as floating-point numbers, and holds a whole number to the whole part of
// a bound.
extension SchemaValidator {
    mutating func checkNumber(_ value: JSON, _ schema: StructuralSchema, _ path: SchemaPath) {
        if !schema.holds(value) { addOverall(schema.rangeProblem(of: "Checked value", path)) }
        guard let keywords = schema.keywords else { return }
        if let factor = keywords.multipleOf { checkFactor(value, factor, schema, path) }
        if let bound = keywords.minimum { checkBound(value, bound, isMinimum: true, schema, path) }
        if let bound = keywords.maximum { checkBound(value, bound, isMinimum: false, schema, path) }
    }

    private mutating func checkFactor(_ value: JSON, _ factor: JSON, _ schema: StructuralSchema, _ path: SchemaPath) {
        guard let number = value.doubleValue, let divisor = factor.doubleValue else { return }
        let isHeld = schema.holds(factor)
        if !isHeld { addOverall(schema.rangeProblem(of: "MultipleOf value", path)) }
        if divisor < 0 {
            add(
                .invalid, path, value: factor,
                "factor MultipleOf declared for \(path.name) must be positive: \(factor.shown)")
        } else if isHeld, case .int(let number) = value, let divisor = divisor.wholePart, divisor > 0 {
            if number % divisor != 0 { invalid(path, value, "should be a multiple of \(divisor)") }
        } else if divisor > 0, !(divisor < 1 ? 1 / divisor * number : number / divisor).isJSONInteger {
            invalid(path, value, "should be a multiple of \(factor.shown)")
        }
    }

    private mutating func checkBound(
        _ value: JSON, _ bound: ValidationKeywords.Bound, isMinimum: Bool, _ schema: StructuralSchema,
        _ path: SchemaPath
    ) {
        guard let number = value.doubleValue, let limit = bound.value.doubleValue else { return }
        let isHeld = schema.holds(bound.value)
        if !isHeld {
            addOverall(schema.rangeProblem(of: (isMinimum ? "Minimum" : "Maximum") + " boundary value", path))
        }
        let relation = (isMinimum ? "greater" : "less") + " than" + (bound.isExclusive ? "" : " or equal to")
        if isHeld, case .int(let number) = value, let limit = limit.wholePart {
            if Self.exceeds(number, limit, isMinimum: isMinimum, bound.isExclusive) {
                invalid(path, value, "should be \(relation) \(limit)")
            }
        } else if Self.exceeds(number, limit, isMinimum: isMinimum, bound.isExclusive) {
            invalid(path, value, "should be \(relation) \(bound.value.shown)")
        }
    }

    private static func exceeds<Number: Comparable>(
        _ number: Number, _ limit: Number, isMinimum: Bool, _ isExclusive: Bool
    ) -> Bool {
        if number == limit { return isExclusive }
        return isMinimum ? number < limit : number > limit
    }
}

extension StructuralSchema {
    /// Whether a number can be held by what the type and the format stand for.
    fileprivate func holds(_ value: JSON) -> Bool {
        if isIntOrString { return true }
        let number = value.doubleValue ?? 0
        guard type == "integer" else {
            return format != "float" || abs(number) <= Double(Float.greatestFiniteMagnitude)
        }
        switch value {
        case .int(let number): return format != "int32" || Int32(exactly: number) != nil
        case .double: return format == "int32" ? Int32(exactly: number) != nil : Int64(exactly: number) != nil
        default: return true
        }
    }

    fileprivate func rangeProblem(of what: String, _ path: SchemaPath) -> String {
        let form = format.isEmpty ? "(default format)" : "with format \(format)"
        return "\(what) must be of type \(type.isEmpty ? "number" : type) \(form) in \(path.name)"
    }
}

extension Double {
    /// Whether the number is whole, as JSON's integers go: within 2^53, and nearly enough (go-openapi's
    /// `IsFloat64AJSONInteger`).
    var isJSONInteger: Bool {
        guard abs(self) <= 9_007_199_254_740_991 else { return false }
        let whole = rounded(.towardZero)
        if self == whole { return true }
        return abs(self - whole) / (abs(self) + abs(whole)) < 1e-9
    }

    /// The number without its fraction; `nil` where that is no 64-bit integer.
    fileprivate var wholePart: Int64? { Int64(exactly: rounded(.towardZero)) }
}

extension JSON {
    /// A number as Go's `%v` has it.
    fileprivate var shown: String { String(decoding: encoded, as: UTF8.self) }
}
