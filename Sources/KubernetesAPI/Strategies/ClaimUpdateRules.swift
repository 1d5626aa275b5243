import APIMachinery
import JSON

/// What of a claim may change once it is made (`ValidatePersistentVolumeClaimUpdate`).
enum ClaimUpdateRules {
    private static let classAnnotation = "volume.beta.kubernetes.io/storage-class"
    private static let attributesClass = "volumeAttributesClassName"

    static func check(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        var (new, before) = (spec.members, stored.members)
        // The volume is found once.
        if before.isBlank("volumeName") { before.take("volumeName", from: new) }
        storageClass(object, old, &new, &errors)
        if old.fields("status")["phase"].text == "Bound" {
            new.edit("resources") { resources in
                resources.edit("requests") {
                    $0.take("storage", from: before.object("resources")?.object("requests"))
                }
            }
            if new.has(attributesClass) { new.take(attributesClass, from: before) }
        }
        if new.differs(from: before, but: []) {
            let difference = DocumentDifference.text(from: shown(Fields(before)), to: shown(Fields(new)))
            errors.add(
                .forbidden(
                    spec.path,
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                        + "bound claims\n" + difference))
        }
        shrinking(spec, stored, old.fields("status"), &errors)
        if spec["volumeMode"].value != stored["volumeMode"].value {
            errors.add(["field is immutable"], at: FieldPath("volumeMode"), value: spec["volumeMode"].value ?? .null)
        }
        keptAttributes(spec[attributesClass], stored[attributesClass], old.fields("status"), &errors)
    }

    /// The class may move from the annotation that it had to its field; else the annotation stays as it is. A class
    /// that is not set may be set.
    private static func storageClass(
        _ object: Fields, _ old: Fields, _ new: inout JSONObject, _ errors: inout FieldErrors
    ) {
        let annotation = object.fields("metadata")["annotations"].value?[classAnnotation]?.stringValue
        let before = old.fields("metadata")["annotations"].value?[classAnnotation]?.stringValue
        let name = new.string("storageClassName")
        let isSetNow = name != nil && !old.fields("spec")["storageClassName"].isSet
        let movesFromAnnotation = isSetNow && before == name && (annotation == nil || annotation == before)
        if !movesFromAnnotation, annotation ?? "" != before ?? "" {
            errors.add(
                ["field is immutable"], at: FieldPath("metadata", "annotations", classAnnotation),
                value: .string(annotation ?? ""))
        }
        if isSetNow, before == nil || before == name { new["storageClassName"] = nil }
    }

    private static func shrinking(
        _ spec: Fields, _ stored: Fields, _ status: Fields, _ errors: inout FieldErrors
    ) {
        let amount = spec.fields("resources").fields("requests")["storage"]
        guard let new = ResourceRules.quantity(amount.value),
            let old = ResourceRules.quantity(stored.fields("resources").fields("requests")["storage"].value),
            new < old
        else { return }
        let capacity = ResourceRules.quantity(status.fields("capacity")["storage"].value) ?? Quantity(0)
        if !(capacity < new) { errors.forbidden(amount, "field can not be less than status.capacity") }
    }

    /// A class of attributes that is in use is changed for another, not taken away.
    private static func keptAttributes(
        _ name: FieldValue, _ before: FieldValue, _ status: Fields, _ errors: inout FieldErrors
    ) {
        guard !status["currentVolumeAttributesClassName"].isEmpty, before.isSet, name.value != before.value else {
            return
        }
        if !name.isSet {
            errors.forbidden(name, "update from non-nil value to nil is forbidden")
        } else if name.text.isEmpty {
            errors.forbidden(name, "update from non-nil value to an empty string is forbidden")
        }
    }

    /// A spec as messages show it: by the names and in the order of Kubernetes' internal fields.
    private static func shown(_ spec: Fields) -> JSON {
        func value(_ name: String, of owner: Fields) -> JSON { owner[name].value ?? .null }
        func source(_ name: String, hasNamespace: Bool) -> JSON {
            guard let source = spec.ifPresent(name) else { return .null }
            var shown: JSONObject = [
                "APIGroup": value("apiGroup", of: source), "Kind": .string(source["kind"].text),
                "Name": .string(source["name"].text),
            ]
            if hasNamespace { shown["Namespace"] = value("namespace", of: source) }
            return .object(shown)
        }
        let resources = spec.fields("resources")
        return [
            "AccessModes": value("accessModes", of: spec), "Selector": value("selector", of: spec),
            "Resources": ["Limits": value("limits", of: resources), "Requests": value("requests", of: resources)],
            "VolumeName": .string(spec["volumeName"].text), "StorageClassName": value("storageClassName", of: spec),
            "VolumeMode": value("volumeMode", of: spec), "DataSource": source("dataSource", hasNamespace: false),
            "DataSourceRef": source("dataSourceRef", hasNamespace: true),
            "VolumeAttributesClassName": value(attributesClass, of: spec),
        ]
    }
}
