import APIMachinery
import JSON

/// What containers may do to their node.
enum SecurityRules {
    static let ids: ClosedRange<Int64> = 0...Int64(Int32.max)
    private static let maximumSysctlLength = 253

    /// - Parameter sharesUsers: whether the pod's users are those of its host.
    static func container(_ field: FieldValue, sharesUsers: Bool, _ errors: inout FieldErrors) {
        guard field.isSet else { return }
        let context = field.fields
        errors.range(ids, context["runAsUser"])
        errors.range(ids, context["runAsGroup"])
        errors.oneOf(["Default", "Unmasked"], context["procMount"])
        if sharesUsers, context["procMount"].text == "Unmasked" {
            errors.invalid(context["procMount"], "`hostUsers` must be false to use `Unmasked`")
        }
        if let profile = context.ifPresent("seccompProfile") { ProfileRules.seccomp(profile, &errors) }
        escalation(context, field, &errors)
        WindowsRules.options(context.ifPresent("windowsOptions"), &errors)
        if let profile = context.ifPresent("appArmorProfile") { ProfileRules.appArmor(profile, &errors) }
    }

    private static func escalation(_ context: Fields, _ field: FieldValue, _ errors: inout FieldErrors) {
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
        sysctls(context["sysctls"], spec: spec, &errors)
        errors.oneOf(["Always", "OnRootMismatch"], context["fsGroupChangePolicy"])
        if let profile = context.ifPresent("seccompProfile") { ProfileRules.seccomp(profile, &errors) }
        WindowsRules.options(context.ifPresent("windowsOptions"), &errors)
        if let profile = context.ifPresent("appArmorProfile") { ProfileRules.appArmor(profile, &errors) }
        errors.oneOf(["Merge", "Strict"], context["supplementalGroupsPolicy"])
        errors.oneOf(["MountOption", "Recursive"], context["seLinuxChangePolicy"])
    }

    /// Whether a pod's users are those of its host.
    static func sharesUsers(_ spec: Fields) -> Bool { spec["hostUsers"].bool ?? true }

    /// Users of its own go with no other namespace of the host's.
    static func userNamespace(of spec: Fields, _ errors: inout FieldErrors) {
        guard !sharesUsers(spec) else { return }
        let why = "when `hostUsers` is false"
        if spec["hostNetwork"].bool == true, !FeatureGates.isEnabled("UserNamespacesHostNetworkSupport") {
            errors.forbidden(spec["hostNetwork"], why)
        }
        // Two of the paths start with a capital in Kubernetes.
        for (shown, name) in [("HostPID", "hostPID"), ("HostIPC", "hostIPC")] where spec[name].bool == true {
            errors.add(.forbidden(spec.path.child(shown), why))
        }
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            for container in spec[list].items where !container.fields["volumeDevices"].isEmpty {
                errors.forbidden(container.fields["volumeDevices"], why)
            }
        }
    }

    private static func sysctls(_ field: FieldValue, spec: Fields, _ errors: inout FieldErrors) {
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
            hostNamespace(of: name, spec, &errors)
        }
    }

    private static let ipcPrefixes = ["kernel/shm", "kernel/msg", "fs/mqueue/"]

    /// What belongs to the host's namespace is not the pod's to set.
    private static func hostNamespace(of name: FieldValue, _ spec: Fields, _ errors: inout FieldErrors) {
        let path = name.text.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "/")
        if spec["hostNetwork"].bool == true, path.hasPrefix("net/") {
            errors.invalid(name, "may not be specified when 'hostNetwork' is true")
        }
        let isIPC = path == "kernel/sem" || ipcPrefixes.contains { path.hasPrefix($0) }
        if spec["hostIPC"].bool == true, isIPC { errors.invalid(name, "may not be specified when 'hostIPC' is true") }
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
}
