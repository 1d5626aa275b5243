import APIMachinery
import JSON

/// Rules of the parts of one version of a `CustomResourceDefinition`.
enum VersionRules {
    static func checkSubresources(_ parts: Fields, _ errors: inout FieldErrors) {
        guard let scale = parts.ifPresent("scale") else { return }
        for (name, root) in [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")] {
            if errors.require(scale[name]) { checkPath(scale[name], under: [root], &errors) }
        }
        if !scale["labelSelectorPath"].isEmpty {
            checkPath(scale["labelSelectorPath"], under: [".spec", ".status"], &errors)
        }
    }

    private static func checkPath(_ field: FieldValue, under roots: [String], _ errors: inout FieldErrors) {
        guard field.text.hasPrefix(".") else {
            return errors.invalid(field, "must be a simple json path starting with .")
        }
        guard !roots.contains(where: { field.text.hasPrefix($0 + ".") }) else { return }
        errors.invalid(field, "should be a json path under " + roots.joined(separator: " or "))
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]

    static func checkColumn(_ column: Fields, _ errors: inout FieldErrors) {
        errors.require(column["name"])
        if errors.require(column["type"]), !columnTypes.contains(column["type"].text) {
            errors.invalid(column["type"], "must be one of " + columnTypes.joined(separator: ","))
        }
        if !column["format"].isEmpty, !columnFormats.contains(column["format"].text) {
            errors.invalid(column["format"], "must be one of " + columnFormats.joined(separator: ","))
        }
        // The name of the field in Kubernetes' own type.
        let path = column.path.child("JSONPath")
        let text = column["jsonPath"].text
        if text.isEmpty {
            errors.add(.required(path))
        } else if !text.hasPrefix(".") || JSONPath(text) == nil {
            errors.add(.invalid(path, .string(text), "must be a simple json path starting with ."))
        }
    }

    /// Fields that one version may let be selected by.
    private static let maximumSelectableFields = 8

    static func checkSelectableFields(
        _ paths: [String], in schema: JSON, at place: FieldPath, _ errors: inout FieldErrors
    ) {
        if paths.count > maximumSelectableFields {
            errors.add(.tooMany(place, count: paths.count, maximum: maximumSelectableFields))
        }
        var seen = Set<String>()
        for (index, path) in paths.enumerated() {
            let field = place.index(index).child("jsonPath")
            if path.isEmpty {
                errors.add(.required(field))
            } else if let problem = problem(of: path, in: schema) {
                errors.add(.invalid(field, .string(path), problem))
            } else if !seen.insert(path).inserted {
                errors.add(.duplicate(field, .string(path)))
            }
        }
    }

    private static func problem(of path: String, in schema: JSON) -> String? {
        guard path.hasPrefix(".") else { return "is an invalid path: expected [ or . but got: \(path)" }
        var schema = schema
        for name in path.split(separator: ".") {
            guard let next = schema["properties"]?[String(name)], name != "metadata" else {
                return "is an invalid path: does not refer to a valid field"
            }
            schema = next
        }
        if ["string", "boolean", "integer"].contains(schema["type"]?.stringValue ?? "") { return nil }
        return "must point to a field of type string, boolean or integer. "
            + "Enum string fields and strings with formats are allowed."
    }

    /// Where a webhook is called.
    static func checkClient(_ client: Fields, _ errors: inout FieldErrors) {
        let url = client["url"]
        if url.isSet == client["service"].isSet {
            errors.add(.required(client.path, "exactly one of url or service is required"))
        }
        if url.isSet, !url.text.hasPrefix("https://") {
            let scheme = url.text.split(separator: ":").first.map(String.init) ?? ""
            errors.add(
                .invalid(
                    url.path, .string(scheme),
                    "'https' is the only allowed URL scheme; desired format: https://host[/path]"))
        }
    }
}
