import APIMachinery
import JSON

/// What the volumes of a pod may look like.
enum VolumeRules {
    static let fileModes: ClosedRange<Int64> = 0...0o777
    /// Seconds for which a projected token may be good.
    static let tokenSeconds: ClosedRange<Int64> = 600...(1 << 32)
    private static let hostPathTypes = [
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
    ]
    private static let downwardPaths = [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
    ]
    /// The kinds of volumes in the order in which Kubernetes looks at them, and what each one needs.
    private static let sources: [(name: String, required: [String])] = [
        ("emptyDir", []), ("hostPath", ["path"]), ("gitRepo", ["repository"]), ("gcePersistentDisk", ["pdName"]),
        ("awsElasticBlockStore", ["volumeID"]), ("secret", ["secretName"]), ("nfs", ["server", "path"]),
        ("iscsi", ["targetPortal", "iqn"]), ("glusterfs", ["endpoints", "path"]), ("flocker", []),
        ("persistentVolumeClaim", ["claimName"]), ("rbd", ["monitors", "image"]), ("cinder", ["volumeID"]),
        ("cephfs", ["monitors"]), ("quobyte", ["registry", "volume"]), ("downwardAPI", []), ("fc", []),
        ("flexVolume", ["driver"]), ("configMap", ["name"]), ("azureFile", ["secretName", "shareName"]),
        ("vsphereVolume", ["volumePath"]), ("photonPersistentDisk", ["pdID"]), ("portworxVolume", ["volumeID"]),
        ("azureDisk", ["diskName", "diskURI"]), ("storageos", ["volumeName"]), ("projected", []),
        ("scaleIO", ["gateway", "system", "volumeName"]), ("csi", ["driver"]), ("ephemeral", ["volumeClaimTemplate"]),
        ("image", ["reference"]),
    ]

    /// - Returns: the volumes by their names, for mounts to find, with those that claims bring.
    static func volumes(
        _ field: FieldValue, _ errors: inout FieldErrors, claims: [String] = []
    ) -> [String: JSON] {
        var volumes: [String: JSON] = [:]
        for claim in claims { volumes[claim] = ["persistentVolumeClaim": [:]] }
        var names = Set<String>()
        for volume in field.items {
            let fields = volume.fields
            source(fields, needsOne: true, &errors)
            let name = fields["name"]
            guard errors.require(name) else { continue }
            errors.shape(NameRules.problemsOfLabel, name)
            if !names.insert(name.text).inserted { errors.duplicate(name) }
            volumes[name.text] = volume.value
        }
        return volumes
    }

    /// The one source of a pod's volume.
    private static func source(_ volume: Fields, needsOne: Bool, _ errors: inout FieldErrors) {
        var count = 0
        for source in sources {
            guard let fields = volume.ifPresent(source.name) else { continue }
            count += 1
            if count > 1 {
                errors.add(.forbidden(fields.path, "may not specify more than 1 volume type"))
                continue
            }
            for name in source.required { errors.require(fields[name]) }
            details(of: source.name, fields, &errors)
        }
        if count == 0, needsOne { errors.add(.required(volume.path, "must specify a volume type")) }
    }

    private static func details(of name: String, _ source: Fields, _ errors: inout FieldErrors) {
        switch name {
        case "emptyDir":
            if let limit = ResourceRules.quantity(source["sizeLimit"].value), limit.sign < 0 {
                errors.forbidden(source["sizeLimit"], "SizeLimit field must be a valid resource quantity")
            }
        case "hostPath": hostPath(source, &errors)
        case "secret", "configMap":
            mode(source["defaultMode"], &errors)
            keyPaths(source["items"], &errors)
        case "downwardAPI":
            mode(source["defaultMode"], &errors)
            downwardItems(source, &errors)
        case "projected": projected(source, &errors)
        case "nfs":
            if !source["path"].isEmpty, !source["path"].text.hasPrefix("/") {
                errors.invalid(source["path"], "must be an absolute path")
            }
        case "image": errors.oneOf(ContainerRules.pullPolicies, source["pullPolicy"])
        case "ephemeral":
            if let template = source.ifPresent("volumeClaimTemplate") {
                ClaimRules.spec(template.fields("spec"), &errors)
            }
        default: return
        }
    }

    static func hostPath(_ source: Fields, _ errors: inout FieldErrors) {
        if !source["path"].isEmpty {
            errors.add(PathRules.problemsOfBacksteps(source["path"].text), at: source["path"])
        }
        errors.oneOf(hostPathTypes, source["type"])
    }

    private static func mode(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard let mode = field.int, !fileModes.contains(mode) else { return }
        errors.invalid(field, "must be a number between 0 and 0777 (octal), both inclusive")
    }

    private static func keyPaths(_ items: FieldValue, _ errors: inout FieldErrors) {
        for item in items.items.map(\.fields) {
            errors.require(item["key"])
            errors.requireShape(PathRules.problemsOfProjected, item["path"])
            mode(item["mode"], &errors)
        }
    }

    private static func downwardItems(_ source: Fields, _ errors: inout FieldErrors) {
        for item in source["items"].items.map(\.fields) {
            errors.requireShape(PathRules.problemsOfProjected, item["path"])
            if let reference = item.ifPresent("fieldRef") {
                EnvironmentRules.fieldReference(reference, paths: downwardPaths, &errors)
                if item["resourceFieldRef"].isSet {
                    errors.add(
                        ["fieldRef and resourceFieldRef can not be specified simultaneously"], at: source.path,
                        value: "resource")
                }
            } else if let reference = item.ifPresent("resourceFieldRef") {
                errors.require(reference["containerName"])
                EnvironmentRules.resourceReference(reference, &errors)
            } else {
                errors.add(.required(source.path, "one of fieldRef and resourceFieldRef is required"))
            }
            mode(item["mode"], &errors)
        }
    }

    private static func projected(_ source: Fields, _ errors: inout FieldErrors) {
        mode(source["defaultMode"], &errors)
        for item in source["sources"].items.map(\.fields) {
            var count = 0
            for name in [
                "secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate",
            ] {
                guard let part = item.ifPresent(name) else { continue }
                count += 1
                if count > 1 {
                    errors.add(.forbidden(part.path, "may not specify more than 1 volume type per source"))
                    continue
                }
                switch name {
                case "secret", "configMap":
                    errors.require(part["name"])
                    keyPaths(part["items"], &errors)
                case "downwardAPI": downwardItems(part, &errors)
                case "serviceAccountToken": token(part, &errors)
                default: continue
                }
            }
        }
    }

    private static func token(_ token: Fields, _ errors: inout FieldErrors) {
        let seconds = token["expirationSeconds"]
        if let value = seconds.int, value < tokenSeconds.lowerBound {
            errors.invalid(seconds, "may not specify a duration less than 10 minutes")
        } else if let value = seconds.int, value > tokenSeconds.upperBound {
            errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
        }
        if token["path"].isEmpty {
            errors.required(token["path"])
        } else {
            errors.add(PathRules.problemsOfProjected(token["path"].text), at: token["path"])
        }
    }
}
