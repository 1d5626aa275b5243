import APIMachinery
import JSON

/// What writers of pods and of what makes pods are told of the pod's spec (`pkg/api/pod/warnings.go`).
enum PodWarnings {
    private static let deprecatedNodeLabels = [
        "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
        "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
        "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
        "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
        "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
    ]
    private static let deprecatedVolumes = [
        ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ]
    private static let deprecatedAnnotations = [
        (
            "scheduler.alpha.kubernetes.io/critical-pod",
            "non-functional in v1.16+; use the \"priorityClassName\" field instead"
        )
    ]

    /// - Parameter template: a pod, or a template of pods.
    static func warnings(of template: Fields, place: FieldPath) -> [String] {
        let spec = Fields(template.fields("spec").members, at: place.child("spec"))
        var list: [String] = []
        nodeLabels(spec, &list)
        nullSelectors(spec, &list)
        annotations(template, at: place.child("metadata", "annotations"), &list)
        lists(spec, &list)
        volumes(spec, &list)
        overhead(spec, &list)
        for container in spec["containers"].items + spec["initContainers"].items + spec["ephemeralContainers"].items {
            self.container(container.fields, &list)
        }
        ports(spec, &list)
        return list
    }

    /// A node label of the time before, and what to write in its place.
    static func deprecation(ofNodeLabel key: String) -> (since: String, successor: String)? {
        deprecatedNodeLabels[key].map { (since: $0.0, successor: $0.1) }
    }

    private static func nodeLabels(_ spec: Fields, _ list: inout [String]) {
        for label in spec["nodeSelector"].entries {
            guard let (version, successor) = deprecatedNodeLabels[label.key] else { continue }
            list.append("\(label.field.path): deprecated since \(version); use \"\(successor)\" instead")
        }
        let affinity = spec.fields("affinity").fields("nodeAffinity")
        let required = affinity.fields("requiredDuringSchedulingIgnoredDuringExecution")
        for term in required["nodeSelectorTerms"].items { list += termWarnings(of: term.fields) }
        for preference in affinity["preferredDuringSchedulingIgnoredDuringExecution"].items {
            list += termWarnings(of: preference.fields.fields("preference"))
        }
        for constraint in spec["topologySpreadConstraints"].items.map(\.fields) {
            let key = constraint["topologyKey"]
            guard let (version, successor) = deprecatedNodeLabels[key.text] else { continue }
            list.append(
                "\(key.path): \(key.text) is deprecated since \(version); use \"\(successor)\" instead")
        }
    }

    /// What is said of the labels in a term of a node selector.
    static func termWarnings(of term: Fields) -> [String] {
        term["matchExpressions"].items.compactMap { requirement in
            let key = requirement.fields["key"]
            guard let (version, successor) = deprecatedNodeLabels[key.text] else { return nil }
            return "\(key.path): \(key.text) is deprecated since \(version); use \"\(successor)\" instead"
        }
    }

    /// Selectors that are left out match nothing, which few mean.
    private static func nullSelectors(_ spec: Fields, _ list: inout [String]) {
        let why = "a null labelSelector results in matching no pod"
        func check(_ owner: Fields) {
            if !owner["labelSelector"].isSet { list.append("\(owner.path.child("labelSelector")): \(why)") }
        }
        for constraint in spec["topologySpreadConstraints"].items { check(constraint.fields) }
        for name in ["podAffinity", "podAntiAffinity"] {
            let affinity = spec.fields("affinity").fields(name)
            for term in affinity["requiredDuringSchedulingIgnoredDuringExecution"].items { check(term.fields) }
            for preference in affinity["preferredDuringSchedulingIgnoredDuringExecution"].items {
                check(preference.fields.fields("podAffinityTerm"))
            }
        }
    }

    private static func annotations(_ template: Fields, at path: FieldPath, _ list: inout [String]) {
        guard let annotations = template.fields("metadata")["annotations"].value?.objectValue else { return }
        for (key, why) in deprecatedAnnotations where annotations.has(key) { list.append("\(path.key(key)): \(why)") }
        for annotation in annotations {
            if annotation.key.hasPrefix("seccomp.security.alpha.kubernetes.io/pod") {
                list.append(
                    "\(path.key(annotation.key)): non-functional in v1.27+; use the \"seccompProfile\" field instead")
            } else if annotation.key.hasPrefix("container.seccomp.security.alpha.kubernetes.io/") {
                list.append(
                    "\(path.key(annotation.key)): non-functional in v1.27+; use the \"seccompProfile\" field instead")
            } else if annotation.key.hasPrefix("container.apparmor.security.beta.kubernetes.io/") {
                list.append(
                    "\(path.key(annotation.key)): deprecated since v1.30; use the \"appArmorProfile\" field instead")
            }
        }
    }

    /// Lists in which a name comes twice, so that an apply would drop one.
    private static func lists(_ spec: Fields, _ list: inout [String]) {
        var addresses = Set<String>()
        for alias in spec["hostAliases"].items.map({ $0.fields["ip"] }) {
            if !addresses.insert(alias.text).inserted { list.append("\(alias.path): duplicate ip \"\(alias.text)\"") }
            if let warning = IPWarnings.address(alias) { list.append(warning) }
        }
        var secrets = Set<String>()
        for secret in spec["imagePullSecrets"].items.map({ $0.fields["name"] }) {
            if secret.text.isEmpty {
                list.append("\(secret.path): invalid empty name \"\"")
            } else if !secrets.insert(secret.text).inserted {
                list.append("\(secret.path): duplicate name \"\(secret.text)\"")
            }
        }
        if let seconds = spec["terminationGracePeriodSeconds"].int, seconds < 0 {
            list.append(
                "\(spec.path.child("terminationGracePeriodSeconds")): must be >= 0; negative values are invalid and will be treated as 1"
            )
        }
        for server in spec.fields("dnsConfig")["nameservers"].items {
            if let warning = IPWarnings.address(server) { list.append(warning) }
        }
    }

    private static func volumes(_ spec: Fields, _ list: inout [String]) {
        for volume in spec["volumes"].items.map(\.fields) {
            for (name, why) in deprecatedVolumes where volume[name].isSet {
                list.append("\(volume.path.child(name)): \(why)")
            }
            let template = volume.fields("ephemeral").fields("volumeClaimTemplate").fields("spec")
            fractions(of: template.fields("resources"), &list)
            overlaps(of: volume, &list)
        }
    }

    /// Files of one volume that stand in one another's way.
    private static func overlaps(of volume: Fields, _ list: inout [String]) {
        let sources = volume.fields("projected")["sources"].items.map(\.fields)
        let tokens = sources.filter { $0["serviceAccountToken"].isSet }
        for token in tokens.dropFirst()
        where tokens.first?["serviceAccountToken"].value == token["serviceAccountToken"].value {
            list.append("\(token.path): conflicting duplicate serviceAccountToken")
        }
    }

    private static func overhead(_ spec: Fields, _ list: inout [String]) {
        for amount in spec["overhead"].entries { fraction(amount.key, amount.field, &list) }
        fractions(of: spec.fields("resources"), &list)
    }

    private static func container(_ container: Fields, _ list: inout [String]) {
        variables(container["env"], &list)
        fractions(of: container.fields("resources"), &list)
    }

    private static func variables(_ field: FieldValue, _ list: inout [String]) {
        var names = Set<String>()
        for variable in field.items {
            let name = variable.fields["name"].text
            if !names.insert(name).inserted {
                list.append(
                    "\(variable.path): hides previous definition of \"\(name)\", which may be dropped when using apply")
            }
        }
    }

    /// Bytes are whole.
    static func fractions(of resources: Fields, _ list: inout [String]) {
        for name in ["limits", "requests"] {
            for entry in resources[name].entries { fraction(entry.key, entry.field, &list) }
        }
    }

    static func fraction(_ name: String, _ field: FieldValue, _ list: inout [String]) {
        guard ["memory", "ephemeral-storage", "storage"].contains(name),
            let amount = ResourceRules.quantity(field.value), amount.milliValue % 1000 != 0
        else { return }
        list.append("\(field.path): fractional byte value \"\(amount)\" is invalid, must be an integer")
    }

    private struct Port {
        var path: FieldPath
        var hostIP: String
        var hostPort: Int64
    }

    /// Ports that two containers, or one twice, declare.
    private static func ports(_ spec: Fields, _ list: inout [String]) {
        var declared: [String: [Port]] = [:]
        var names: [String: FieldPath] = [:]
        let containers = ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0].items }
        for port in containers.flatMap({ $0.fields["ports"].items }) {
            let fields = port.fields
            let key = "\(fields["containerPort"].int ?? 0)/\(fields["protocol"].text)"
            let own = Port(path: port.path, hostIP: fields["hostIP"].text, hostPort: fields["hostPort"].int ?? 0)
            list += (declared[key] ?? []).compactMap { conflict(of: own, with: $0) }
            declared[key, default: []].append(own)
            let name = fields["name"].text
            guard !name.isEmpty else { continue }
            if let first = names[name] {
                list.append(
                    "\(port.path): duplicate port name \"\(name)\" with \(first), services and probes that select ports "
                        + "by name will use \(first)")
            } else {
                names[name] = port.path
            }
        }
    }

    private static func conflict(of port: Port, with other: Port) -> String? {
        let what: String
        if port.hostIP == other.hostIP, port.hostPort == other.hostPort {
            what = "duplicate"
        } else if port.hostPort == 0 || other.hostPort == 0 {
            what = "overlapping"
        } else if port.hostPort == other.hostPort, port.hostIP.isEmpty != other.hostIP.isEmpty {
            what = "dangerously ambiguous"
        } else {
            return nil
        }
        return "\(port.path): \(what) port definition with \(other.path)"
    }
}

/// What is said of addresses that may be read in more than one way.
enum IPWarnings {
    /// A v6 address that is not in the form of RFC 5952.
    static func address(_ field: FieldValue) -> String? {
        guard let address = IPAddress(field.text), address.family == .v6, address.description != field.text else {
            return nil
        }
        return "\(field.path): IPv6 address \"\(field.text)\" should be in RFC 5952 canonical format (\"\(address)\")"
    }

    /// A block that is not written by its first address.
    static func block(_ field: FieldValue) -> String? {
        guard let block = IPAddressBlock(field.text) else { return nil }
        let length = field.text.drop { $0 != "/" }
        if block.address != block.first {
            return
                "\(field.path): CIDR value \"\(field.text)\" is ambiguous in this context (should be \"\(block.first)\(length)\" or \"\(block.address)/\(block.address.family.bitWidth)\"?)"
        }
        let canonical = "\(block.address)\(length)"
        guard block.address.family == .v6, canonical != field.text else { return nil }
        return
            "\(field.path): IPv6 CIDR value \"\(field.text)\" should be in RFC 5952 canonical format (\"\(canonical)\")"
    }
}
