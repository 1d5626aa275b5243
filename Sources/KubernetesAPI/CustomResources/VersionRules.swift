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
        let places = roots.count > 1 ? "either " + roots.joined(separator: " or ") : roots.joined()
        errors.invalid(field, "should be a json path under " + places)
    }

    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]

    static func checkColumn(_ column: Fields, _ errors: inout FieldErrors) {
        errors.require(column["name"])
        let types = "must be one of " + columnTypes.joined(separator: ",")
        if errors.require(column["type"], types), !columnTypes.contains(column["type"].text) {
            errors.invalid(column["type"], types)
        }
        if !column["format"].isEmpty, !columnFormats.contains(column["format"].text) {
            errors.invalid(column["format"], "must be one of " + columnFormats.joined(separator: ","))
        }
        // The name of the field in Kubernetes' own type.
        let path = column.path.child("JSONPath")
        let text = column["jsonPath"].text
        if text.isEmpty {
            errors.add(.required(path))
        } else if !text.hasPrefix(".") {
            errors.add(.invalid(path, .string(text), "must be a simple json path starting with ."))
        }
    }

    /// Fields that one version may let be selected by.
    private static let maximumSelectableFields = 8

    static func checkSelectableFields(
        _ paths: [String], in schema: JSON, at place: FieldPath, _ errors: inout FieldErrors
    ) {
        var seen = Set<[String]>()
        for (index, path) in paths.enumerated() {
            let field = place.index(index).child("jsonPath")
            if path.isEmpty {
                errors.add(.required(field))
                continue
            }
            switch SchemaFieldPath.resolve(path, in: schema, allowsBrackets: false) {
            case .failure(let problem):
                errors.add(.invalid(field, .string(path), "is an invalid path: \(problem.message)"))
            case .success(let found):
                checkSelectableField(found, path, at: field, &errors)
                if !seen.insert(found.names).inserted { errors.add(.duplicate(field, .string(path))) }
            }
        }
        if seen.count > maximumSelectableFields {
            errors.add(.tooMany(place, count: seen.count, maximum: maximumSelectableFields))
        }
    }

    private static func checkSelectableField(
        _ found: SchemaFieldPath.Resolved, _ path: String, at field: FieldPath, _ errors: inout FieldErrors
    ) {
        if found.names.first == "metadata" {
            errors.add(.invalid(field, .string(path), "must not point to fields in metadata"))
        }
        if !["string", "boolean", "integer"].contains(found.schema["type"]?.stringValue ?? "") {
            errors.add(
                .invalid(
                    field, .string(path),
                    "must point to a field of type string, boolean or integer. "
                        + "Enum string fields and strings with formats are allowed."))
        }
    }

    // MARK: Deprecation

    private static let maximumWarningBytes = 256

    static func checkDeprecation(_ row: Fields, _ errors: inout FieldErrors) {
        let warning = row["deprecationWarning"]
        guard warning.isSet else { return }
        guard row["deprecated"].bool == true else {
            return errors.invalid(warning, "can only be set for deprecated versions")
        }
        if warning.text.utf8.count > maximumWarningBytes { errors.invalid(warning, "must be <= 256 characters long") }
        if warning.text.isEmpty { errors.invalid(warning, "must not be an empty string") }
        var index = 0
        for scalar in warning.text.unicodeScalars {
            if !isPrintable(scalar) {
                errors.invalid(
                    warning,
                    "must only contain printable UTF-8 characters; non-printable character found at index \(index)")
                break
            }
            index += UTF8.width(scalar)
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    // MARK: Conversion

    static func checkReviewVersions(_ versions: FieldValue, at path: FieldPath, _ errors: inout FieldErrors) {
        let names = versions.items.map(\.text)
        if names.isEmpty { return errors.add(.required(path)) }
        var seen = Set<String>()
        for (index, name) in names.enumerated() {
            guard seen.insert(name).inserted else {
                errors.add(.invalid(path.index(index), .string(name), "duplicate version"))
                continue
            }
            for problem in NameRules.problemsOfLabel1035(name) {
                errors.add(.invalid(path.index(index), .string(name), problem))
            }
        }
        if seen.isDisjoint(with: ["v1", "v1beta1"]) {
            errors.add(.invalid(path, versions.value ?? .null, "must include at least one of v1, v1beta1"))
        }
    }
}
