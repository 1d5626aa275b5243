import APIMachinery
import JSON

/// What writers of volumes, claims and classes are told.
enum StorageWarnings {
    private static let classAnnotation = "volume.beta.kubernetes.io/storage-class"
    private static let mountAnnotation = "volume.beta.kubernetes.io/mount-options"
    private static let deprecatedSources = [
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ]

    static func volume(_ volume: Fields) -> [String] {
        let spec = volume.fields("spec")
        var list = annotation(
            classAnnotation, of: volume, "deprecated since v1.8; use \"storageClassName\" attribute instead")
        list += annotation(
            mountAnnotation, of: volume, "deprecated since v1.31; use \"mountOptions\" attribute instead")
        if spec["persistentVolumeReclaimPolicy"].text == "Recycle" {
            list.append(
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended "
                    + "approach is to use dynamic provisioning.")
        }
        for term in spec.fields("nodeAffinity").fields("required")["nodeSelectorTerms"].items {
            list += PodWarnings.termWarnings(of: term.fields)
        }
        for (name, why) in deprecatedSources where spec[name].isSet { list.append("spec.\(name): \(why)") }
        for amount in spec["capacity"].entries { PodWarnings.fraction(amount.key, amount.field, &list) }
        return list
    }

    static func claim(_ claim: Fields) -> [String] {
        var list = annotation(
            classAnnotation, of: claim, "deprecated since v1.8; use \"storageClassName\" attribute instead")
        PodWarnings.fractions(of: claim.fields("spec").fields("resources"), &list)
        return list
    }

    private static func annotation(_ key: String, of object: Fields, _ why: String) -> [String] {
        let annotations = object.fields("metadata")["annotations"]
        return annotations.value?[key] == nil ? [] : ["\(annotations.path.key(key)): \(why)"]
    }

    static func storageClass(_ storageClass: Fields) -> [String] {
        storageClass["allowedTopologies"].items.flatMap { term in
            term.fields["matchLabelExpressions"].items.compactMap { expression in
                let key = expression.fields["key"]
                guard let (version, successor) = PodWarnings.deprecation(ofNodeLabel: key.text) else { return nil }
                return "\(key.path): deprecated since \(version); use \"\(successor)\" instead"
            }
        }
    }
}
