import APIMachinery
import JSON

/// What the author of a `CustomResourceDefinition` is warned of.
enum DefinitionWarnings {
    /// Formats of text that nothing checks, as far as they were not there before.
    static func unknownFormats(_ object: JSONObject, _ old: JSONObject?) -> [String] {
        let before = old.map { Set(unknownFormats(in: $0)) } ?? []
        return unknownFormats(in: object).filter { !before.contains($0) }
            .map { "unrecognized format \(FieldError.quoted($0))" }
    }

    private static func unknownFormats(in definition: JSONObject) -> [String] {
        var schemas = (definition["spec"]?["versions"]?.arrayValue ?? []).compactMap {
            $0["schema"]?["openAPIV3Schema"]
        }
        // The schema that all versions have in common counts once.
        if let first = schemas.first, schemas.allSatisfy({ $0 == first }) { schemas = [first] }
        var formats: [String] = []
        for schema in schemas { collect(schema, into: &formats) }
        return formats
    }

    private static func collect(_ schema: JSON, into formats: inout [String]) {
        if let format = schema["format"]?.stringValue, !format.isEmpty, schema["type"] == "string",
            !SchemaFormat.isKnown(format)
        {
            formats.append(format)
        }
        for name in ["items", "not", "additionalProperties"] {
            if let part = schema[name], case .object = part { collect(part, into: &formats) }
        }
        for name in ["allOf", "anyOf", "oneOf"] {
            for part in schema[name]?.arrayValue ?? [] { collect(part, into: &formats) }
        }
        for member in schema["properties"]?.objectValue ?? [:] { collect(member.value, into: &formats) }
    }
}
