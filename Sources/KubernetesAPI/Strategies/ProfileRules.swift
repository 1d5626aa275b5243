import APIMachinery
import JSON

/// The profiles of seccomp and AppArmor, and how they go with the annotations that came before them.
enum ProfileRules {
    private static let types = ["Localhost", "RuntimeDefault", "Unconfined"]
    /// Bytes of a profile's path.
    private static let maximumPathLength = 4095
    private static let local = "localhost/"

    static func seccomp(_ profile: Fields, _ errors: inout FieldErrors) {
        let (type, path) = (profile["type"], profile["localhostProfile"])
        if errors.require(type, "type is required when seccompProfile is set") { errors.oneOf(types, type) }
        if type.text == "Localhost" {
            if path.isSet {
                errors.add(PathRules.problemsOfRelative(path.text), at: path)
            } else {
                errors.required(path, "must be set when seccomp type is Localhost")
            }
        } else if path.isSet {
            errors.add(
                ["can only be set when seccomp type is Localhost"], at: path.path,
                value: ["Type": .string(type.text), "LocalhostProfile": .string(path.text)])
        }
    }

    static func appArmor(_ profile: Fields, _ errors: inout FieldErrors) {
        let (type, path) = (profile["type"], profile["localhostProfile"])
        switch type.text {
        case "Localhost":
            if path.text.first?.isWhitespace ?? false || path.text.last?.isWhitespace ?? false {
                errors.invalid(path, "must not be padded with whitespace")
            } else {
                errors.require(path, "must be set when AppArmor type is Localhost")
            }
            if path.text.utf8.count > maximumPathLength {
                errors.add(.tooLong(path.path, maximumBytes: maximumPathLength))
            }
        case "RuntimeDefault", "Unconfined":
            if path.isSet { errors.invalid(path, "can only be set when AppArmor type is Localhost") }
        case "": errors.required(type, "type is required when appArmorProfile is set")
        default: errors.oneOf(types, type)
        }
    }

    /// Where a new pod or a template has both a profile and the annotation that was its place, they say the same.
    static func matchAnnotations(_ annotations: FieldValue, of spec: Fields, _ errors: inout FieldErrors) {
        guard case .object(let texts)? = annotations.value, !texts.isEmpty else { return }
        let context = spec.fields("securityContext")
        let containers = ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
            spec[list].items.map(\.fields)
        }
        if let profile = context.ifPresent("seccompProfile") {
            match(profile, at: profile.path, texts.string(PodAnnotationRules.seccompPod), "seccomp", &errors)
        }
        for container in containers {
            guard let profile = container.fields("securityContext").ifPresent("seccompProfile") else { continue }
            let annotation = texts.string(PodAnnotationRules.seccompContainer + container["name"].text)
            match(profile, at: profile.path, annotation, "seccomp", &errors)
        }
        if spec.fields("os")["name"].text == "windows" { return }
        for container in containers {
            let own = container.fields("securityContext")
            guard let profile = own.ifPresent("appArmorProfile") ?? context.ifPresent("appArmorProfile") else {
                continue
            }
            let annotation = texts.string(PodAnnotationRules.appArmorContainer + container["name"].text)
            match(profile, at: own.path.child("appArmorProfile"), annotation, "apparmor", &errors)
        }
    }

    private static func match(
        _ profile: Fields, at path: FieldPath, _ annotation: String?, _ word: String, _ errors: inout FieldErrors
    ) {
        guard let annotation else { return }
        let isSame =
            switch profile["type"].text {
            case "Unconfined": annotation == "unconfined"
            case "RuntimeDefault":
                annotation == "runtime/default" || (word == "seccomp" && annotation == "docker/default")
            case "Localhost": annotation.hasPrefix(local)
            default: true
            }
        if !isSame {
            errors.add(.forbidden(path.child("type"), "\(word) type in annotation and field must match"))
        } else if profile["type"].text == "Localhost",
            annotation.dropFirst(local.count) != profile["localhostProfile"].text
        {
            errors.add(
                .forbidden(path.child("localhostProfile"), "\(word) profile in annotation and field must match"))
        }
    }
}
