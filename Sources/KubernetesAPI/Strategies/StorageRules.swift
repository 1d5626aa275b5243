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
        if !spec["persistentVolumeReclaimPolicy"].isEmpty {
            errors.oneOf(reclaimPolicies, spec["persistentVolumeReclaimPolicy"])
        }
        if let required = spec.fields("nodeAffinity").ifPresent("required") {
            AffinityRules.nodeSelector(required, &errors)
        } else if spec["nodeAffinity"].isSet {
            errors.add(.required(spec.path.child("nodeAffinity", "required"), "must specify required node constraints"))
        }
        sources(spec, name: name, &errors)
        errors.shape(NameRules.problemsOfSubdomain, spec["storageClassName"])
        errors.oneOf(ClaimRules.volumeModes, spec["volumeMode"])
        attributesClass(of: spec, &errors)
    }

    /// A `PersistentVolumeSpec` that stands in an attachment, in place of a volume's name.
    static func inlineVolume(_ spec: Fields, _ errors: inout FieldErrors) {
        let context = "in the context of inline volumes"
        for name in ["claimRef", "capacity"] where !spec[name].isEmpty {
            errors.forbidden(spec[name], "may not be specified " + context)
        }
        if !spec["csi"].isSet { errors.required(spec["csi"], "has to be specified " + context) }
        errors.require(spec["accessModes"])
        ClaimRules.modes(spec["accessModes"], &errors)
        let policy = spec["persistentVolumeReclaimPolicy"]
        if !policy.isEmpty, policy.text != "Retain" { errors.forbidden(policy, "may only be Retain " + context) }
        if spec["nodeAffinity"].isSet { errors.forbidden(spec["nodeAffinity"], "may not be specified " + context) }
        sources(spec, name: "", &errors)
        if !spec["storageClassName"].isEmpty {
            errors.forbidden(spec["storageClassName"], "may not be specified " + context)
        }
        let mode = spec["volumeMode"]
        if mode.isSet, mode.text != "Filesystem" {
            errors.forbidden(mode, "may not specify volumeMode other than Filesystem " + context)
        }
    }

    private static func sources(_ spec: Fields, name: String, _ errors: inout FieldErrors) {
        VolumeSourceRules.check(spec, owner: .persistentVolume(name: name), &errors)
        if spec["local"].isSet, !spec["nodeAffinity"].isSet {
            errors.required(spec["nodeAffinity"], "Local volume requires node affinity")
        }
        let policy = spec["persistentVolumeReclaimPolicy"]
        if policy.text == "Recycle", isRoot(spec.fields("hostPath")["path"].text) {
            errors.forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'")
        }
    }

    /// Whether a path is that of the whole file system, however it is written.
    private static func isRoot(_ path: String) -> Bool {
        var depth = 0
        for part in path.split(separator: "/") where part != "." {
            depth = part == ".." ? max(depth - 1, 0) : depth + 1
        }
        return path.hasPrefix("/") && depth == 0
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
        for entry in status["capacity"].entries { basic(entry.field, &errors) }
        // These paths are without the resource, but for its amounts.
        let statuses = status["allocatedResourceStatuses"]
        for entry in statuses.entries {
            claimResource(entry.key, at: statuses.path, &errors)
            if !resizeStatuses.contains(entry.field.text) {
                errors.add(.notSupported(statuses.path, .string(entry.key), supported: resizeStatuses))
            }
        }
        let amounts = status["allocatedResources"]
        for entry in amounts.entries where claimResource(entry.key, at: amounts.path, &errors) {
            basic(entry.field, &errors)
        }
    }

    /// An amount of nothing less than nothing; the message shows it as a whole number.
    private static func basic(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard let amount = ResourceRules.quantity(field.value), amount.value < 0 else { return }
        errors.add(.invalid(field.path, .int(amount.value), "must be a valid resource quantity"))
    }

    /// The name of what a claim may hold: storage, or something with a prefix that is not Kubernetes'.
    /// - Returns: whether it is one.
    @discardableResult
    private static func claimResource(
        _ name: String, at path: @autoclosure () -> FieldPath, _ errors: inout FieldErrors
    ) -> Bool {
        let problems = NameRules.problemsOfQualifiedName(name)
        errors.add(problems, at: path(), value: .string(name))
        guard problems.isEmpty else { return false }
        if name == "storage" || !ResourceRules.isNative(name) { return true }
        errors.add(.notSupported(path(), .string(name), supported: ["storage"]))
        return false
    }
}

// Classes, drivers and attachments.
extension StorageRules {
    static func storageClass(_ object: Fields, _ errors: inout FieldErrors) {
        DriverRules.provider(object["provisioner"], &errors)
        DriverRules.parameters(object["parameters"], &errors)
        if !object["reclaimPolicy"].isEmpty { errors.oneOf(["Delete", "Retain"], object["reclaimPolicy"]) }
        errors.requireOne(of: ["Immediate", "WaitForFirstConsumer"], object["volumeBindingMode"])
        topologies(object["allowedTopologies"], &errors)
    }

    private static func topologies(_ field: FieldValue, _ errors: inout FieldErrors) {
        // Kubernetes takes a term without expressions for one that was there before, as often as there are terms.
        var terms = Array(repeating: [String: Set<String>](), count: field.items.count)
        for term in field.items.map(\.fields) {
            let expressions = term["matchLabelExpressions"]
            var values: [String: Set<String>] = [:]
            for expression in expressions.items.map(\.fields) {
                let key = expression["key"]
                let distinct = topologyValues(expression["values"], &errors)
                errors.add(NameRules.problemsOfLabelKey(key.text), at: key)
                if values.updateValue(distinct, forKey: key.text) != nil { errors.duplicate(key) }
            }
            for other in terms where other == values { errors.add(.duplicate(expressions.path, "")) }
            terms.append(values)
        }
    }

    private static func topologyValues(_ field: FieldValue, _ errors: inout FieldErrors) -> Set<String> {
        errors.require(field)
        var values = Set<String>()
        for value in field.items where !values.insert(value.text).inserted { errors.duplicate(value) }
        return values
    }

    static func keepsClass(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for name in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            errors.immutable(object[name], old[name])
        }
    }
}
