import APIMachinery
import JSON

/// What volumes and the kinds of `storage.k8s.io` may look like.
enum StorageRules {
    static let reclaimPolicies = ["Delete", "Recycle", "Retain"]
    private static let maximumParameters = 512
    private static let maximumParametersBytes = 256 * 1024
    private static let volumeSources = [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte",
        "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk",
        "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ]

    static func volume(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.require(spec["accessModes"])
        ClaimRules.modes(spec["accessModes"], &errors)
        capacity(spec["capacity"], &errors)
        errors.oneOf(reclaimPolicies, spec["persistentVolumeReclaimPolicy"])
        if let required = spec.fields("nodeAffinity").ifPresent("required") {
            AffinityRules.nodeSelector(required, &errors)
        } else if spec["nodeAffinity"].isSet {
            errors.add(.required(spec.path.child("nodeAffinity", "required"), "must specify required node constraints"))
        }
        sources(spec, &errors)
        errors.shape(NameRules.problemsOfSubdomain, spec["storageClassName"])
        errors.oneOf(ClaimRules.volumeModes, spec["volumeMode"])
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

    private static func sources(_ spec: Fields, _ errors: inout FieldErrors) {
        var count = 0
        for name in volumeSources {
            guard let source = spec.ifPresent(name) else { continue }
            count += 1
            if count > 1 {
                errors.add(.forbidden(source.path, "may not specify more than 1 volume type"))
                continue
            }
            switch name {
            case "hostPath":
                errors.require(source["path"])
                VolumeRules.hostPath(source, &errors)
            case "nfs":
                errors.require(source["server"])
                errors.require(source["path"])
            case "local":
                errors.require(source["path"])
                if !spec["nodeAffinity"].isSet {
                    errors.required(spec["nodeAffinity"], "Local volume requires node affinity")
                }
            case "csi":
                errors.requireShape(problemsOfDriver, source["driver"])
                errors.require(source["volumeHandle"])
            default: continue
            }
        }
        if count == 0 { errors.add(.required(spec.path, "must specify a volume type")) }
    }

    private static func problemsOfDriver(_ name: String) -> [String] {
        NameRules.problemsOfSubdomain(name.lowercased())
    }

    static func keepsVolume(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        if volumeSources.contains(where: { spec[$0].value != stored[$0].value }) {
            errors.add(
                .forbidden(
                    spec.path.child("persistentvolumesource"),
                    "spec.persistentvolumesource is immutable after creation"))
        }
        if spec["volumeMode"].value != stored["volumeMode"].value {
            errors.add(["field is immutable"], at: FieldPath("volumeMode"), value: spec["volumeMode"].value ?? .null)
        }
    }

    static func keepsClaim(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        let isBound = old.fields("status")["phase"].text == "Bound"
        var (new, before) = (spec.members, stored.members)
        if before.isBlank("volumeName") { new["volumeName"] = nil }
        if !before.has("storageClassName") { new["storageClassName"] = nil }
        if isBound {
            for name in ["volumeAttributesClassName"] {
                new[name] = nil
                before[name] = nil
            }
            clearStorage(of: &new)
            clearStorage(of: &before)
        }
        if new.differs(from: before, but: []) {
            return errors.add(
                .forbidden(
                    spec.path,
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                        + "bound claims"))
        }
        shrinking(spec, stored, old.fields("status"), &errors)
    }

    private static func clearStorage(of spec: inout JSONObject) {
        spec.edit("resources") { resources in
            resources.edit("requests") { $0["storage"] = nil }
            if resources.object("requests")?.isEmpty ?? false { resources["requests"] = nil }
        }
    }

    private static func shrinking(
        _ spec: Fields, _ stored: Fields, _ status: Fields, _ errors: inout FieldErrors
    ) {
        let amount = spec.fields("resources").fields("requests")["storage"]
        guard let new = ResourceRules.quantity(amount.value),
            let old = ResourceRules.quantity(stored.fields("resources").fields("requests")["storage"].value),
            new < old
        else { return }
        let capacity = ResourceRules.quantity(status.fields("capacity")["storage"].value)
        if capacity.map({ !($0 < new) }) ?? true {
            errors.forbidden(amount, "field can not be less than status.capacity")
        }
    }
}

// Classes, drivers and attachments.
extension StorageRules {
    static func storageClass(_ object: Fields, _ errors: inout FieldErrors) {
        errors.requireShape({ NameRules.problemsOfQualifiedName($0.lowercased()) }, object["provisioner"])
        let parameters = object["parameters"].value?.objectValue ?? [:]
        var bytes = 0
        for parameter in parameters {
            if parameter.key.isEmpty {
                errors.add(["field can not be empty."], at: object["parameters"].path, value: "")
            }
            bytes += parameter.key.utf8.count + (parameter.value.stringValue?.utf8.count ?? 0)
        }
        if parameters.count > maximumParameters || bytes > maximumParametersBytes {
            errors.add(.tooLong(object["parameters"].path, maximumBytes: maximumParametersBytes))
        }
        errors.oneOf(["Delete", "Retain"], object["reclaimPolicy"])
        errors.requireOne(of: ["Immediate", "WaitForFirstConsumer"], object["volumeBindingMode"])
    }

    static func keepsClass(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for name in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            errors.immutable(object[name], old[name])
        }
    }

    static func driver(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.oneOf(["File", "None", "ReadWriteOnceWithFSType"], spec["fsGroupPolicy"])
        for mode in spec["volumeLifecycleModes"].items where !["Persistent", "Ephemeral"].contains(mode.text) {
            errors.add(
                .notSupported(
                    spec["volumeLifecycleModes"].path, mode.value ?? "", supported: ["Persistent", "Ephemeral"]))
        }
    }

    static func attachment(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.requireShape(problemsOfDriver, spec["attacher"])
        let source = spec.fields("source")
        let set = ["inlineVolumeSpec", "persistentVolumeName"].filter { source[$0].isSet }
        if set.isEmpty {
            errors.add(
                .required(source.path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName"))
        } else if set.count > 1 {
            errors.add(
                .forbidden(source.path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName"))
        }
        errors.add(NameRules.problemsOfSubdomain(spec["nodeName"].text), at: spec["nodeName"])
    }

    static func keepsSpec(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["spec"], old["spec"])
    }

    static func node(_ object: Fields, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for driver in object.fields("spec")["drivers"].items.map(\.fields) {
            errors.requireShape(problemsOfDriver, driver["name"])
            errors.require(driver["nodeID"])
            if !names.insert(driver["name"].text).inserted { errors.duplicate(driver["name"]) }
        }
    }
}
