import APIMachinery
import JSON

/// Rules of whole objects within a custom one (`x-kubernetes-embedded-resource`).
enum EmbeddedResourceRules {
    static func check(
        _ value: JSON, _ schema: StructuralSchema, at path: FieldPath, into errors: inout FieldErrors
    ) {
        guard schema.hasEmbeddedResources else { return }
        switch value {
        case .object(let object):
            if schema.isEmbeddedResource { checkObject(Fields(object, at: path), into: &errors) }
            for member in object {
                if let property = schema.properties[member.key] {
                    guard property.hasEmbeddedResources else { continue }
                    check(member.value, property, at: path.child(member.key), into: &errors)
                } else if let inner = schema.member(member.key) {
                    check(member.value, inner, at: path.key(member.key), into: &errors)
                }
            }
        case .array(let list):
            guard let items = schema.items else { return }
            for (index, item) in list.enumerated() { check(item, items, at: path.index(index), into: &errors) }
        default: return
        }
    }

    private static func checkObject(_ object: Fields, into errors: inout FieldErrors) {
        let version = object["apiVersion"]
        if checkText(version, into: &errors), GroupVersion(apiVersion: version.text) == nil {
            errors.invalid(version, "unexpected GroupVersion string: \(version.text)")
        }
        let kind = object["kind"]
        if checkText(kind, into: &errors) {
            let problems = NameRules.problemsOfLabel1035(kind.text.lowercased())
            if !problems.isEmpty {
                errors.invalid(
                    kind, "may have mixed case, but should otherwise match: " + problems.joined(separator: ","))
            }
        }
        if case .object? = object.members["metadata"] { checkMetadata(object, into: &errors) }
    }

    private static func checkText(_ field: FieldValue, into errors: inout FieldErrors) -> Bool {
        switch field.value {
        case nil, .string(""): errors.required(field)
        case .string: return true
        default: errors.invalid(field, "must be a string")
        }
        return false
    }

    /// An object within another needs no name.
    private static func checkMetadata(_ object: Fields, into errors: inout FieldErrors) {
        var members = object.members
        if members["metadata"]?["name"]?.stringValue?.isEmpty != false { members["metadata"]?["name"] = "fakename" }
        let named = Fields(members, at: object.path)
        MetadataRules.checkCreation(
            named, isNamespaced: !named.fields("metadata")["namespace"].isEmpty, restrictsFinalizers: false,
            into: &errors
        ) { NameRules.problemsOfPathSegment($0, isPrefix: $1) }
    }
}
