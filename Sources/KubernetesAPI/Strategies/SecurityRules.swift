import APIMachinery
import JSON

/// What containers may do to their node.
enum SecurityRules {
    static let ids: ClosedRange<Int64> = 0...Int64(Int32.max)
    private static let profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"]
    private static let maximumSysctlLength = 253

    static func container(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard field.isSet else { return }
        let context = field.fields
        errors.range(ids, context["runAsUser"])
        errors.range(ids, context["runAsGroup"])
        errors.oneOf(["Default", "Unmasked"], context["procMount"])
        profiles(of: context, &errors)
        guard context["allowPrivilegeEscalation"].bool == false else { return }
        if context["privileged"].bool == true {
            errors.add(
                ["cannot set `allowPrivilegeEscalation` to false and `privileged` to true"], at: field.path,
                value: shown(context))
        }
        if context.fields("capabilities")["add"].items.contains(where: { $0.text == "CAP_SYS_ADMIN" }) {
            errors.add(
                ["cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"],
                at: field.path, value: shown(context))
        }
    }

    /// A container's context as messages show it: by the names of Kubernetes' internal fields.
    private static func shown(_ context: Fields) -> JSON {
        let names = [
            ("Capabilities", "capabilities"), ("Privileged", "privileged"), ("SELinuxOptions", "seLinuxOptions"),
            ("WindowsOptions", "windowsOptions"), ("RunAsUser", "runAsUser"), ("RunAsGroup", "runAsGroup"),
            ("RunAsNonRoot", "runAsNonRoot"), ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem"),
            ("AllowPrivilegeEscalation", "allowPrivilegeEscalation"), ("ProcMount", "procMount"),
            ("SeccompProfile", "seccompProfile"), ("AppArmorProfile", "appArmorProfile"),
        ]
        var shown = JSONObject(minimumCapacity: names.count)
        for (shownName, name) in names { shown[shownName] = context[name].value ?? .null }
        return .object(shown)
    }

    static func pod(_ context: Fields, spec: Fields, _ errors: inout FieldErrors) {
        errors.range(ids, context["fsGroup"])
        errors.range(ids, context["runAsUser"])
        errors.range(ids, context["runAsGroup"])
        for group in context["supplementalGroups"].items { errors.range(ids, group) }
        if spec["shareProcessNamespace"].bool == true, spec["hostPID"].bool == true {
            errors.add(
                ["ShareProcessNamespace and HostPID cannot both be enabled"],
                at: context.path.child("shareProcessNamespace"), value: true)
        }
        sysctls(context["sysctls"], &errors)
        errors.oneOf(["Always", "OnRootMismatch"], context["fsGroupChangePolicy"])
        profiles(of: context, &errors)
    }

    private static func sysctls(_ field: FieldValue, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for sysctl in field.items.map(\.fields) {
            let name = sysctl["name"]
            if name.isEmpty {
                errors.required(name)
            } else if !isSysctl(name.text) {
                errors.invalid(
                    name,
                    "must have at most \(maximumSysctlLength) characters and match regex "
                        + #"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"#)
            } else if !names.insert(name.text).inserted {
                errors.duplicate(name)
            }
        }
    }

    private static func isSysctl(_ name: String) -> Bool {
        let parts = name.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
        }
        return name.utf8.count <= maximumSysctlLength
            && parts.allSatisfy { part in
                guard let first = part.first, let last = part.last else { return false }
                return ByteRules.isLowercaseAlphanumeric(first) && ByteRules.isLowercaseAlphanumeric(last)
                    && part.allSatisfy {
                        ByteRules.isLowercaseAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    }
            }
    }

    private static func profiles(of context: Fields, _ errors: inout FieldErrors) {
        if let profile = context.ifPresent("seccompProfile") { check(profile, word: "seccomp", &errors) }
        if let profile = context.ifPresent("appArmorProfile") { check(profile, word: "AppArmor", &errors) }
    }

    private static func check(_ profile: Fields, word: String, _ errors: inout FieldErrors) {
        let (type, local) = (profile["type"], profile["localhostProfile"])
        if type.text == "Localhost" {
            if !local.isSet {
                errors.required(local, "must be set when \(word) type is Localhost")
            } else {
                errors.add(PathRules.problemsOfRelative(local.text), at: local)
            }
        } else if local.isSet {
            errors.invalid(local, "can only be set when \(word) type is Localhost")
        }
        if type.isEmpty {
            errors.required(type, "type is required when \(word)Profile is set")
        } else {
            errors.oneOf(profileTypes, type)
        }
    }
}
