import APIMachinery
import JSON

/// Rules of whole objects within a custom one (`x-kubernetes-embedded-resource`).
enum EmbeddedResourceRules {
    static func check(
        _ value: JSON, _ schema: StructuralSchema, at path: FieldPath, into errors: inout FieldErrors
    ) {
        switch value {
        case .object(let object):
            if schema.isEmbeddedResource { checkObject(Fields(object, at: path), into: &errors) }
            for member in object {
                guard let inner = schema.member(member.key) else { continue }
                check(member.value, inner, at: path.child(member.key), into: &errors)
            }
        case .array(let list):
            guard let items = schema.items else { return }
            for (index, item) in list.enumerated() { check(item, items, at: path.index(index), into: &errors) }
        default: return
        }
    }

    private static func checkObject(_ object: Fields, into errors: inout FieldErrors) {
        let version = object["apiVersion"]
        if errors.require(version), GroupVersion(apiVersion: version.text) == nil {
            errors.invalid(version, "unexpected GroupVersion string: \(version.text)")
        }
        let kind = object["kind"]
        if errors.require(kind) {
            let problems = NameRules.problemsOfLabel1035(kind.text.lowercased())
            if !problems.isEmpty {
                errors.invalid(
                    kind, "may have mixed case, but should otherwise match: " + problems.joined(separator: ","))
            }
        }
        errors.labels(object.fields("metadata")["labels"])
    }
}
