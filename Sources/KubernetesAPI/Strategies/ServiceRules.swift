import APIMachinery
import JSON

/// What a service may look like (`ValidateService`).
enum ServiceRules {
    static let families = ["IPv4", "IPv6"]
    static let familyPolicies = ["SingleStack", "PreferDualStack", "RequireDualStack"]
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
        for address in spec["externalIPs"].items { nonSpecialIP(address, &errors) }
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
        if IPAddressBlock(text) == nil { errors.add([IPRules.mustBeBlock], at: path, value: .string(text)) }
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
            errors.shape(NameRules.problemsOfQualifiedName, port["appProtocol"])
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
        let balancer = spec["loadBalancerClass"]
        if balancer.isSet {
            if !isBalanced { errors.forbidden(balancer, "may only be used when `type` is 'LoadBalancer'") }
            errors.add(NameRules.problemsOfQualifiedName(balancer.text), at: balancer)
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
        if ServiceFields.needsClusterIP(spec.members) { errors.requireOne(of: policies, spec["internalTrafficPolicy"]) }
    }

    /// An address that is no special one: not of all, of this machine, or of this link.
    static func nonSpecialIP(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard let address = IPAddress(field.text) else {
            return errors.add([IPRules.mustBeAddress], at: field.path, value: field.value ?? "")
        }
        errors.add(IPRules.problemsOfSpecial(address), at: field)
    }
}

// Cluster addresses and their families.
extension ServiceRules {
    /// Rules that tie `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`; also asked before an allocation.
    static func checkClusterIPs(_ spec: Fields, _ errors: inout FieldErrors) {
        if spec["type"].text == "ExternalName" { return }
        families(spec, &errors)
        let (clusterIP, clusterIPs) = (spec["clusterIP"], spec["clusterIPs"])
        let list = clusterIPs.items
        if clusterIP.isEmpty {
            if !list.isEmpty { errors.invalid(clusterIPs, "must be empty when `clusterIP` is not specified") }
            return
        }
        if list.isEmpty { return errors.required(clusterIPs) }
        if list[0].text != clusterIP.text { errors.invalid(clusterIPs, "first value must match `clusterIP`") }
        if list.count > 2 { errors.invalid(clusterIPs, "may only hold up to 2 values") }
        if list[0].text == "None" {
            if list.count > 1 { errors.invalid(list[0], "'None' must be the first and only value") }
            return
        }
        for address in list where IPAddress(address.text) == nil {
            errors.add([IPRules.mustBeAddress], at: address)
        }
        matchFamilies(list, spec["ipFamilies"].items, clusterIPs, &errors)
    }

    private static func families(_ spec: Fields, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for family in spec["ipFamilies"].items {
            errors.oneOf(families, family)
            if !seen.insert(family.text).inserted { errors.duplicate(family) }
        }
        errors.oneOf(familyPolicies, spec["ipFamilyPolicy"])
    }

    private static func matchFamilies(
        _ list: [FieldValue], _ families: [FieldValue], _ clusterIPs: FieldValue, _ errors: inout FieldErrors
    ) {
        let addresses = list.map { IPAddress($0.text) }
        if addresses.count == 2, let first = addresses[0], let second = addresses[1], first.family == second.family {
            errors.invalid(clusterIPs, "may specify no more than one IP for each IP family")
        }
        for (index, address) in addresses.enumerated() {
            guard let address, index < families.count, families[index].text != address.family.rawValue else { continue }
            errors.invalid(
                list[index], "expected an \(families[index].text) value as indicated by `ipFamilies[\(index)]`")
        }
    }

    static func update(_ service: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (service.fields("spec"), old.fields("spec"))
        let isProxied = ServiceFields.needsClusterIP(spec.members) && ServiceFields.needsClusterIP(stored.members)
        if isProxied { keptAddresses(spec, stored, &errors) }
        if spec["type"].text == "LoadBalancer", stored["type"].text == "LoadBalancer",
            spec["loadBalancerClass"].value != stored["loadBalancerClass"].value
        {
            errors.invalid(spec["loadBalancerClass"], "may not change once set")
        }
        if ServiceFields.needsHealthCheckNodePort(stored.members), ServiceFields.needsHealthCheckNodePort(spec.members),
            spec["healthCheckNodePort"].value != stored["healthCheckNodePort"].value
        {
            errors.forbidden(spec["healthCheckNodePort"], "field is immutable")
        }
    }

    private static func keptAddresses(_ spec: Fields, _ stored: Fields, _ errors: inout FieldErrors) {
        let (addresses, before) = (spec["clusterIPs"].items, stored["clusterIPs"].items)
        let path = spec.path.child("clusterIPs")
        for (index, old) in before.enumerated() {
            if index >= addresses.count {
                if index == 0 {
                    errors.add(
                        ["primary clusterIP can not be unset"], at: path.index(0),
                        value: spec["clusterIPs"].value ?? .null)
                } else if spec["ipFamilyPolicy"].text != "SingleStack" {
                    errors.invalid(
                        spec["ipFamilyPolicy"], "must be set to 'SingleStack' when releasing the secondary clusterIP")
                }
            } else if addresses[index].text != old.text {
                errors.add(
                    ["may not change once set"], at: path.index(index), value: spec["clusterIPs"].value ?? .null)
            }
        }
        let (families, familiesBefore) = (spec["ipFamilies"].items, stored["ipFamilies"].items)
        if familiesBefore.count > 1, families.count == 1, addresses.count > 1 || before.count < 2,
            spec["ipFamilyPolicy"].text != "SingleStack"
        {
            errors.invalid(
                spec["ipFamilyPolicy"], "must be set to 'SingleStack' when releasing the secondary ipFamily")
        }
        if let first = families.first, let old = familiesBefore.first, first.text != old.text {
            errors.add(["may not change once set"], at: first.path, value: spec["ipFamilies"].value ?? .null)
        }
    }

    static func status(_ service: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let ingress = service.fields("status").fields("loadBalancer")["ingress"]
        if !ingress.isEmpty, service.fields("spec")["type"].text != "LoadBalancer" {
            return errors.forbidden(ingress, "may only be used when `spec.type` is 'LoadBalancer'")
        }
        for point in ingress.items.map(\.fields) {
            if !point["ip"].isEmpty {
                if IPAddress(point["ip"].text) == nil { errors.add([IPRules.mustBeAddress], at: point["ip"]) }
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
        if IPAddress(field.text) != nil { errors.invalid(field, "must be a DNS name, not an IP address") }
    }
}
