import APIMachinery
import JSON

/// What a label selector may look like.
enum SelectorRules {
    /// A `LabelSelector`, where it is set.
    static func check(_ selector: FieldValue, _ errors: inout FieldErrors) {
        guard selector.isSet else { return }
        let fields = selector.fields
        errors.labels(fields["matchLabels"])
        for requirement in fields["matchExpressions"].items { expression(requirement.fields, &errors) }
    }

    private static func expression(_ requirement: Fields, _ errors: inout FieldErrors) {
        operation(requirement, &errors)
        errors.add(NameRules.problemsOfLabelKey(requirement["key"].text), at: requirement["key"])
        let values = requirement["values"]
        for value in values.items { errors.add(NameRules.problemsOfLabelValue(value.text), at: value) }
    }

    /// A requirement's operator, and how many values it goes with.
    /// - Parameter comparing: whether values may be compared as numbers too (`Gt`, `Lt`).
    static func operation(_ requirement: Fields, comparing: Bool = false, _ errors: inout FieldErrors) {
        let values = requirement["values"]
        switch requirement["operator"].text {
        case "In", "NotIn":
            if values.isEmpty { errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'") }
        case "Exists", "DoesNotExist":
            if !values.isEmpty {
                errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            }
        case "Gt" where comparing, "Lt" where comparing:
            if values.items.count != 1 {
                errors.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")
            }
        default:
            errors.add(["not a valid selector operator"], at: requirement["operator"])
        }
    }

    static func isEmpty(_ selector: FieldValue) -> Bool {
        selector.fields["matchLabels"].isEmpty && selector.fields["matchExpressions"].isEmpty
    }

    /// Whether a selector's pods are those of a template.
    static func match(_ selector: LabelSelector, template: Fields, _ errors: inout FieldErrors) {
        let labels = template.fields("metadata")["labels"]
        let values = (labels.value?.objectValue ?? [:]).reduce(into: [String: String]()) { values, label in
            values[label.key] = label.value.stringValue ?? ""
        }
        if !selector.matches(values) {
            errors.add(
                ["`selector` does not match template `labels`"], at: labels.path, value: labels.value ?? .null)
        }
    }
}
