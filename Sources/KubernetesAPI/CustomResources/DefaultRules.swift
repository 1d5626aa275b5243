import APIMachinery
import JSON

/// What the defaults of a structural schema must be: values that the schema allows, with nothing that it would prune.
enum DefaultRules {
    /// - Parameter isRoot: whether it is the schema of a resource.
    static func check(_ schema: Fields, isRoot: Bool = false, into errors: inout FieldErrors) {
        if let value = schema["default"].value { check(value, of: schema, into: &errors) }
        // Beneath `additionalProperties` of metadata there is no default, and elsewhere Kubernetes does not look.
        if let items = schema.ifPresent("items") { check(items, into: &errors) }
        for (_, property) in schema["properties"].entries { check(property.fields, into: &errors) }
    }

    private static func check(_ value: JSON, of schema: Fields, into errors: inout FieldErrors) {
        let field = schema["default"]
        let structure = StructuralSchema(.object(schema.members), metadata: .any)
        var pruned = value
        if let unknown = try? Schema(.structural(structure)).canonicalize(&pruned), !unknown.isEmpty {
            errors.invalid(field, "must not have unknown fields")
        }
        var embedded = FieldErrors()
        EmbeddedResourceRules.check(value, structure, at: field.path, into: &embedded)
        let problems =
            embedded.count > 0
            ? embedded.list : SchemaValidator.problems(with: value, as: structure, at: field.path)
        for problem in problems { errors.add(problem) }
    }
}
