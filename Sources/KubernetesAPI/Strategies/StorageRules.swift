import APIMachinery
import JSON

/// What volumes and the kinds of `storage.k8s.io` may look like.
enum StorageRules {
    static let reclaimPolicies = ["Delete", "Recycle", "Retain"]
    static func volume(_ object: Fields, _ errors: inout FieldErrors) {
        volumeSpec(object.fields("spec"), name: object.fields("metadata")["name"].text, &errors)
    }

    /// A `PersistentVolumeSpec`.
    private static func volumeSpec(_ spec: Fields, name: String, _ errors: inout FieldErrors) {
        errors.require(spec["accessModes"])
        ClaimRules.modes(spec["accessModes"], &errors)
        capacity(spec["capacity"], &errors)
        errors.oneOf(reclaimPolicies, spec["persistentVolumeReclaimPolicy"])
        if let required = spec.fields("nodeAffinity").ifPresent("required") {
            AffinityRules.nodeSelector(required, &errors)
        } else if spec["nodeAffinity"].isSet {
            errors.add(.required(spec.path.child("nodeAffinity", "required"), "must specify required node constraints"))
        }
        VolumeSourceRules.check(spec, owner: .persistentVolume(name: name), &errors)
        if spec["local"].isSet, spec.fields("nodeAffinity")["required"].value == nil {
            errors.required(spec["nodeAffinity"], "Local volume requires node affinity")
        }
        let hostPath = spec.fields("hostPath")["path"].text
        if spec["persistentVolumeReclaimPolicy"].text == "Recycle", isRoot(hostPath) {
            errors.forbidden(
                spec["persistentVolumeReclaimPolicy"], "may not be 'recycle' for a hostPath mount of '/'")
        }
        errors.shape(NameRules.problemsOfSubdomain, spec["storageClassName"])
        errors.oneOf(ClaimRules.volumeModes, spec["volumeMode"])
        attributesClass(of: spec, &errors)
    }

    /// Whether a path is that of the whole file system, however it is written.
    private static func isRoot(_ path: String) -> Bool {
        path.hasPrefix("/") && path.split(separator: "/").allSatisfy { $0 == "." || $0 == ".." }
    }

    private static func attributesClass(of spec: Fields, _ errors: inout FieldErrors) {
        let name = spec["volumeAttributesClassName"]
        guard name.isSet else { return }
        if errors.require(name, "an empty string is disallowed") {
            errors.add(NameRules.problemsOfSubdomain(name.text), at: name)
        }
        if !spec["csi"].isSet {
            errors.required(spec["csi"], "has to be specified when using volumeAttributesClassName")
        }
    }

    private static func capacity(_ capacity: FieldValue, _ errors: inout FieldErrors) {
        errors.require(capacity)
        let entries = capacity.entries
        if entries.count != 1 || entries.first?.key != "storage" {
            errors.add(.notSupported(capacity.path, capacity.value ?? .null, supported: ["storage"]))
        }
        for entry in entries {
            guard let amount = ResourceRules.quantity(entry.field.value), amount.sign <= 0 else { continue }
            if amount.sign < 0 {
                errors.add(.invalid(entry.field.path, .int(amount.value), "must be a valid resource quantity"))
            }
            errors.invalidText(entry.field, "must be greater than zero")
        }
    }

    static func keepsVolume(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        if sources(of: spec, replacing: stored) != sources(of: stored, replacing: stored) {
            errors.add(
                .forbidden(
                    spec.path.child("persistentvolumesource"),
                    "spec.persistentvolumesource is immutable after creation"))
        }
        if spec["volumeMode"].value != stored["volumeMode"].value {
            errors.add(["field is immutable"], at: FieldPath("volumeMode"), value: spec["volumeMode"].value ?? .null)
        }
        if stored["nodeAffinity"].isSet, renamed(spec["nodeAffinity"].value) != renamed(stored["nodeAffinity"].value),
            spec["nodeAffinity"].value != stored["nodeAffinity"].value
        {
            errors.add(
                ["field is immutable, except for updating from beta label to GA"], at: FieldPath("nodeAffinity"),
                value: spec["nodeAffinity"].value ?? .null)
        }
        if stored["volumeAttributesClassName"].isSet, !spec["volumeAttributesClassName"].isSet {
            errors.forbidden(spec["volumeAttributesClassName"], "update from non-nil value to nil is forbidden")
        }
    }

    /// What a volume is made of; the secret by which a CSI driver expands it may come later.
    private static func sources(of spec: Fields, replacing stored: Fields) -> [JSON?] {
        let expansion = "controllerExpandSecretRef"
        return VolumeSourceRules.ofPersistentVolumes.map { name in
            var source = spec[name].value
            if name == "csi", source != nil, stored[name].value?[expansion] == nil { source?[expansion] = nil }
            return source
        }
    }

    private static let labelsOfNow = [
        "beta.kubernetes.io/arch": "kubernetes.io/arch", "beta.kubernetes.io/os": "kubernetes.io/os",
        "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
        "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    ]

    /// An affinity with the labels of today in place of those of the time before.
    private static func renamed(_ value: JSON?) -> JSON? {
        switch value {
        case .string(let text)?: return .string(labelsOfNow[text] ?? text)
        case .array(let items)?: return .array(items.compactMap { renamed($0) })
        case .object(let object)?:
            var changed = JSONObject(minimumCapacity: object.count)
            for member in object { changed[member.key] = renamed(member.value) }
            return .object(changed)
        default: return value
        }
    }

    /// Whoever writes a status of these kinds says of which version.
    static func volumeStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        if object.fields("metadata")["resourceVersion"].isEmpty { errors.add(.required(FieldPath("resourceVersion"))) }
    }

    private static let resizeStatuses = [
        "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible",
        "NodeResizePending",
    ]

    static func claimStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        if object.fields("metadata")["resourceVersion"].isEmpty { errors.add(.required(FieldPath("resourceVersion"))) }
        if object.fields("spec")["accessModes"].isEmpty {
            errors.add(.required(FieldPath("Spec", "accessModes")))
        }
        let status = object.fields("status")
        for entry in status["capacity"].entries { ResourceRules.amount(entry.key, entry.field, &errors) }
        for entry in status["allocatedResourceStatuses"].entries {
            errors.add(problemsOfClaimResource(entry.key), at: entry.field.path, value: .string(entry.key))
            errors.oneOf(resizeStatuses, entry.field)
        }
        for entry in status["allocatedResources"].entries {
            errors.add(problemsOfClaimResource(entry.key), at: entry.field.path, value: .string(entry.key))
            ResourceRules.amount(entry.key, entry.field, &errors)
        }
    }

    private static func problemsOfClaimResource(_ name: String) -> [String] {
        let problems = NameRules.problemsOfQualifiedName(name)
        if !problems.isEmpty || name.contains("/") || name == "storage" { return problems }
        return ["resource name must be storage or a fully qualified name"]
    }
}

// Classes, drivers and attachments.
extension StorageRules {
    static func storageClass(_ object: Fields, _ errors: inout FieldErrors) {
        errors.requireShape({ NameRules.problemsOfQualifiedName($0.lowercased()) }, object["provisioner"])
        DriverRules.parameters(object["parameters"], &errors)
        errors.oneOf(["Delete", "Retain"], object["reclaimPolicy"])
        errors.requireOne(of: ["Immediate", "WaitForFirstConsumer"], object["volumeBindingMode"])
        topologies(object["allowedTopologies"], &errors)
    }

    private static func topologies(_ field: FieldValue, _ errors: inout FieldErrors) {
        var terms = Set<JSON>()
        for term in field.items.map(\.fields) {
            let expressions = term["matchLabelExpressions"]
            var keys = Set<String>()
            for expression in expressions.items.map(\.fields) {
                let (key, values) = (expression["key"], expression["values"])
                errors.require(values)
                var seen = Set<String>()
                for value in values.items where !seen.insert(value.text).inserted { errors.duplicate(value) }
                errors.add(NameRules.problemsOfLabelKey(key.text), at: key)
                if !keys.insert(key.text).inserted { errors.duplicate(key) }
            }
            if let value = expressions.value, !terms.insert(value).inserted {
                errors.add(FieldError(.duplicate, expressions.path, value: ""))
            }
        }
    }

    static func keepsClass(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for name in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            errors.immutable(object[name], old[name])
        }
    }
}
