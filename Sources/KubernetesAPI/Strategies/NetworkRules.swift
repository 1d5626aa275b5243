import APIMachinery
import JSON

/// What the kinds of `networking.k8s.io` may look like.
enum NetworkRules {
    private static let wildcardRule =
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
        + "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
        + #"regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
    static let classAnnotation = "kubernetes.io/ingress.class"
    private static let pathTypes = ["Exact", "ImplementationSpecific", "Prefix"]

    static func ingress(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        if let backend = spec.ifPresent("defaultBackend") {
            self.backend(backend, &errors)
        } else if spec["rules"].isEmpty {
            errors.add(
                ["either `defaultBackend` or `rules` must be specified"], at: spec.path,
                value: spec["rules"].value ?? .null)
        }
        for rule in spec["rules"].items.map(\.fields) { self.rule(rule, &errors) }
        for tls in spec["tls"].items.map(\.fields) {
            for host in tls["hosts"].items { errors.add(problemsOfHost(host.text), at: host) }
            errors.shape(NameRules.problemsOfSubdomain, tls["secretName"])
        }
        errors.shapeIfSet(NameRules.problemsOfSubdomain, spec["ingressClassName"])
    }

    static func newIngress(_ object: Fields, _ errors: inout FieldErrors) {
        let annotation = object.fields("metadata")["annotations"].value?[classAnnotation]?.stringValue
        let name = object.fields("spec")["ingressClassName"]
        guard let annotation, name.isSet, annotation != name.text else { return }
        errors.add(
            ["must match `ingressClassName` when both are specified"], at: FieldPath("annotations", classAnnotation),
            value: .string(annotation))
    }

    private static func problemsOfHost(_ host: String) -> [String] {
        guard host.contains("*") else { return NameRules.problemsOfSubdomain(host) }
        let isWildcard = host.hasPrefix("*.") && NameRules.problemsOfSubdomain(String(host.dropFirst(2))).isEmpty
        return isWildcard ? [] : [wildcardRule]
    }

    private static func rule(_ rule: Fields, _ errors: inout FieldErrors) {
        let host = rule["host"]
        if !host.isEmpty {
            if IPAddress(host.text, leadingZeros: .ignored) != nil {
                errors.invalid(host, "must be a DNS name, not an IP address")
            }
            errors.add(problemsOfHost(host.text), at: host)
        }
        guard let http = rule.ifPresent("http") else { return }
        guard errors.require(http["paths"]) else { return }
        for path in http["paths"].items.map(\.fields) { self.path(path, &errors) }
    }

    private static func path(_ path: Fields, _ errors: inout FieldErrors) {
        let (type, text) = (path["pathType"], path["path"])
        guard type.isSet else { return errors.required(type, "pathType must be specified") }
        switch type.text {
        case "Exact", "Prefix":
            if !text.text.hasPrefix("/") { errors.add(["must be an absolute path"], at: text) }
            forbiddenParts(of: text, &errors)
        case "ImplementationSpecific":
            if !text.isEmpty, !text.text.hasPrefix("/") { errors.add(["must be an absolute path"], at: text) }
        default: errors.oneOf(pathTypes, type)
        }
        backend(path.fields("backend"), &errors)
    }

    private static func forbiddenParts(of path: FieldValue, _ errors: inout FieldErrors) {
        for part in ["//", "/./", "/../", "%2f", "%2F"] where path.text.contains(part) {
            errors.invalid(path, "must not contain '\(part)'")
        }
        for end in ["/..", "/."] where path.text.hasSuffix(end) { errors.invalid(path, "cannot end with '\(end)'") }
    }

    private static func backend(_ backend: Fields, _ errors: inout FieldErrors) {
        let (resource, service) = (backend.ifPresent("resource"), backend.ifPresent("service"))
        if resource != nil, service != nil {
            return errors.add(["cannot set both resource and service backends"], at: backend.path, value: "")
        }
        if let resource {
            errors.shapeIfSet(NameRules.problemsOfSubdomain, resource["apiGroup"])
            errors.requireShape({ NameRules.problemsOfPathSegment($0) }, resource["kind"])
            errors.requireShape({ NameRules.problemsOfPathSegment($0) }, resource["name"])
            return
        }
        guard let service else {
            return errors.add(["resource or service backend is required"], at: backend.path, value: "")
        }
        errors.requireShape(NameRules.problemsOfLabel, service["name"])
        let port = service.fields("port")
        let hasNumber = (port["number"].int ?? 0) != 0
        if !port["name"].isEmpty, hasNumber {
            errors.add(["cannot set both port name & port number"], at: backend.path, value: "")
        } else if !port["name"].isEmpty {
            errors.add(NameRules.problemsOfPortName(port["name"].text), at: port["name"])
        } else if hasNumber {
            errors.port(port["number"])
        } else {
            errors.add(.required(backend.path, "port name or number is required"))
        }
    }

    static func ingressStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for point in object.fields("status").fields("loadBalancer")["ingress"].items.map(\.fields) {
            if !point["ip"].isEmpty { IPRules.address(point["ip"], &errors) }
            ServiceRules.hostname(point["hostname"], &errors)
        }
    }
}

// Classes of ingresses.
extension NetworkRules {
    /// Bytes of a controller's name.
    private static let maximumControllerLength = 250

    static func ingressClass(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        if spec["controller"].text.utf8.count > maximumControllerLength {
            errors.add(.tooLong(spec["controller"].path, maximumBytes: maximumControllerLength))
        }
        DomainPathRules.check(spec["controller"], &errors)
        guard let parameters = spec.ifPresent("parameters") else { return }
        errors.shapeIfSet(NameRules.problemsOfSubdomain, parameters["apiGroup"])
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, parameters["kind"])
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, parameters["name"])
        errors.requireSet(parameters["scope"])
        errors.oneOf(["Cluster", "Namespace"], parameters["scope"])
        let namespace = parameters["namespace"]
        if parameters["scope"].text == "Namespace" {
            errors.requireSet(namespace, "`parameters.scope` is set to 'Namespace'")
            errors.shapeIfSet(NameRules.problemsOfLabel, namespace)
        } else if parameters["scope"].text == "Cluster", namespace.isSet {
            errors.forbidden(namespace, "`parameters.scope` is set to 'Cluster'")
        }
    }

    static func keepsController(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object.fields("spec")["controller"], old.fields("spec")["controller"])
    }
}

// Network policies.
extension NetworkRules {
    static func policy(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        SelectorRules.check(spec["podSelector"], &errors)
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for rule in spec[direction].items.map(\.fields) {
                for port in rule["ports"].items.map(\.fields) { policyPort(port, &errors) }
                for peer in rule[peers].items { self.peer(peer, &errors) }
            }
        }
        let types = spec["policyTypes"]
        if types.items.count > 2 { return errors.invalid(types, "may not specify more than two policyTypes") }
        for type in types.items { errors.oneOf(["Ingress", "Egress"], type) }
    }

    private static func policyPort(_ port: Fields, _ errors: inout FieldErrors) {
        errors.oneOf(["TCP", "UDP", "SCTP"], port["protocol"])
        let (number, end) = (port["port"], port["endPort"])
        guard number.isSet else {
            if end.isSet { errors.invalid(end, "may not be specified when `port` is not specified") }
            return
        }
        if number.int == nil {
            if end.isSet { errors.invalid(end, "may not be specified when `port` is non-numeric") }
            return errors.portOrName(number)
        }
        errors.port(number)
        if let last = end.int, last < number.int ?? 0 {
            // The value shown is that of the port.
            errors.add(["must be greater than or equal to `port`"], at: end.path, value: number.value ?? 0)
        }
        if end.isSet { errors.port(end) }
    }

    private static func peer(_ peer: FieldValue, _ errors: inout FieldErrors) {
        let fields = peer.fields
        let selectors = ["podSelector", "namespaceSelector"].filter { fields[$0].isSet }
        for name in selectors { SelectorRules.check(fields[name], &errors) }
        if let block = fields.ifPresent("ipBlock") {
            self.block(block, &errors)
            if !selectors.isEmpty { errors.forbidden(peer, "may not specify both ipBlock and another peer") }
        } else if selectors.isEmpty {
            errors.required(peer, "must specify a peer")
        }
    }

    private static func block(_ block: Fields, _ errors: inout FieldErrors) {
        let cidr = block["cidr"]
        guard errors.require(cidr) else { return }
        IPRules.block(cidr, &errors)
        guard let all = IPAddressBlock(cidr.text, leadingZeros: .ignored) else { return }
        for exception in block["except"].items {
            IPRules.block(exception, &errors)
            if let part = IPAddressBlock(exception.text, leadingZeros: .ignored), !all.strictlyContains(part) {
                errors.invalid(exception, "must be a strict subset of `cidr`")
            }
        }
    }
}

// Endpoint slices.
extension NetworkRules {
    private static let maximumEndpoints = 1000
    private static let maximumPorts = 20000
    private static let maximumAddresses = 100
    private static let maximumHints = 8

    static func endpointSlice(_ object: Fields, _ errors: inout FieldErrors) {
        let type = object["addressType"]
        errors.requireOne(of: ["FQDN", "IPv4", "IPv6"], type)
        slicePorts(object["ports"], &errors)
        let endpoints = object["endpoints"]
        if endpoints.items.count > maximumEndpoints {
            return errors.add(.tooMany(endpoints.path, count: endpoints.items.count, maximum: maximumEndpoints))
        }
        for endpoint in endpoints.items.map(\.fields) { self.endpoint(endpoint, type: type.text, &errors) }
    }

    private static func endpoint(_ endpoint: Fields, type: String, _ errors: inout FieldErrors) {
        let addresses = endpoint["addresses"]
        if addresses.isEmpty { errors.required(addresses, "must contain at least 1 address") }
        if addresses.items.count > maximumAddresses {
            errors.add(.tooMany(addresses.path, count: addresses.items.count, maximum: maximumAddresses))
        }
        for address in addresses.items {
            guard type == "IPv4" || type == "IPv6" else {
                if type == "FQDN" { domain(address, &errors) }
                continue
            }
            let problems = IPRules.problemsOfAddress(address.text)
            errors.add(problems, at: address)
            guard problems.isEmpty else { continue }
            if IPAddress(address.text)?.family.rawValue != type {
                // The path is that of the list.
                errors.add(["must be an \(type) address"], at: addresses.path, value: address.value ?? "")
            }
            errors.add(IPRules.problemsOfSpecial(address.text), at: address)
        }
        errors.shapeIfSet(NameRules.problemsOfSubdomain, endpoint["nodeName"])
        errors.shapeIfSet(NameRules.problemsOfLabel, endpoint["hostname"])
        hints(endpoint.fields("hints"), &errors)
    }

    /// A domain of at least two labels, which may end in a dot (`IsFullyQualifiedDomainName`).
    private static func domain(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(field) else { return }
        let name = field.text.hasSuffix(".") ? String(field.text.dropLast()) : field.text
        let problems = NameRules.problemsOfSubdomain(name)
        let labels = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if !problems.isEmpty {
            errors.add([problems.joined(separator: ",")], at: field.path, value: .string(name))
        } else if labels.count < 2 {
            errors.add(
                ["should be a domain with at least two segments separated by dots"], at: field.path,
                value: .string(name))
        } else if let label = labels.first(where: { !NameRules.problemsOfLabel($0).isEmpty }) {
            errors.add(
                [NameRules.problemsOfLabel(label).joined(separator: ",")], at: field.path, value: .string(label))
        }
    }

    private static func hints(_ hints: Fields, _ errors: inout FieldErrors) {
        for list in ["forZones", "forNodes"] {
            let items = hints[list].items
            if items.count > maximumHints {
                errors.add(.tooMany(hints[list].path, count: items.count, maximum: maximumHints))
                continue
            }
            var names = Set<String>()
            for name in items.map({ $0.fields["name"] }) {
                if !names.insert(name.text).inserted { errors.duplicate(name) }
                let problems =
                    list == "forZones"
                    ? NameRules.problemsOfLabelValue(name.text) : NameRules.problemsOfSubdomain(name.text)
                errors.add(problems, at: name.path, value: .string(name.text))
            }
        }
    }

    private static func slicePorts(_ field: FieldValue, _ errors: inout FieldErrors) {
        if field.items.count > maximumPorts {
            return errors.add(.tooMany(field.path, count: field.items.count, maximum: maximumPorts))
        }
        var names = Set<String>()
        for port in field.items.map(\.fields) {
            errors.shape(NameRules.problemsOfLabel, port["name"])
            if !names.insert(port["name"].text).inserted { errors.duplicate(port["name"]) }
            errors.requireSet(port["protocol"])
            errors.oneOf(ServiceRules.protocols, port["protocol"])
            errors.shapeIfSet(NameRules.problemsOfQualifiedName, port["appProtocol"])
        }
    }

    static func keepsAddressType(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["addressType"], old["addressType"])
    }
}
