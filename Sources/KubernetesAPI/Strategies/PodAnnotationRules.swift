import APIMachinery
import JSON

/// What the annotations that mean something for a pod may hold (`ValidatePodSpecificAnnotations`).
enum PodAnnotationRules {
    /// Marks a pod of the API that stands for one of a node's own.
    static let mirror = "kubernetes.io/config.mirror"
    private static let deletionCost = "controller.kubernetes.io/pod-deletion-cost"
    static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
    static let seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"
    static let appArmorContainer = "container.apparmor.security.beta.kubernetes.io/"

    static func check(_ annotations: FieldValue, of spec: Fields, _ errors: inout FieldErrors) {
        guard case .object(let texts)? = annotations.value, !texts.isEmpty else { return }
        let path = annotations.path
        if texts.has(mirror), spec["nodeName"].isEmpty {
            errors.add(
                ["must set spec.nodeName if mirror pod annotation is set"], at: path.key(mirror),
                value: texts[mirror] ?? "")
        }
        if let cost = texts.string(deletionCost), !isDeletionCost(cost) {
            errors.add(["must be a 32bit integer"], at: path.key(deletionCost), value: .string(cost))
        }
        for text in texts where text.key == seccompPod || text.key.hasPrefix(seccompContainer) {
            errors.add(
                problemsOfSeccomp(text.value.stringValue ?? ""), at: path.child(text.key), value: text.value)
        }
        for text in texts where text.key.hasPrefix(appArmorContainer) {
            appArmor(text, at: path.key(text.key), of: spec, &errors)
        }
    }

    /// What says how a pod that runs is kept and where it came from stays (`ValidatePodSpecificAnnotationUpdates`).
    static func checkUpdate(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let field = pod.fields("metadata")["annotations"]
        let texts = field.value?.objectValue ?? [:]
        let stored = old.fields("metadata")["annotations"].value?.objectValue ?? [:]
        for text in stored where texts[text.key] != text.value {
            guard let subject = subjectOfFixed(text.key) else { continue }
            errors.add(.forbidden(field.path.key(text.key), "may not remove or update \(subject)"))
        }
        for text in texts where !stored.has(text.key) {
            guard let subject = subjectOfFixed(text.key) else { continue }
            errors.add(.forbidden(field.path.key(text.key), "may not add \(subject)"))
        }
        check(field, of: pod.fields("spec"), &errors)
    }

    /// What an annotation that may not change is called in messages.
    private static func subjectOfFixed(_ key: String) -> String? {
        if key == mirror { return "mirror pod annotation" }
        return key.hasPrefix(appArmorContainer) ? "AppArmor annotations" : nil
    }

    /// A whole number of 32 bits, without a plus or zeros before it.
    private static func isDeletionCost(_ text: String) -> Bool {
        guard let number = Int32(text) else { return false }
        return String(number) == text
    }

    private static func problemsOfSeccomp(_ profile: String) -> [String] {
        if ["runtime/default", "docker/default", "unconfined"].contains(profile) { return [] }
        let local = "localhost/"
        guard profile.hasPrefix(local) else { return ["must be a valid seccomp profile"] }
        return PathRules.problemsOfRelative(String(profile.dropFirst(local.count)))
    }

    private static func appArmor(
        _ annotation: JSONObject.Member, at path: FieldPath, of spec: Fields, _ errors: inout FieldErrors
    ) {
        let container = String(annotation.key.dropFirst(appArmorContainer.count))
        let names = ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
            spec[list].items.map { $0.fields["name"].text }
        }
        if !names.contains(container) { errors.add(["container not found"], at: path, value: .string(container)) }
        let profile = annotation.value.stringValue ?? ""
        let isRight =
            ["", "runtime/default", "unconfined"].contains(profile) || profile.hasPrefix("localhost/")
        if !isRight {
            errors.add(
                ["invalid AppArmor profile name: \"\(profile)\""], at: path, value: annotation.value)
        }
    }
}
