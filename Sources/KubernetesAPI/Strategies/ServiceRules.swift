import APIMachinery
import JSON

/// What a service may look like (`ValidateService`).
enum ServiceRules {
    static let families = ["IPv4", "IPv6"]
    static let familyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"]
    static let protocols = ["SCTP", "TCP", "UDP"]
    /// Seconds for which a client may stay with its endpoint: a day.
    static let maximumAffinitySeconds: Int64 = 86400

    static func service(_ service: Fields, _ errors: inout FieldErrors) {
        let spec = service.fields("spec")
        let type = spec["type"].text
        annotations(service.fields("metadata")["annotations"], &errors)
        let isHeadless = ServiceFields.isHeadless(spec.members)
        if spec["ports"].isEmpty, !isHeadless, type != "ExternalName" { errors.required(spec["ports"]) }
        switch type {
        case "LoadBalancer", "NodePort":
            if isHeadless {
                errors.add(
                    ["may not be set to 'None' for \(type) services"], at: spec.path.child("clusterIPs").index(0),
                    value: "None")
            }
        case "ExternalName": externalName(spec, &errors)
        default: break
        }
        ports(spec, &errors)
        errors.labels(spec["selector"])
        sessionAffinity(spec, &errors)
        checkClusterIPs(spec, &errors)
        for address in spec["externalIPs"].items { externalIP(address, &errors) }
        errors.requireOne(of: ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], spec["type"])
        nodePorts(spec, &errors)
        uniquePorts(spec, &errors)
        if spec["loadBalancerSourceRanges"].isEmpty {
            annotatedRanges(service.fields("metadata")["annotations"], type: type, &errors)
        }
        loadBalancer(spec, type: type, &errors)
        trafficPolicies(spec, &errors)
        errors.oneOf(["PreferClose", "PreferSameNode", "PreferSameZone"], spec["trafficDistribution"])
    }

    private static let topologyMode = "service.kubernetes.io/topology-mode"
    private static let topologyHints = "service.kubernetes.io/topology-aware-hints"
    private static let sourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges"

    /// The older and the newer annotation of one meaning say the same.
    private static func annotations(_ annotations: FieldValue, _ errors: inout FieldErrors) {
        guard let texts = annotations.value?.objectValue, let mode = texts.string(topologyMode),
            let hints = texts.string(topologyHints), mode != hints
        else { return }
        errors.add(
            ["must match annotations[\(topologyHints)] when both are specified"],
            at: annotations.path.key(topologyMode),
            value: .string(mode))
    }

    private static func externalName(_ spec: Fields, _ errors: inout FieldErrors) {
        for name in ["clusterIPs", "ipFamilies"] where !spec[name].isEmpty {
            errors.forbidden(spec[name], "may not be set for ExternalName services")
        }
        if spec["ipFamilyPolicy"].isSet {
            errors.forbidden(spec["ipFamilyPolicy"], "may not be set for ExternalName services")
        }
        let name = spec["externalName"]
        let text = name.text.hasSuffix(".") ? String(name.text.dropLast()) : name.text
        if text.isEmpty { return errors.required(name) }
        errors.add(NameRules.problemsOfSubdomain(text), at: name.path, value: .string(text))
    }

    /// The ranges of clients, where they stand in an annotation.
    private static func annotatedRanges(_ annotations: FieldValue, type: String, _ errors: inout FieldErrors) {
        guard let text = annotations.value?[sourceRanges]?.stringValue else { return }
        let path = annotations.path.key(sourceRanges)
        if type != "LoadBalancer" {
            errors.add(.forbidden(path, "may only be used when `type` is 'LoadBalancer'"))
        }
        if trimmed(text).isEmpty { return }
        for range in text.split(separator: ",", omittingEmptySubsequences: false) {
            block(trimmed(range), at: path, &errors)
        }
    }

    private static func block(_ text: String, at path: FieldPath, _ errors: inout FieldErrors) {
        errors.add(IPRules.problemsOfBlock(text), at: path, value: .string(text))
    }

    /// A text without blanks around it.
    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.prefix(start.count - start.reversed().prefix(while: \.isWhitespace).count))
    }

    private static func ports(_ spec: Fields, _ errors: inout FieldErrors) {
        let ports = spec["ports"].items
        var names = Set<String>()
        for field in ports {
            let port = field.fields
            let name = port["name"]
            if name.isEmpty {
                if ports.count > 1 { errors.required(name) }
            } else {
                errors.add(NameRules.problemsOfLabel(name.text), at: name)
                if !names.insert(name.text).inserted { errors.duplicate(name) }
            }
            errors.port(port["port"])
            errors.requireOne(of: protocols, port["protocol"])
            errors.portOrName(port["targetPort"])
            errors.shapeIfSet(NameRules.problemsOfQualifiedName, port["appProtocol"])
        }
    }

    /// No two ports have one node port and protocol.
    private static func nodePorts(_ spec: Fields, _ errors: inout FieldErrors) {
        let ports = spec["ports"].items.map(\.fields).filter { ($0["nodePort"].int ?? 0) != 0 }
        if spec["type"].text == "ClusterIP" {
            for port in ports {
                errors.forbidden(port["nodePort"], "may not be used when `type` is 'ClusterIP'")
            }
        }
        var seen = Set<[String]>()
        for port in ports {
            let number = port["nodePort"]
            if !seen.insert([port["protocol"].text, "\(number.int ?? 0)"]).inserted { errors.duplicate(number) }
        }
    }

    /// No two ports have one number and protocol.
    private static func uniquePorts(_ spec: Fields, _ errors: inout FieldErrors) {
        var seen = Set<[String]>()
        for port in spec["ports"].items {
            let members = port.fields
            let key = [members["protocol"].text, "\(members["port"].int ?? 0)"]
            if !seen.insert(key).inserted { errors.add(.duplicate(port.path, portKey(members))) }
        }
    }

    /// The number and protocol of a port, as messages show it.
    private static func portKey(_ port: Fields) -> JSON {
        [
            "Name": "", "Protocol": .string(port["protocol"].text), "AppProtocol": .null,
            "Port": port["port"].value ?? 0, "TargetPort": 0, "NodePort": 0,
        ]
    }

    private static func sessionAffinity(_ spec: Fields, _ errors: inout FieldErrors) {
        errors.requireOne(of: ["ClientIP", "None"], spec["sessionAffinity"])
        let configuration = spec["sessionAffinityConfig"]
        switch spec["sessionAffinity"].text {
        case "None":
            if configuration.isSet {
                errors.forbidden(
                    configuration, "must not be set when session affinity is None")
            }
        case "ClientIP":
            guard configuration.isSet else {
                return errors.required(configuration, "when session affinity type is ClientIP")
            }
            let client = configuration.fields["clientIP"]
            guard client.isSet else { return errors.required(client, "when session affinity type is ClientIP") }
            let timeout = client.fields["timeoutSeconds"]
            guard let seconds = timeout.int else {
                return errors.required(timeout, "when session affinity type is ClientIP")
            }
            if !(1...maximumAffinitySeconds).contains(seconds) {
                errors.invalid(timeout, "must be greater than 0 and less than \(maximumAffinitySeconds)")
            }
        default: return
        }
    }

    private static func loadBalancer(_ spec: Fields, type: String, _ errors: inout FieldErrors) {
        let isBalanced = type == "LoadBalancer"
        let ranges = spec["loadBalancerSourceRanges"]
        if !ranges.isEmpty {
            // The path is spelt with a capital in Kubernetes.
            let path = spec.path.child("LoadBalancerSourceRanges")
            if !isBalanced {
                errors.add(.forbidden(path, "may only be used when `type` is 'LoadBalancer'"))
            }
            for (index, range) in ranges.items.enumerated() {
                block(trimmed(range.text), at: path.index(index), &errors)
            }
        }
        let allocates = spec["allocateLoadBalancerNodePorts"]
        if isBalanced, !allocates.isSet {
            errors.add(.required(FieldPath("allocateLoadBalancerNodePorts")))
        } else if !isBalanced, allocates.isSet {
            errors.forbidden(allocates, "may only be used when `type` is 'LoadBalancer'")
        }
        balancerClass(spec, &errors)
    }

    private static func balancerClass(_ spec: Fields, _ errors: inout FieldErrors) {
        let balancer = spec["loadBalancerClass"]
        if spec["type"].text == "LoadBalancer" {
            errors.shapeIfSet(NameRules.problemsOfQualifiedName, balancer)
        } else if balancer.isSet {
            errors.forbidden(balancer, "may only be used when `type` is 'LoadBalancer'")
        }
    }

    private static func trafficPolicies(_ spec: Fields, _ errors: inout FieldErrors) {
        let policies = ["Cluster", "Local"]
        let external = spec["externalTrafficPolicy"]
        let isExternal = ServiceFields.isExternal(spec.members)
        if isExternal {
            errors.requireOne(of: policies, external)
        } else if !external.isEmpty {
            errors.invalid(external, "may only be set for externally-accessible services")
        }
        let health = spec["healthCheckNodePort"]
        if ServiceFields.needsHealthCheckNodePort(spec.members) {
            if (health.int ?? 0) == 0 {
                errors.required(health)
            } else {
                errors.port(health)
            }
        } else if (health.int ?? 0) != 0 {
            errors.invalid(
                health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
        }
        if ServiceFields.needsClusterIP(spec.members) { errors.requireSet(spec["internalTrafficPolicy"]) }
        errors.oneOf(policies, spec["internalTrafficPolicy"])
    }

    /// An address from without: none that is special.
    private static func externalIP(_ field: FieldValue, _ errors: inout FieldErrors) {
        let problems = IPRules.problemsOfAddress(field.text)
        errors.add(problems.isEmpty ? IPRules.problemsOfSpecial(field.text) : problems, at: field)
    }
}

// Cluster addresses and their families.
extension ServiceRules {
    /// Rules that tie `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`; also asked before an allocation
    /// (`ValidateServiceClusterIPsRelatedFields`).
    static func checkClusterIPs(_ spec: Fields, _ errors: inout FieldErrors) {
        if spec["type"].text == "ExternalName" { return }
        firstAddress(spec, &errors)
        families(spec, &errors)
        let clusterIPs = spec["clusterIPs"]
        let areRight = addresses(clusterIPs, &errors)
        let list = clusterIPs.items
        if list.count > 2 { errors.invalid(clusterIPs, "may only hold up to 2 values") }
        guard areRight, list.first?.text != "None" else { return }
        if list.count > 1, Set(list.compactMap { IPAddress($0.text)?.family }).count < 2 {
            errors.invalid(clusterIPs, "may specify no more than one IP for each IP family")
        }
        matchFamilies(list, spec["ipFamilies"].items, &errors)
    }

    /// `clusterIP` is the first of `clusterIPs`.
    private static func firstAddress(_ spec: Fields, _ errors: inout FieldErrors) {
        let (clusterIP, clusterIPs) = (spec["clusterIP"], spec["clusterIPs"])
        if clusterIP.isEmpty {
            if !clusterIPs.isEmpty { errors.invalid(clusterIPs, "must be empty when `clusterIP` is not specified") }
        } else if let first = clusterIPs.items.first {
            if first.text != clusterIP.text { errors.invalid(clusterIPs, "first value must match `clusterIP`") }
        } else {
            errors.required(clusterIPs)
        }
    }

    private static func families(_ spec: Fields, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for family in spec["ipFamilies"].items {
            errors.oneOf(families, family)
            if !seen.insert(family.text).inserted { errors.duplicate(family) }
        }
        errors.oneOf(familyPolicies, spec["ipFamilyPolicy"])
    }

    /// - Returns: whether the list holds addresses, or `None` alone.
    private static func addresses(_ clusterIPs: FieldValue, _ errors: inout FieldErrors) -> Bool {
        var areRight = true
        for (index, address) in clusterIPs.items.enumerated() {
            if index == 0, address.text == "None" {
                guard clusterIPs.items.count > 1 else { continue }
                errors.invalid(clusterIPs, "'None' must be the first and only value")
                areRight = false
            } else {
                let problems = IPRules.problemsOfAddress(address.text)
                errors.add(problems, at: address)
                areRight = areRight && problems.isEmpty
            }
        }
        return areRight
    }

    private static func matchFamilies(
        _ list: [FieldValue], _ families: [FieldValue], _ errors: inout FieldErrors
    ) {
        for (index, (address, family)) in zip(list, families).enumerated()
        where self.families.contains(family.text) && IPAddress(address.text)?.family.rawValue != family.text {
            errors.invalid(address, "expected an \(family.text) value as indicated by `ipFamilies[\(index)]`")
        }
    }

    static func update(_ service: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (service.fields("spec"), old.fields("spec"))
        if spec["type"].text != "ExternalName", stored["type"].text != "ExternalName" {
            keptAddresses(spec, stored, &errors)
            keptFamilies(spec, stored, &errors)
        }
        if spec["type"].text == "LoadBalancer", stored["type"].text == "LoadBalancer",
            spec["loadBalancerClass"].value != stored["loadBalancerClass"].value
        {
            errors.invalid(spec["loadBalancerClass"], "may not change once set")
        }
        balancerClass(spec, &errors)
        if ServiceFields.needsHealthCheckNodePort(stored.members), ServiceFields.needsHealthCheckNodePort(spec.members),
            spec["healthCheckNodePort"].value != stored["healthCheckNodePort"].value
        {
            errors.forbidden(spec["healthCheckNodePort"], "field is immutable")
        }
    }

    /// The first address stays; a second one may come and go (`validateUpgradeDowngradeClusterIPs`).
    private static func keptAddresses(_ spec: Fields, _ stored: Fields, _ errors: inout FieldErrors) {
        let isHeadless = [spec, stored].map { ServiceFields.isHeadless($0.members) }
        if isHeadless.allSatisfy({ $0 }) { return }
        let (field, addresses, before) = (spec["clusterIPs"], spec["clusterIPs"].items, stored["clusterIPs"].items)
        if before.count > addresses.count, addresses.isEmpty {
            errors.add(
                ["primary clusterIP can not be unset"], at: field.path.index(0), value: field.value ?? .null)
        }
        // Of lists that are as long as each other all is compared, else the first.
        let compared = before.count == addresses.count ? before.count : 1
        for (index, (address, old)) in zip(addresses, before).prefix(compared).enumerated()
        where address.text != old.text {
            errors.add(["may not change once set"], at: field.path.index(index), value: field.value ?? .null)
        }
        if before.count > addresses.count, addresses.count == 1 { mustBeSingle("clusterIP", spec, &errors) }
    }

    private static func keptFamilies(_ spec: Fields, _ stored: Fields, _ errors: inout FieldErrors) {
        if ServiceFields.isHeadless(spec.members) || ServiceFields.isHeadless(stored.members) { return }
        let (field, families, before) = (spec["ipFamilies"], spec["ipFamilies"].items, stored["ipFamilies"].items)
        let path = field.path.index(0)
        if before.count > families.count, spec["clusterIPs"].isEmpty {
            errors.add(["primary ipFamily can not be unset"], at: path, value: field.value ?? .null)
        }
        let isAsLong = before.count == families.count
        for (family, old) in zip(families, before).prefix(isAsLong ? before.count : 1) where family.text != old.text {
            // Where the lists differ in length the addresses are shown.
            let shown = isAsLong ? field : spec["clusterIPs"]
            errors.add(["may not change once set"], at: path, value: shown.value ?? .null)
        }
        if before.count > families.count, families.count == 1 { mustBeSingle("ipFamily", spec, &errors) }
    }

    private static func mustBeSingle(_ released: String, _ spec: Fields, _ errors: inout FieldErrors) {
        guard spec["ipFamilyPolicy"].text != "SingleStack" else { return }
        errors.invalid(
            spec["ipFamilyPolicy"], "must be set to 'SingleStack' when releasing the secondary \(released)")
    }

    static func status(_ service: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let ingress = service.fields("status").fields("loadBalancer")["ingress"]
        if !ingress.isEmpty, service.fields("spec")["type"].text != "LoadBalancer" {
            return errors.forbidden(ingress, "may only be used when `spec.type` is 'LoadBalancer'")
        }
        for point in ingress.items.map(\.fields) {
            if !point["ip"].isEmpty {
                IPRules.address(point["ip"], &errors)
                if errors.require(point["ipMode"], "must be specified when `ip` is set") {
                    errors.oneOf(["Proxy", "VIP"], point["ipMode"])
                }
            } else if point["ipMode"].isSet {
                errors.forbidden(point["ipMode"], "may not be specified when `ip` is not set")
            }
            hostname(point["hostname"], &errors)
        }
    }

    /// The name of a load balancer's point of entry.
    static func hostname(_ field: FieldValue, _ errors: inout FieldErrors) {
        errors.shape(NameRules.problemsOfSubdomain, field)
        if IPAddress(field.text, leadingZeros: .ignored) != nil {
            errors.invalid(field, "must be a DNS name, not an IP address")
        }
    }
}
