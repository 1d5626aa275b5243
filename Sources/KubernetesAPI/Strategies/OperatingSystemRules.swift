import APIMachinery
import JSON

/// What the pods of one operating system do without.
enum OperatingSystemRules {
    static func linux(_ spec: Fields, _ errors: inout FieldErrors) {
        let why = "windows options cannot be set for a linux pod"
        for context in [spec["securityContext"].fields] + containerContexts(of: spec) {
            if context["windowsOptions"].isSet { errors.forbidden(context["windowsOptions"], why) }
        }
    }

    static func windows(_ spec: Fields, _ errors: inout FieldErrors) {
        let context = spec.fields("securityContext")
        refuse(["appArmorProfile", "seLinuxOptions"], in: context, &errors)
        refuse(["hostUsers", "hostPID", "hostIPC"], in: spec, &errors)
        refuse(["seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"], in: context, &errors)
        refuse(["shareProcessNamespace"], in: spec, &errors)
        refuse(
            ["runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"],
            in: context, &errors)
        for context in containerContexts(of: spec) {
            refuse(
                [
                    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem",
                    "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
                ], in: context, &errors)
        }
    }

    private static let flags: Set<String> = ["hostPID", "hostIPC"]
    private static let windowsReason = "cannot be set for a windows pod"

    private static func refuse(_ names: [String], in owner: Fields, _ errors: inout FieldErrors) {
        // `false` is as good as nothing where there is no pointer to tell them apart.
        for name in names where flags.contains(name) ? owner[name].bool ?? false : owner[name].isSet {
            errors.forbidden(owner[name], windowsReason)
        }
    }

    private static func containerContexts(of spec: Fields) -> [Fields] {
        ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
            spec[list].items.map { $0.fields.fields("securityContext") }
        }
    }
}
