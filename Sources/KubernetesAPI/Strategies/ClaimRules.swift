import APIMachinery
import JSON

/// What a claim of a volume may look like.
enum ClaimRules {
    static let accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
    static let volumeModes = ["Block", "Filesystem"]
    static let exclusiveMode = "ReadWriteOncePod"

    static func claim(_ claim: Fields, _ errors: inout FieldErrors) { spec(claim.fields("spec"), &errors) }

    /// A `PersistentVolumeClaimSpec`.
    static func spec(_ spec: Fields, _ errors: inout FieldErrors) {
        if spec["accessModes"].isEmpty {
            errors.required(spec["accessModes"], "at least 1 access mode is required")
        }
        SelectorRules.check(spec["selector"], &errors)
        modes(spec["accessModes"], &errors)
        storage(spec, &errors)
        errors.shape(NameRules.problemsOfSubdomain, spec["storageClassName"])
        errors.oneOf(volumeModes, spec["volumeMode"])
        for name in ["dataSource", "dataSourceRef"] {
            if let source = spec.ifPresent(name) { dataSource(source, &errors) }
        }
        agreement(spec, &errors)
        errors.shape(NameRules.problemsOfSubdomain, spec["volumeAttributesClassName"])
    }

    static func modes(_ modes: FieldValue, _ errors: inout FieldErrors) {
        for mode in modes.items where !accessModes.contains(mode.text) {
            errors.add(.notSupported(modes.path, mode.value ?? "", supported: accessModes))
        }
        let known = Set(modes.items.map(\.text)).intersection(accessModes)
        if known.count > 1, known.contains(exclusiveMode) {
            errors.forbidden(modes, "may not use ReadWriteOncePod with other access modes")
        }
    }

    private static func storage(_ spec: Fields, _ errors: inout FieldErrors) {
        let path = spec.path.child("resources").key("storage")
        let amount = spec.fields("resources").fields("requests")["storage"]
        guard let quantity = ResourceRules.quantity(amount.value) else { return errors.add(.required(path)) }
        if quantity.sign <= 0 {
            errors.add(.invalid(path, .string(quantity.description), "must be greater than zero"))
        }
    }

    /// The two forms of a claim's source say the same, and only the newer one knows other namespaces.
    private static func agreement(_ spec: Fields, _ errors: inout FieldErrors) {
        guard let source = spec.ifPresent("dataSource"), let reference = spec.ifPresent("dataSourceRef") else { return }
        let path = JSON.string(source.path.description)
        if !reference["namespace"].isEmpty {
            errors.add(["may not be specified when dataSourceRef.namespace is specified"], at: spec.path, value: path)
        } else if ["apiGroup", "kind", "name"].contains(where: { source[$0].text != reference[$0].text }) {
            errors.add(["must match dataSourceRef"], at: spec.path, value: path)
        }
    }

    private static func dataSource(_ source: Fields, _ errors: inout FieldErrors) {
        errors.require(source["name"])
        errors.require(source["kind"])
        if source["apiGroup"].isEmpty, source["kind"].text != "PersistentVolumeClaim" {
            errors.add(
                ["must be 'PersistentVolumeClaim' when referencing the default apiGroup"], at: source.path,
                value: source["kind"].value ?? "")
        }
        errors.shape(NameRules.problemsOfSubdomain, source["apiGroup"])
        errors.shape(NameRules.problemsOfLabel, source["namespace"])
    }
}
