import APIMachinery
import JSON

/// The annotations that named AppArmor profiles before there was a field for them.
enum AppArmorAnnotations {
    private static let local = "localhost/"

    /// Gives the containers of a new pod the profiles that its annotations name, unless they have their own. A profile
    /// that the whole pod has is not said again; one that is wrong is left for validation to refuse.
    static func apply(to pod: inout JSONObject) {
        guard let annotations = pod.object("metadata")?.object("annotations"), !annotations.isEmpty else { return }
        pod.edit("spec") { spec in
            if spec.object("os")?.string("name") == "windows" { return }
            let common = spec.object("securityContext")?.object("appArmorProfile")
            for list in ["initContainers", "containers", "ephemeralContainers"] {
                spec.editItems(of: list) { container in
                    let key = PodAnnotationRules.appArmorContainer + (container.string("name") ?? "")
                    guard container.object("securityContext")?.object("appArmorProfile") == nil,
                        let profile = annotations.string(key).flatMap(profile(of:)), profile != common
                    else { return }
                    container.editCreating("securityContext") { $0["appArmorProfile"] = .object(profile) }
                }
            }
        }
    }

    /// The profile that an annotation names, if that is one.
    private static func profile(of annotation: String) -> JSONObject? {
        switch annotation {
        case "runtime/default": return ["type": "RuntimeDefault"]
        case "unconfined": return ["type": "Unconfined"]
        default:
            guard annotation.hasPrefix(local) else { return nil }
            let profile: JSONObject = [
                "type": "Localhost", "localhostProfile": .string(String(annotation.dropFirst(local.count))),
            ]
            var errors = FieldErrors()
            ProfileRules.appArmor(Fields(profile, at: .root), &errors)
            return errors.list.isEmpty ? profile : nil
        }
    }
}
