import APIMachinery
import JSON

/// What has a volume, as far as its rules depend on that.
enum VolumeOwner {
    /// A pod, by its name, which is empty where it is still to be generated.
    case pod(name: String)
    case template
    /// A PersistentVolume, by its name; empty for the one inside a VolumeAttachment.
    case persistentVolume(name: String)
}

/// What the volumes of a pod may look like (`ValidateVolumes`).
enum VolumeRules {
    /// - Returns: the volumes by their names, for mounts to find, with those that claims bring.
    static func volumes(
        _ field: FieldValue, owner: VolumeOwner, _ errors: inout FieldErrors, claims: [String] = []
    ) -> [String: JSON] {
        var volumes: [String: JSON] = [:]
        for claim in claims { volumes[claim] = ["persistentVolumeClaim": [:]] }
        var names = Set<String>()
        let generatedClaims = generatedClaims(of: field, owner: owner)
        for volume in field.items {
            let fields = volume.fields
            let name = fields["name"]
            let count = errors.count
            VolumeSourceRules.check(fields, owner: owner, &errors)
            if errors.require(name) { errors.add(NameRules.problemsOfLabel(name.text), at: name) }
            if names.contains(name.text) { errors.duplicate(name) }
            // A volume with something wrong is none that mounts could find.
            if errors.count == count {
                names.insert(name.text)
                volumes[name.text] = volume.value
            }
            let claim = fields.fields("persistentVolumeClaim")["claimName"]
            if generatedClaims.contains(claim.text) {
                errors.invalid(claim, "must not reference a PVC that gets created for an ephemeral volume")
            }
        }
        return volumes
    }

    /// The names of the claims that a pod's ephemeral volumes bring.
    private static func generatedClaims(of field: FieldValue, owner: VolumeOwner) -> Set<String> {
        guard case .pod(let pod) = owner, !pod.isEmpty else { return [] }
        let volumes = field.items.map(\.fields).filter { $0["ephemeral"].isSet && !$0["name"].isEmpty }
        return Set(volumes.map { pod + "-" + $0["name"].text })
    }
}
