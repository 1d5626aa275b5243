import APIMachinery
import JSON

/// What a volume leaves out and the server fills in.
enum VolumeDefaults {
    /// Permission bits of projected files: 0644.
    static let fileMode: Int64 = 0o644
    /// Seconds for which a projected service account token is good.
    static let tokenExpirationSeconds: Int64 = 3600

    static func volume(_ volume: inout JSONObject) {
        // A volume is its name and one source.
        if !volume.contains(where: { $0.key != "name" && !$0.value.isNull }) { volume["emptyDir"] = [:] }
        source(&volume)
        for name in ["secret", "configMap"] {
            volume.edit(name) { $0.setDefault("defaultMode", .int(fileMode)) }
        }
        volume.edit("downwardAPI") { source in
            source.setDefault("defaultMode", .int(fileMode))
            downwardItems(of: &source)
        }
        volume.edit("projected", projected)
        volume.edit("image") { image in
            let policy = ContainerDefaults.pullPolicy(ofImage: image.string("reference") ?? "")
            image.setDefaultIfBlank("pullPolicy", .string(policy))
        }
        volume.edit("ephemeral") { ephemeral in
            ephemeral.edit("volumeClaimTemplate") { $0.editCreating("spec", StorageDefaults.claimSpec) }
        }
    }

    /// The sources that a pod's volume and a PersistentVolume have in common.
    static func source(_ owner: inout JSONObject) {
        owner.edit("hostPath") { $0.setDefault("type", "") }
        owner.edit("iscsi") { $0.setDefaultIfBlank("iscsiInterface", "default") }
        owner.edit("rbd") { source in
            source.setDefaultIfBlank("pool", "rbd")
            source.setDefaultIfBlank("user", "admin")
            source.setDefaultIfBlank("keyring", "/etc/ceph/keyring")
        }
        owner.edit("azureDisk") { source in
            source.setDefault("cachingMode", "ReadWrite")
            source.setDefault("kind", "Shared")
            source.setDefault("fsType", "ext4")
            source.setDefault("readOnly", false)
        }
        owner.edit("scaleIO") { source in
            source.setDefaultIfBlank("storageMode", "ThinProvisioned")
            source.setDefaultIfBlank("fsType", "xfs")
        }
    }

    private static func projected(_ projected: inout JSONObject) {
        projected.setDefault("defaultMode", .int(fileMode))
        projected.editItems(of: "sources") { source in
            source.edit("serviceAccountToken") { $0.setDefault("expirationSeconds", .int(tokenExpirationSeconds)) }
            source.edit("downwardAPI", downwardItems)
        }
    }

    private static func downwardItems(of source: inout JSONObject) {
        source.editItems(of: "items") { item in
            item.edit("fieldRef") { $0.setDefaultIfBlank("apiVersion", "v1") }
        }
    }
}
