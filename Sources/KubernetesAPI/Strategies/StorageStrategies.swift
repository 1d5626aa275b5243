import APIMachinery
import JSON

/// Volumes, claims and the kinds of `storage.k8s.io`.
enum StorageStrategies {
    static let all: [String: any ResourceStrategy] = [
        "StorageClass": storageClass,
        "CSIDriver": csiDriver,
        "CSINode": DefaultStrategy(.cluster) {
            $0.allowsUnconditionalUpdate = false
            $0.rules = StorageRules.node
        },
        "CSIStorageCapacity": DefaultStrategy(.namespaced) { $0.allowsUnconditionalUpdate = false },
        "VolumeAttachment": volumeAttachment,
        "VolumeAttributesClass": DefaultStrategy(.cluster),
    ]

    static let volume = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.defaults = StorageDefaults.volume
        $0.rules = StorageRules.volume
        $0.updateRules = StorageRules.keepsVolume
        $0.updateSteps = [.rules, .metadataUpdate, .updateRules]
        $0.warn = { volume, _ in
            guard volume.object("spec")?.string("persistentVolumeReclaimPolicy") == "Recycle" else { return [] }
            return [
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
                    + "approach is to use dynamic provisioning."
            ]
        }
        $0.preparation = { $0["status"] = ["phase": "Pending"] }
    }

    static let claim = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.defaults = StorageDefaults.claim
        $0.rules = ClaimRules.claim
        $0.updateRules = StorageRules.keepsClaim
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
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
        $0.updateRules = StorageRules.keepsClass
    }

    static let csiDriver = DefaultStrategy(.cluster) {
        $0.generation = .countedFromUpdates
        $0.allowsUnconditionalUpdate = false
        $0.defaults = StorageDefaults.csiDriver
        $0.rules = StorageRules.driver
    }

    static let volumeAttachment = DefaultStrategy(.cluster) {
        $0.rules = StorageRules.attachment
        $0.updateRules = StorageRules.keepsSpec
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
