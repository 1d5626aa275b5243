import APIMachinery
import JSON

/// `pods/ephemeralcontainers`: containers that are added to a pod for a look at it
/// (`ValidatePodEphemeralContainersUpdate`).
enum EphemeralContainerRules {
    static func prepare(_ spec: inout JSONObject, from old: JSONObject) {
        let containers = spec["ephemeralContainers"]
        spec = old
        spec["ephemeralContainers"] = containers
    }

    /// What was added stays as it is.
    static func check(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let field = pod.fields("spec")["ephemeralContainers"]
        for before in old.fields("spec")["ephemeralContainers"].items {
            let name = before.fields["name"].text
            let now = field.items.first { $0.fields["name"].text == name }
            if now == nil {
                errors.forbidden(field, "existing ephemeral containers \(JSON.string(name)) may not be removed\n")
            } else if now?.value != before.value {
                errors.forbidden(field, "existing ephemeral containers \(JSON.string(name)) may not be changed\n")
            }
        }
    }
}
