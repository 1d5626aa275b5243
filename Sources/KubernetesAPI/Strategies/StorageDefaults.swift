import APIMachinery
import JSON

/// Defaults of volumes, claims and what provides them.
enum StorageDefaults {
    static func volume(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            VolumeDefaults.source(&spec)
            spec.setDefaultIfBlank("persistentVolumeReclaimPolicy", "Retain")
            spec.setDefault("volumeMode", "Filesystem")
        }
        object.editCreating("status") { $0.setDefaultIfBlank("phase", "Pending") }
    }

    static func claim(_ object: inout JSONObject) {
        object.editCreating("spec", claimSpec)
        object.editCreating("status") { $0.setDefaultIfBlank("phase", "Pending") }
    }

    static func claimSpec(_ spec: inout JSONObject) { spec.setDefault("volumeMode", "Filesystem") }

    static func storageClass(_ object: inout JSONObject) {
        object.setDefault("reclaimPolicy", "Delete")
        object.setDefault("volumeBindingMode", "Immediate")
    }

    static func csiDriver(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            spec.setDefault("attachRequired", true)
            spec.setDefault("podInfoOnMount", false)
            spec.setDefault("storageCapacity", false)
            spec.setDefault("fsGroupPolicy", "ReadWriteOnceWithFSType")
            if spec.items("volumeLifecycleModes").isEmpty { spec["volumeLifecycleModes"] = ["Persistent"] }
            spec.setDefault("requiresRepublish", false)
            spec.setDefault("seLinuxMount", false)
        }
    }
}
