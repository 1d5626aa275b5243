import APIMachinery
import JSON

extension Tables {
    static func storage(_ resource: String) -> [TableColumn] {
        switch resource {
        case "storageclasses": storageClass
        case "volumeattributesclasses":
            [.name, .text("DriverName", "The driver that knows the attributes.", at: "driverName"), .age]
        case "volumeattachments": volumeAttachment
        case "csinodes": [.name, .count("Drivers", "Drivers on the node.", of: "spec", "drivers"), .age]
        case "csidrivers": csiDriver
        default: standard
        }
    }

    static let persistentVolume: [TableColumn] = [
        .name,
        .text("Capacity", "How much the volume holds.", at: "spec", "capacity", "storage", or: "0"),
        .text("Access Modes", "How nodes may mount the volume.") { accessModes($0.at("spec", "accessModes")) },
        .text(
            "Reclaim Policy", "What becomes of the volume once its claim is gone.", at: "spec",
            "persistentVolumeReclaimPolicy"),
        .text("Status", "Whether the volume is free, bound or going.", phase),
        .text("Claim", "The claim that the volume is bound to.") { object in
            guard let claim = object.at("spec", "claimRef") else { return "" }
            return claim.text("namespace") + "/" + claim.text("name")
        },
        .text("StorageClass", "The class of the storage.", storageClassName),
        .text("VolumeAttributesClass", "The class of the volume's attributes.") { attributesClass($0) },
        .text("Reason", "Why the volume is in its state.", at: "status", "reason"),
        .age,
        .text("VolumeMode", wide: true, "A file system or a raw device.", at: "spec", "volumeMode", or: CellText.unset),
    ]

    static let persistentVolumeClaim: [TableColumn] = [
        .name,
        .text("Status", "Whether the claim is bound.", phase),
        .text("Volume", "The volume that is bound to the claim.", at: "spec", "volumeName"),
        .text("Capacity", "How much the volume holds.") { claim in
            guard !claim.text("spec", "volumeName").isEmpty else { return "" }
            let capacity = claim.text("status", "capacity", "storage")
            return capacity.isEmpty ? "0" : capacity
        },
        .text("Access Modes", "How nodes may mount the volume.") { claim in
            claim.text("spec", "volumeName").isEmpty ? "" : accessModes(claim.at("status", "accessModes"))
        },
        .text("StorageClass", "The class of the storage.", storageClassName),
        .text("VolumeAttributesClass", "The class of the volume's attributes.") { attributesClass($0) },
        .age,
        .text("VolumeMode", wide: true, "A file system or a raw device.", at: "spec", "volumeMode", or: CellText.unset),
    ]

    private static func phase(_ object: JSON) -> String {
        object.at("metadata", "deletionTimestamp") != nil ? "Terminating" : object.text("status", "phase")
    }

    private static func accessModes(_ modes: JSON?) -> String {
        let present = Set((modes?.arrayValue ?? []).compactMap(\.stringValue))
        let short = [
            ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP"),
        ]
        return short.filter { present.contains($0.0) }.map(\.1).joined(separator: ",")
    }

    private static func storageClassName(_ object: JSON) -> String {
        let annotated = object.at("metadata", "annotations", "volume.beta.kubernetes.io/storage-class")?.stringValue
        return annotated ?? object.text("spec", "storageClassName")
    }

    private static func attributesClass(_ object: JSON) -> String {
        object.at("spec", "volumeAttributesClassName")?.stringValue ?? CellText.unset
    }

    /// A name, marked where an annotation makes the object the default of its kind.
    static func markedName(annotations: String...) -> TableColumn {
        TableColumn(name: "Name", type: "string", format: "name", description: ColumnDescription.name) { object, _ in
            let isDefault = annotations.contains { object.text("metadata", "annotations", $0) == "true" }
            return .string(object.text("metadata", "name") + (isDefault ? " (default)" : ""))
        }
    }

    private static let storageClass: [TableColumn] = [
        markedName(
            annotations: "storageclass.kubernetes.io/is-default-class",
            "storageclass.beta.kubernetes.io/is-default-class"),
        .text("Provisioner", "Who makes volumes of the class.", at: "provisioner"),
        .text("ReclaimPolicy", "What becomes of a volume once its claim is gone.", at: "reclaimPolicy", or: "Delete"),
        .text(
            "VolumeBindingMode", "When a volume is bound: at once, or for the first pod.", at: "volumeBindingMode",
            or: "Immediate"),
        .flag("AllowVolumeExpansion", type: "string", "Whether volumes can grow.", at: "allowVolumeExpansion"),
        .age,
    ]

    private static let volumeAttachment: [TableColumn] = [
        .name,
        .text("Attacher", format: "name", "The driver that attaches the volume.", at: "spec", "attacher"),
        .text("PV", "The volume.", at: "spec", "source", "persistentVolumeName"),
        .text("Node", "The node that the volume is attached to.", at: "spec", "nodeName"),
        .flag("Attached", "Whether the volume is attached.", at: "status", "attached"),
        .age,
    ]

    private static let csiDriver: [TableColumn] = [
        .name,
        .flag(
            "AttachRequired", "Whether volumes are attached before they are mounted.", at: "spec", "attachRequired",
            or: true),
        .flag("PodInfoOnMount", "Whether the driver is told of the pod.", at: "spec", "podInfoOnMount"),
        .flag("StorageCapacity", "Whether the scheduler heeds free capacity.", at: "spec", "storageCapacity"),
        .text("TokenRequests", "For whom tokens are made.") { driver in
            guard let requests = driver.at("spec", "tokenRequests")?.arrayValue else { return CellText.unset }
            return requests.map { $0.text("audience") }.joined(separator: ",")
        },
        .flag("RequiresRepublish", "Whether mounts are renewed from time to time.", at: "spec", "requiresRepublish"),
        .text("Modes", "Whether volumes outlive their pods.") { driver in
            let modes = CellText.joined(driver.at("spec", "volumeLifecycleModes"))
            return modes.isEmpty ? CellText.none : modes
        },
        .age,
    ]

    static func devices(_ resource: String) -> [TableColumn] {
        switch resource {
        case "deviceclasses", "resourceclaimtemplates": [.name, .age]
        case "resourceclaims": [.name, .text("State", "How far the claim has come.", claimState), .age]
        case "resourceslices":
            [
                .name,
                .text("Node", "The node that has the devices.", at: "spec", "nodeName"),
                .text("Driver", "The driver of the devices.", at: "spec", "driver"),
                .text("Pool", "The pool that the devices belong to.", at: "spec", "pool", "name"),
                .age,
            ]
        default: standard
        }
    }

    private static func claimState(_ claim: JSON) -> String {
        var states: [String] = []
        let isDeleted = claim.at("metadata", "deletionTimestamp") != nil
        if isDeleted { states.append("deleted") }
        if claim.at("status", "allocation") != nil {
            states.append("allocated")
        } else if !isDeleted {
            states.append("pending")
        }
        if !claim.items("status", "reservedFor").isEmpty { states.append("reserved") }
        return states.joined(separator: ",")
    }
}
