import APIMachinery
import JSON

/// The metadata of what claims are made from: labels and annotations alone (`ValidateTemplateObjectMeta`).
enum TemplateMetadataRules {
    /// What may not be set, in the order of Kubernetes' struct.
    private static let forbidden = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields",
    ]

    static func check(_ metadata: Fields, _ errors: inout FieldErrors) {
        MetadataRules.checkAnnotations(metadata["annotations"], into: &errors)
        errors.labels(metadata["labels"])
        for name in forbidden where !metadata[name].isEmpty {
            // The path is the field's name in Go, but for its first letter.
            errors.add(.forbidden(metadata.path.child(name == "uid" ? "uID" : name), "cannot be set"))
        }
    }
}
