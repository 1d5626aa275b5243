import APIMachinery
import JSON

/// Volumes, claims and the kinds of `storage.k8s.io`.
enum StorageStrategies {
    static let all: [String: any ResourceStrategy] = [
        "StorageClass": storageClass,
        "CSIDriver": csiDriver,
        "CSINode": DefaultStrategy(.cluster) {
            $0.allowsUnconditionalUpdate = false
            $0.rules = DriverRules.node
            $0.updateRules = DriverRules.keepsNode
            $0.updateSteps = [.metadataCreation, .rules, .metadataCreation, .rules, .updateRules]
        },
        "CSIStorageCapacity": DefaultStrategy(.namespaced) {
            $0.allowsUnconditionalUpdate = false
            $0.rules = DriverRules.capacity
            $0.creationRules = DriverRules.newCapacity
            $0.updateRules = DriverRules.keepsCapacity
            $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
        },
        "VolumeAttachment": volumeAttachment,
        "VolumeAttributesClass": DefaultStrategy(.cluster) {
            $0.rules = DriverRules.attributesClass
            $0.updateRules = DriverRules.keepsAttributesClass
            $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
        },
    ]

    static let volume = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.defaults = StorageDefaults.volume
        $0.rules = StorageRules.volume
        $0.updateRules = StorageRules.keepsVolume
        $0.statusRules = StorageRules.volumeStatus
        $0.updateSteps = [.metadataCreation, .rules, .metadataCreation, .rules, .updateRules]
        $0.warn = { volume, _ in StorageWarnings.volume(Fields(volume)) }
        $0.preparation = { $0["status"] = ["phase": "Pending"] }
    }

    static let claim = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.defaults = StorageDefaults.claim
        $0.rules = ClaimRules.claim
        $0.updateRules = ClaimUpdateRules.check
        $0.statusRules = StorageRules.claimStatus
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .metadataCreation, .rules, .updateRules]
        $0.warn = { claim, _ in StorageWarnings.claim(Fields(claim)) }
        $0.preparation = { claim in
            claim["status"] = ["phase": "Pending"]
            dropUnknownDataSource(of: &claim)
            mirrorDataSource(of: &claim)
        }
        $0.updatePreparation = { claim, _ in mirrorDataSource(of: &claim) }
    }

    static let storageClass = DefaultStrategy(.cluster) {
        $0.defaults = StorageDefaults.storageClass
        $0.rules = StorageRules.storageClass
        $0.warn = { storageClass, _ in StorageWarnings.storageClass(Fields(storageClass)) }
        $0.updateRules = StorageRules.keepsClass
    }

    static let csiDriver = DefaultStrategy(.cluster) {
        $0.generation = .countedFromUpdates
        $0.allowsUnconditionalUpdate = false
        $0.defaults = StorageDefaults.csiDriver
        $0.rules = DriverRules.driver
        $0.updateRules = DriverRules.keepsDriver
    }

    static let volumeAttachment = DefaultStrategy(.cluster) {
        $0.rules = DriverRules.attachment
        $0.creationRules = DriverRules.newAttachment
        $0.updateRules = DriverRules.keepsAttachment
        $0.updateSteps = [.metadataCreation, .rules, .metadataCreation, .rules, .updateRules]
        $0.metadataKeptByStatus = .everything
        $0.hasStatus = true
        $0.allowsUnconditionalUpdate = false
    }

    private static func isClassicSource(_ source: JSONObject) -> Bool {
        switch (source.string("apiGroup") ?? "", source.string("kind")) {
        case ("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"): true
        default: false
        }
    }

    /// `dataSource` knows claims and snapshots alone, and others are ignored.
    private static func dropUnknownDataSource(of claim: inout JSONObject) {
        claim.edit("spec") { spec in
            if let source = spec.object("dataSource"), !isClassicSource(source) { spec["dataSource"] = nil }
        }
    }

    /// `dataSource` is the old form of `dataSourceRef`; where one is set and the other can say the same, it does.
    private static func mirrorDataSource(of claim: inout JSONObject) {
        claim.edit("spec") { spec in
            switch (spec.object("dataSource"), spec.object("dataSourceRef")) {
            case (let source?, nil): spec["dataSourceRef"] = .object(source)
            case (nil, let reference?) where reference.isBlank("namespace"):
                if isClassicSource(reference) { spec["dataSource"] = .object(reference) }
            default: return
            }
        }
    }
}
