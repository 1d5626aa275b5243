import JSON

/// The keywords of a schema that say which values are valid, beside its type.
final class ValidationKeywords: Sendable {
    struct Bound: Sendable {
        var value: JSON
        var isExclusive: Bool
    }

    let enumeration: [JSON]
    let required: [String]
    let minimum: Bound?
    let maximum: Bound?
    let multipleOf: JSON?
    let minLength: Int64?
    let maxLength: Int64?
    let pattern: SchemaPattern?
    let minItems: Int64?
    let maxItems: Int64?
    let uniqueItems: Bool
    let minProperties: Int64?
    let maxProperties: Int64?
    let allOf: [StructuralSchema]
    let anyOf: [StructuralSchema]
    let oneOf: [StructuralSchema]
    let not: StructuralSchema?

    init?(_ document: JSON, metadata: Schema) {
        func bound(_ name: String, _ exclusive: String) -> Bound? {
            guard let value = document[name], value.doubleValue != nil else { return nil }
            return Bound(value: value, isExclusive: document[exclusive] == true)
        }
        func nodes(_ name: String) -> [StructuralSchema] {
            (document[name]?.arrayValue ?? []).map { StructuralSchema($0, metadata: metadata) }
        }
        enumeration = document["enum"]?.arrayValue ?? []
        required = (document["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        minimum = bound("minimum", "exclusiveMinimum")
        maximum = bound("maximum", "exclusiveMaximum")
        multipleOf = document["multipleOf"].flatMap { $0.doubleValue == nil ? nil : $0 }
        minLength = document["minLength"]?.intValue
        maxLength = document["maxLength"]?.intValue
        pattern = document["pattern"]?.stringValue.flatMap { $0.isEmpty ? nil : SchemaPattern($0) }
        minItems = document["minItems"]?.intValue
        maxItems = document["maxItems"]?.intValue
        uniqueItems = document["uniqueItems"] == true
        minProperties = document["minProperties"]?.intValue
        maxProperties = document["maxProperties"]?.intValue
        allOf = nodes("allOf")
        anyOf = nodes("anyOf")
        oneOf = nodes("oneOf")
        not = document["not"].flatMap { $0.isNull ? nil : StructuralSchema($0, metadata: metadata) }
        let hasAny =
            !enumeration.isEmpty || !required.isEmpty || minimum != nil || maximum != nil || multipleOf != nil
            || minLength != nil || maxLength != nil || pattern != nil || minItems != nil || maxItems != nil
            || uniqueItems || minProperties != nil || maxProperties != nil || !allOf.isEmpty || !anyOf.isEmpty
            || !oneOf.isEmpty || not != nil
        guard hasAny else { return nil }
    }
}
