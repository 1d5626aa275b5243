import APIMachinery
import JSON

/// What a pod's spec may look like, in a pod and in a template (`ValidatePodSpec`).
enum PodRules {
    static let restartPolicies = ["Always", "OnFailure", "Never"]
    static let dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]
    static let tolerationEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
    static let seconds: ClosedRange<Int64> = 1...Int64(Int32.max)
    /// Bytes of a host's name, as Linux has it.
    private static let maximumHostnameLength = 64

    /// Whether a spec stands in a pod or in a template of pods.
    enum Place: Equatable {
        /// A pod, by its name.
        case pod(name: String)
        case template

        fileprivate var volumeOwner: VolumeOwner {
            switch self {
            case .pod(let name): .pod(name: name)
            case .template: .template
            }
        }
    }

    /// A `Pod`.
    static func pod(_ pod: Fields, _ errors: inout FieldErrors) {
        let spec = pod.fields("spec")
        let metadata = pod.fields("metadata")
        PodAnnotationRules.check(metadata["annotations"], of: spec, &errors)
        check(spec, in: .pod(name: metadata["name"].text), &errors)
        tokens(spec, &errors)
        for list in ["containers", "initContainers"] {
            for container in spec[list].items { trimmedImage(container.fields["image"], &errors) }
        }
    }

    static func newPod(_ pod: Fields, _ errors: inout FieldErrors) {
        let spec = pod.fields("spec")
        if !spec["ephemeralContainers"].isEmpty {
            errors.forbidden(spec["ephemeralContainers"], "cannot be set on create")
        }
        if !spec["nodeName"].isEmpty, !spec["schedulingGates"].isEmpty {
            errors.forbidden(spec["nodeName"], "cannot be set until all schedulingGates have been cleared")
        }
        ProfileRules.matchAnnotations(pod.fields("metadata")["annotations"], of: spec, &errors)
    }

    static func trimmedImage(_ image: FieldValue, _ errors: inout FieldErrors) {
        let isPadded = image.text.first?.isWhitespace ?? false || image.text.last?.isWhitespace ?? false
        if isPadded { errors.invalid(image, "must not have leading or trailing whitespace") }
    }

    /// A `PodTemplateSpec`.
    static func template(_ template: Fields, _ errors: inout FieldErrors, claims: [String] = []) {
        let metadata = template.fields("metadata")
        // The paths of these errors are without `metadata`, as Kubernetes has them.
        let bare = Fields(metadata.members, at: template.path)
        errors.labels(bare["labels"])
        MetadataRules.checkAnnotations(bare["annotations"], into: &errors)
        let spec = template.fields("spec")
        PodAnnotationRules.check(bare["annotations"], of: spec, &errors)
        check(spec, in: .template, &errors, claims: claims)
        ProfileRules.matchAnnotations(bare["annotations"], of: spec, &errors)
        if !spec["ephemeralContainers"].isEmpty {
            errors.forbidden(spec["ephemeralContainers"], "ephemeral containers not allowed in pod template")
        }
    }

    /// A `PodSpec`.
    static func check(_ spec: Fields, in place: Place, _ errors: inout FieldErrors, claims: [String] = []) {
        errors.requireSet(spec["terminationGracePeriodSeconds"])
        let volumes = VolumeRules.volumes(spec["volumes"], owner: place.volumeOwner, &errors, claims: claims)
        resourceClaims(spec["resourceClaims"], &errors)
        let claimNames = Set(spec["resourceClaims"].items.map { $0.fields["name"].text }.filter { !$0.isEmpty })
        ContainerRules.containers(of: spec, volumes: volumes, claims: claimNames, &errors)
        if spec["resources"].isSet { PodResourceRules.check(spec, claims: claimNames, &errors) }
        hostPorts(spec, in: place, &errors)
        errors.requireOne(of: restartPolicies, spec["restartPolicy"])
        errors.requireOne(of: dnsPolicies, spec["dnsPolicy"])
        errors.labels(spec["nodeSelector"])
        SecurityRules.pod(spec.fields("securityContext"), spec: spec, &errors)
        AffinityRules.check(spec.ifPresent("affinity"), &errors)
        dns(spec, &errors)
        gates(spec, &errors)
        AffinityRules.spread(spec["topologySpreadConstraints"], &errors)
        WindowsRules.hostProcesses(of: spec, &errors)
        SecurityRules.userNamespace(of: spec, &errors)
        names(spec, &errors)
        tolerations(spec["tolerations"], &errors)
        hostAliases(spec["hostAliases"], &errors)
        errors.shape(NameRules.problemsOfSubdomain, spec["priorityClassName"])
        if spec["runtimeClassName"].isSet {
            errors.add(NameRules.problemsOfSubdomain(spec["runtimeClassName"].text), at: spec["runtimeClassName"])
        }
        if spec["preemptionPolicy"].isSet {
            errors.requireOne(of: ["PreemptLowerPriority", "Never"], spec["preemptionPolicy"])
        }
        let overhead = spec["overhead"]
        if overhead.isSet { ResourceRules.overhead(overhead, at: overhead.path, &errors) }
        operatingSystem(spec, &errors)
    }

    /// A pod's projected token is that of its service account, which admission has set.
    private static func tokens(_ spec: Fields, _ errors: inout FieldErrors) {
        guard spec["serviceAccountName"].isEmpty else { return }
        for volume in spec["volumes"].items {
            for source in volume.fields.fields("projected")["sources"].items {
                let token = source.fields["serviceAccountToken"]
                if token.isSet { errors.forbidden(token, "must not be specified when serviceAccountName is not set") }
            }
        }
    }

    /// The name that a pod has for itself, in place of its own.
    private static func hostnameOverride(_ spec: Fields, _ errors: inout FieldErrors) {
        let name = spec["hostnameOverride"]
        guard name.isSet else { return }
        if spec["setHostnameAsFQDN"].bool == true {
            errors.forbidden(name, "may not be specified when setHostnameAsFQDN is true")
        }
        if spec["hostNetwork"].bool == true {
            errors.forbidden(name, "may not be specified when hostNetwork is true")
        }
        if name.text.utf8.count > maximumHostnameLength {
            errors.add(.tooLong(name.path, maximumBytes: maximumHostnameLength))
        }
        errors.add(NameRules.problemsOfSubdomain(name.text), at: name)
    }

    private static func names(_ spec: Fields, _ errors: inout FieldErrors) {
        errors.shape(NameRules.problemsOfSubdomain, spec["serviceAccountName"])
        errors.shape(NameRules.problemsOfSubdomain, spec["nodeName"])
        errors.range(seconds, spec["activeDeadlineSeconds"])
        errors.shape(NameRules.problemsOfLabel, spec["hostname"])
        errors.shape(NameRules.problemsOfLabel, spec["subdomain"])
        hostnameOverride(spec, &errors)
    }

    /// On the host's network a container's port is the host's.
    private static func hostPorts(_ spec: Fields, in place: Place, _ errors: inout FieldErrors) {
        guard spec["hostNetwork"].bool == true else { return }
        for container in spec["containers"].items {
            for port in container.fields["ports"].items.map(\.fields) {
                let host = port["hostPort"]
                if place == .template, (host.int ?? 0) == 0 { continue }
                if (host.int ?? 0) != (port["containerPort"].int ?? 0) {
                    errors.add(
                        ["must match `containerPort` when `hostNetwork` is true"], at: port.path.child("hostPort"),
                        value: host.value ?? 0)
                }
            }
        }
    }

    private static func resourceClaims(_ claims: FieldValue, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for claim in claims.items {
            let (fields, name) = (claim.fields, claim.fields["name"])
            if errors.require(name) {
                if !names.insert(name.text).inserted {
                    errors.duplicate(name)
                } else {
                    errors.shape(NameRules.problemsOfLabel, name)
                }
            }
            let sources = ["resourceClaimName", "resourceClaimTemplateName"].filter { fields[$0].isSet }
            if sources.count == 2 {
                errors.add(
                    ["at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"],
                    at: claim.path, value: shown(fields))
            } else if sources.isEmpty {
                errors.add(
                    ["must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"], at: claim.path,
                    value: shown(fields))
            }
            for source in sources { errors.shape(NameRules.problemsOfSubdomain, fields[source]) }
        }
    }

    /// A claim as messages show it: by the names of Kubernetes' internal fields.
    private static func shown(_ claim: Fields) -> JSON {
        [
            "Name": .string(claim["name"].text), "ResourceClaimName": claim["resourceClaimName"].value ?? .null,
            "ResourceClaimTemplateName": claim["resourceClaimTemplateName"].value ?? .null,
        ]
    }

    private static func operatingSystem(_ spec: Fields, _ errors: inout FieldErrors) {
        guard let system = spec.ifPresent("os") else { return }
        let name = system["name"]
        if name.isEmpty { return errors.required(name, "cannot be empty") }
        switch name.text {
        case "linux": OperatingSystemRules.linux(spec, &errors)
        case "windows": OperatingSystemRules.windows(spec, &errors)
        default: errors.add(.notSupported(system.path, name.value ?? "", supported: ["linux", "windows"]))
        }
    }
}

// DNS, gates, tolerations and aliases.
extension PodRules {
    static let maximumNameservers = 3
    static let maximumSearches = 32
    /// Characters of all searches, joined by blanks.
    static let maximumSearchesLength = 2048

    private static func dns(_ spec: Fields, _ errors: inout FieldErrors) {
        let configuration = spec.fields("dnsConfig")
        if spec["dnsPolicy"].text == "None" {
            if !spec["dnsConfig"].isSet {
                return errors.required(spec["dnsConfig"], "must provide `dnsConfig` when `dnsPolicy` is None")
            }
            if configuration["nameservers"].isEmpty {
                return errors.required(
                    configuration["nameservers"], "must provide at least one DNS nameserver when `dnsPolicy` is None")
            }
        }
        let servers = configuration["nameservers"].items
        if servers.count > maximumNameservers {
            errors.invalid(configuration["nameservers"], "must not have more than \(maximumNameservers) nameservers")
        }
        for server in servers { IPRules.address(server, &errors) }
        searches(configuration["searches"], &errors)
        for option in configuration["options"].items where option.fields["name"].isEmpty {
            errors.add(.required(option.path, "must not be empty"))
        }
    }

    private static func searches(_ field: FieldValue, _ errors: inout FieldErrors) {
        let searches = field.items
        if searches.count > maximumSearches {
            errors.invalid(field, "must not have more than \(maximumSearches) search paths")
        }
        if searches.map(\.text).joined(separator: " ").utf8.count > maximumSearchesLength {
            errors.invalid(
                field,
                "must not have more than \(maximumSearchesLength) characters (including spaces) in the search list")
        }
        for search in searches where search.text != "." {
            let text = search.text.hasSuffix(".") ? String(search.text.dropLast()) : search.text
            errors.add(NameRules.problemsOfUnderscoredSubdomain(text), at: search.path, value: .string(text))
        }
    }

    private static func gates(_ spec: Fields, _ errors: inout FieldErrors) {
        for gate in spec["readinessGates"].items.map(\.fields) {
            errors.add(NameRules.problemsOfQualifiedName(gate["conditionType"].text), at: gate["conditionType"])
        }
        var names = Set<String>()
        for gate in spec["schedulingGates"].items {
            let name = gate.fields["name"].text
            errors.add(NameRules.problemsOfQualifiedName(name), at: gate.path, value: .string(name))
            if !names.insert(name).inserted { errors.add(.duplicate(gate.path, .string(name))) }
        }
    }

    static func tolerations(_ field: FieldValue, _ errors: inout FieldErrors) {
        for toleration in field.items.map(\.fields) {
            errors.shape(NameRules.problemsOfLabelKey, toleration["key"])
            let (operation, value) = (toleration["operator"], toleration["value"])
            if toleration["key"].isEmpty, operation.text != "Exists" {
                errors.add(
                    ["operator must be Exists when `key` is empty, which means \"match all values and all keys\""],
                    at: operation)
            }
            if toleration["tolerationSeconds"].isSet, toleration["effect"].text != "NoExecute" {
                errors.add(["effect must be 'NoExecute' when `tolerationSeconds` is set"], at: toleration["effect"])
            }
            switch operation.text {
            case "Equal", "":
                let problems = NameRules.problemsOfLabelValue(value.text)
                if !problems.isEmpty {
                    errors.add([problems.joined(separator: ";")], at: operation.path, value: value.value ?? "")
                }
            case "Exists":
                if !value.isEmpty {
                    errors.add(
                        ["value must be empty when `operator` is 'Exists'"], at: operation.path,
                        value: value.value ?? "")
                }
            default: errors.oneOf(["Equal", "Exists"], operation)
            }
            if !toleration["effect"].isEmpty { errors.oneOf(tolerationEffects, toleration["effect"]) }
        }
    }

    private static func hostAliases(_ field: FieldValue, _ errors: inout FieldErrors) {
        for alias in field.items.map(\.fields) {
            IPRules.address(alias["ip"], &errors)
            for name in alias["hostnames"].items { errors.add(NameRules.problemsOfSubdomain(name.text), at: name) }
        }
    }
}
