import APIMachinery
import JSON

/// What the source of a volume may look like, in a pod and in a PersistentVolume.
enum VolumeSourceRules {
    static let fileModes: ClosedRange<Int64> = 0...0o777
    private static let bytes: ClosedRange<Int64> = 0...255
    private static let hostPathTypes = [
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
    ]

    private typealias Check = @Sendable (_ source: Fields, _ volume: Volume, _ errors: inout FieldErrors) -> Void

    /// A volume as the rules of its source see it.
    struct Volume {
        var name: FieldValue
        var path: FieldPath
        var owner: VolumeOwner

        var isPersistent: Bool {
            if case .persistentVolume = owner { true } else { false }
        }
    }

    /// The sources of a pod's volume, in the order in which Kubernetes looks at them.
    private static let ofPods = [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
        "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
        "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
        "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
    ]

    /// The sources of a PersistentVolume, likewise.
    static let ofPersistentVolumes = [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte",
        "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk",
        "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ]

    /// Sources that Kubernetes calls by other names where they are one too many.
    private static let namesOfSecondSources = ["cephfs": "cephFS", "downwardAPI": "downwarAPI"]

    /// The one source of a volume.
    /// - Parameter volume: a pod's volume, or the spec of a PersistentVolume.
    static func check(_ volume: Fields, owner: VolumeOwner, _ errors: inout FieldErrors) {
        let whole = Volume(name: volume["name"], path: volume.path, owner: owner)
        var count = 0
        for name in whole.isPersistent ? ofPersistentVolumes : ofPods {
            guard let source = volume.ifPresent(name) else { continue }
            count += 1
            // Beside another source, the one of a PersistentVolume that is `flexVolume` is no less looked at.
            if count > 1, name != "flexVolume" || !whole.isPersistent {
                let path = volume.path.child(namesOfSecondSources[name] ?? name)
                errors.add(.forbidden(path, "may not specify more than 1 volume type"))
                continue
            }
            for member in required[name] ?? [] { errors.require(source[member]) }
            checks[name]?(source, whole, &errors)
        }
        if count == 0 { errors.add(.required(volume.path, "must specify a volume type")) }
    }

    /// Members that must not be empty, for sources of which the order of the rules is that of these.
    private static let required: [String: [String]] = [
        "gitRepo": ["repository"], "awsElasticBlockStore": ["volumeID"], "secret": ["secretName"],
        "nfs": ["server", "path"], "glusterfs": ["endpoints", "path"], "persistentVolumeClaim": ["claimName"],
        "rbd": ["monitors", "image"], "cinder": ["volumeID"], "cephfs": ["monitors"], "flexVolume": ["driver"],
        "configMap": ["name"], "azureFile": ["secretName", "shareName"], "vsphereVolume": ["volumePath"],
        "photonPersistentDisk": ["pdID"], "portworxVolume": ["volumeID"], "azureDisk": ["diskName", "diskURI"],
        "scaleIO": ["gateway", "system", "volumeName"],
    ]

    private static let checks: [String: Check] = [
        "emptyDir": { source, _, errors in
            if let limit = ResourceRules.quantity(source["sizeLimit"].value), limit.sign < 0 {
                errors.forbidden(source["sizeLimit"], "SizeLimit field must be a valid resource quantity")
            }
        },
        "hostPath": { source, _, errors in hostPath(source, &errors) },
        "local": { source, _, errors in
            guard errors.require(source["path"]) else { return }
            errors.add(PathRules.problemsOfBacksteps(source["path"].text), at: source["path"])
        },
        "gitRepo": { source, _, errors in
            errors.add(PathRules.problemsOfRelative(source["directory"].text), at: source["directory"])
        },
        "gcePersistentDisk": { source, volume, errors in
            // The path is that of an older name.
            let disk = Fields(source.members, at: volume.path.child("persistentDisk"))
            errors.require(disk["pdName"])
            partition(disk["partition"], &errors)
        },
        "awsElasticBlockStore": { source, _, errors in partition(source["partition"], &errors) },
        "secret": { source, _, errors in keyedFiles(source, &errors) },
        "configMap": { source, _, errors in keyedFiles(source, &errors) },
        "nfs": { source, _, errors in
            if !source["path"].text.hasPrefix("/") {
                errors.add(["must be an absolute path"], at: source["path"])
            }
        },
        "iscsi": { source, volume, errors in NetworkVolumeRules.iscsi(source, volume, &errors) },
        "glusterfs": { source, volume, errors in
            let namespace = source["endpointsNamespace"]
            guard volume.isPersistent, namespace.isSet else { return }
            let why = "if the endpointnamespace is set, it must be a valid namespace name"
            errors.add(namespace.isEmpty ? [why] : NameRules.problemsOfLabel(namespace.text), at: namespace)
        },
        "flocker": { source, _, errors in NetworkVolumeRules.flocker(source, &errors) },
        "cinder": { source, volume, errors in secretReference(source, volume, &errors) },
        "quobyte": { source, _, errors in NetworkVolumeRules.quobyte(source, &errors) },
        "downwardAPI": { source, _, errors in
            mode(source["defaultMode"], &errors)
            for item in source["items"].items { ProjectionRules.downwardFile(item, of: source, &errors) }
        },
        "fc": { source, _, errors in NetworkVolumeRules.fibreChannel(source, &errors) },
        "flexVolume": { source, _, errors in NetworkVolumeRules.flexOptions(source["options"], &errors) },
        "azureFile": { source, volume, errors in
            let namespace = source["secretNamespace"]
            if volume.isPersistent, namespace.isSet { errors.require(namespace) }
        },
        "azureDisk": { source, _, errors in NetworkVolumeRules.azureDisk(source, &errors) },
        "storageos": { source, volume, errors in
            errors.requireShape(NameRules.problemsOfLabel, source["volumeName"])
            errors.shape(NameRules.problemsOfLabel, source["volumeNamespace"])
            secretReference(source, volume, &errors)
        },
        "projected": { source, _, errors in ProjectionRules.check(source, &errors) },
        "csi": { source, volume, errors in driver(source, volume, &errors) },
        "ephemeral": { source, volume, errors in ephemeral(source, volume, &errors) },
        "image": { source, volume, errors in
            if case .pod = volume.owner { errors.require(source["reference"]) }
            errors.requireOne(of: ContainerRules.pullPolicies, source["pullPolicy"])
        },
    ]

    static func hostPath(_ source: Fields, _ errors: inout FieldErrors) {
        guard errors.require(source["path"]) else { return }
        errors.add(PathRules.problemsOfBacksteps(source["path"].text), at: source["path"])
        errors.oneOf(hostPathTypes, source["type"])
    }

    /// The number of a disk's part. None is the whole disk, of which the message does not tell.
    private static func partition(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard let number = field.int, !bytes.contains(number) else { return }
        errors.invalid(field, "must be between 1 and \(bytes.upperBound), inclusive")
    }

    static func mode(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard let mode = field.int, !fileModes.contains(mode) else { return }
        errors.invalid(field, "must be a number between 0 and 0777 (octal), both inclusive")
    }

    private static func keyedFiles(_ source: Fields, _ errors: inout FieldErrors) {
        mode(source["defaultMode"], &errors)
        for item in source["items"].items { keyPath(item.fields, &errors) }
    }

    /// A key of a map and the file that shows its value.
    static func keyPath(_ item: Fields, _ errors: inout FieldErrors) {
        errors.require(item["key"])
        errors.requireShape(PathRules.problemsOfProjected, item["path"])
        mode(item["mode"], &errors)
    }

    /// A secret by its name, and for a PersistentVolume by its namespace too.
    private static func secretReference(_ source: Fields, _ volume: Volume, _ errors: inout FieldErrors) {
        guard let secret = source.ifPresent("secretRef") else { return }
        errors.require(secret["name"])
        if volume.isPersistent { errors.require(secret["namespace"]) }
    }
}

// Volumes of CSI drivers, and those that bring their claim.
extension VolumeSourceRules {
    static let maximumDriverNameLength = 63

    /// The name of a CSI driver (`ValidateCSIDriverName`); of one that is missing it is said that it is no name, too.
    static func driverName(_ name: FieldValue, _ errors: inout FieldErrors) {
        errors.require(name)
        if name.text.utf8.count > maximumDriverNameLength {
            errors.add(.tooLong(name.path, maximumBytes: maximumDriverNameLength))
        }
        errors.add(NameRules.problemsOfSubdomain(name.text.lowercased()), at: name)
    }

    private static func driver(_ source: Fields, _ volume: Volume, _ errors: inout FieldErrors) {
        driverName(source["driver"], &errors)
        guard volume.isPersistent else {
            guard let secret = source.ifPresent("nodePublishSecretRef"), errors.require(secret["name"]) else { return }
            // The path is without the reference, as Kubernetes has it.
            return errors.add(
                NameRules.problemsOfSubdomain(secret["name"].text), at: source["name"].path,
                value: secret["name"].value ?? "")
        }
        errors.require(source["volumeHandle"])
        for name in [
            "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef",
        ] {
            guard let secret = source.ifPresent(name) else { continue }
            errors.requireShape(NameRules.problemsOfSubdomain, secret["name"])
            errors.requireShape(NameRules.problemsOfLabel, secret["namespace"])
        }
    }

    private static func ephemeral(_ source: Fields, _ volume: Volume, _ errors: inout FieldErrors) {
        if let template = source.ifPresent("volumeClaimTemplate") {
            TemplateMetadataRules.check(template.fields("metadata"), &errors)
            ClaimRules.spec(template.fields("spec"), &errors)
        } else {
            errors.add(.required(source.path.child("volumeClaimTemplate")))
        }
        guard case .pod(let pod) = volume.owner, !pod.isEmpty, !volume.name.isEmpty else { return }
        let claim = pod + "-" + volume.name.text
        let problems = NameRules.problemsOfSubdomain(claim).map { "PVC name \"\(claim)\": \($0)" }
        errors.add(problems, at: volume.name)
    }
}
