import JSON
import KubernetesAPI

/// How the schema of a custom resource stands in the documents that clients read: as its definition has it, with the
/// members that every object has, and in the old form without what OpenAPI 2 has no words for (the CRD OpenAPI builder of
/// Kubernetes).
struct PublishedSchema {
    let version: OpenAPIVersion

    /// The type of a custom resource's objects.
    func definition(_ schema: JSON) -> JSONObject {
        guard case .object(let schema) = schema, !schema.isEmpty else { return ["type": "object"] }
        // kubectl takes what an OpenAPI 2 schema does not name for unknown, and so such a one may name nothing.
        if version == .v2, schema["x-kubernetes-preserve-unknown-fields"] == true { return ["type": "object"] }
        var definition = published(schema)
        var properties = definition["properties"]?.objectValue ?? [:]
        for member in typeMembers { properties[member.key] = member.value }
        properties["metadata"] = metadata("ObjectMeta")
        definition["properties"] = .object(properties)
        return definition
    }

    /// `apiVersion` and `kind`.
    var typeMembers: JSONObject {
        var members: JSONObject = [:]
        for name in ["apiVersion", "kind"] {
            members[name] = ["type": "string"]
            if let text = Self.texts[name] { members[name] = ["description": .string(text), "type": "string"] }
        }
        return members
    }

    /// What is said of the members that all objects have, of which any kind will do.
    private static let texts = TypeLibrary.builtIn.descriptions(ofFieldsOf: "io.k8s.api.core.v1.ConfigMap")

    /// - Parameter type: `ObjectMeta` or `ListMeta`.
    func metadata(_ type: String) -> JSON {
        let reference: JSON = ["$ref": .string(version.referencePrefix + OpenAPIPaths.meta + type)]
        guard let text = Self.texts["metadata"] else { return reference }
        // OpenAPI 3 reads nothing that stands beside `$ref`.
        if version == .v3 { return ["description": .string(text), "allOf": [reference]] }
        return ["description": .string(text), "$ref": reference["$ref"] ?? ""]
    }

    // MARK: Schemas within

    private func published(_ schema: JSONObject) -> JSONObject {
        var result = JSONObject(minimumCapacity: schema.count + 1)
        for member in version == .v2 ? inOldForm(schema) : unfolded(schema) {
            switch (member.key, member.value) {
            case ("properties", .object(var properties)):
                for index in properties.members.indices {
                    properties.update(at: index) { value in
                        if case .object(let property) = value { value = .object(published(property)) }
                    }
                }
                result["properties"] = .object(properties)
            case ("items", .object(let inner)), ("additionalProperties", .object(let inner)):
                result[member.key] = .object(published(inner))
            default: result[member.key] = member.value
            }
        }
        return withEmbeddedMembers(result)
    }

    private static let integerOrString: JSON = [["type": "integer"], ["type": "string"]]

    /// What `x-kubernetes-int-or-string` says is also said in the words of OpenAPI.
    private func unfolded(_ schema: JSONObject) -> JSONObject {
        guard schema["x-kubernetes-int-or-string"] == true, schema["anyOf"] != Self.integerOrString,
            schema["allOf"]?[0]?["anyOf"] != Self.integerOrString
        else { return schema }
        var unfolded = schema
        if schema["anyOf"] == nil {
            unfolded["anyOf"] = Self.integerOrString
        } else {
            unfolded["allOf"] = .array([["anyOf": Self.integerOrString]] + (schema["allOf"]?.arrayValue ?? []))
        }
        return unfolded
    }

    /// An object of some kind within another has that kind's members.
    private func withEmbeddedMembers(_ schema: JSONObject) -> JSONObject {
        guard schema["x-kubernetes-embedded-resource"] == true else { return schema }
        if version == .v2, schema["x-kubernetes-preserve-unknown-fields"] == true { return schema }
        var schema = schema
        var properties = schema["properties"]?.objectValue ?? [:]
        for member in typeMembers { properties[member.key] = member.value }
        properties["metadata"] = metadata("ObjectMeta")
        schema["properties"] = .object(properties)
        var required = schema["required"]?.arrayValue ?? []
        for name in ["kind", "apiVersion"] as [JSON] where !required.contains(name) { required.append(name) }
        schema["required"] = .array(required)
        return schema
    }

    /// A schema without what OpenAPI 2 does not have, nor kubectl stands there: a value that may be `null` has no type, one
    /// with unknown fields no members.
    private func inOldForm(_ schema: JSONObject) -> JSONObject {
        var result = schema
        for name in ["anyOf", "oneOf", "allOf", "not", "nullable", "default"] { result[name] = nil }
        let isNullable = schema["nullable"] == true
        let isOpen = schema["x-kubernetes-preserve-unknown-fields"] == true
        if isNullable || isOpen {
            result["items"] = nil
            result["properties"] = nil
        }
        let type = result["type"]
        if isNullable || (isOpen && type == "object") || (type == "array" && result["items"] == nil) {
            result["type"] = nil
        }
        return withoutNullableRequirements(result)
    }

    /// Members that may be `null` are not required.
    private func withoutNullableRequirements(_ schema: JSONObject) -> JSONObject {
        guard case .array(let required)? = schema["required"] else { return schema }
        var result = schema
        let kept = required.filter { name in
            schema["properties"]?[name.stringValue ?? ""]?["nullable"] != true
        }
        let areValuesNullable = schema["additionalProperties"]?["nullable"] == true
        result["required"] = kept.isEmpty || areValuesNullable ? nil : .array(kept)
        return result
    }
}
