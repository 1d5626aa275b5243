import APIMachinery
import JSON
import Storage

/// `name`, `name:port` or `scheme:name:port`, the forms in which proxies take what they lead to.
struct ProxiedName {
    var scheme = ""
    var name: String
    var port = ""

    /// - Returns: `nil` where the text is none of them.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: name = parts[0]
        case 2:
            name = parts[0]
            port = parts[1]
        case 3:
            guard ["", "http", "https"].contains(parts[0]) else { return nil }
            scheme = parts[0]
            name = parts[1]
            port = parts[2]
        default: return nil
        }
        if name.isEmpty { return nil }
    }
}

/// Where requests lead that reach beyond the server, and why some lead nowhere: read from the objects of one snapshot.
struct ConnectTargets {
    let snapshot: Snapshot
    let namespace: String

    /// The order in which a node's addresses are tried (kube-apiserver's default).
    private static let preferredAddresses = [
        "Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP",
    ]
    private static let defaultNodePort: Int64 = 10250

    private func object(_ plural: String, _ namespace: String?, _ name: String) throws -> JSON {
        let key = ObjectKey(resource: ResourceKey(group: "", resource: plural), namespace: namespace, name: name)
        guard let object = snapshot[key] else {
            throw APIStatus.notFound(GroupResource(group: "", resource: plural), name: name)
        }
        return try JSON(parsing: object.bytes)
    }

    func pod(_ name: String) throws -> JSON { try object("pods", namespace, name) }

    // MARK: Nodes

    /// Where a node's agent listens.
    func node(_ name: String) throws -> TCPDial {
        let status = try object("nodes", nil, name)["status"] ?? [:]
        let addresses = status["addresses"]?.arrayValue ?? []
        let port = status["daemonEndpoints"]?["kubeletEndpoint"]?["Port"]?.intValue ?? 0
        for type in Self.preferredAddresses {
            guard let address = addresses.first(where: { $0["type"]?.stringValue == type })?["address"]?.stringValue
            else { continue }
            return TCPDial(host: address, port: String(port == 0 ? Self.defaultNodePort : port))
        }
        let known = addresses.map { "{\($0["type"]?.stringValue ?? "") \($0["address"]?.stringValue ?? "")}" }
        throw APIStatus.unclassified(
            "no preferred addresses found; known addresses: [\(known.joined(separator: " "))]")
    }

    /// Where the agent of a pod's node listens.
    /// - Returns: `nil` where the pod has no node.
    func node(of pod: JSON) throws -> TCPDial? {
        let name = pod["spec"]?["nodeName"]?.stringValue ?? ""
        return name.isEmpty ? nil : try node(name)
    }

    // MARK: Containers

    /// The container that is meant: the one that is named, or the only one.
    static func container(_ requested: String, of pod: JSON) throws(APIStatus) -> String {
        let name = pod.metadataText("name")
        let regular = names("containers", pod)
        let lists = [
            ("", regular), ("init", names("initContainers", pod)), ("ephemeral", names("ephemeralContainers", pod)),
        ]
        if !requested.isEmpty {
            if lists.contains(where: { $0.1.contains(requested) }) { return requested }
            throw .badRequest("container \(requested) is not valid for pod \(name)")
        }
        if regular.count == 1 { return regular[0] }
        var text = "a container name must be specified for pod \(name)"
        if regular.isEmpty { throw .badRequest(text) }
        text += ", choose one of: [\(regular.joined(separator: " "))]"
        for (sort, names) in lists.dropFirst() where !names.isEmpty {
            text += " or one of the \(sort) containers: [\(names.joined(separator: " "))]"
        }
        throw .badRequest(text)
    }

    private static func names(_ list: String, _ pod: JSON) -> [String] {
        (pod["spec"]?[list]?.arrayValue ?? []).map { $0["name"]?.stringValue ?? "" }
    }

    // MARK: Proxies

    /// A pod's own address, and the port that is named or the first that it declares.
    func proxied(pod id: String) throws -> TCPDial {
        guard let proxied = ProxiedName(id) else { throw APIStatus.badRequest("invalid pod request \(quoted(id))") }
        let pod = try pod(proxied.name)
        let ip = pod["status"]?["podIP"]?.stringValue ?? ""
        guard IPAddress(ip)?.isGlobalUnicast == true else { throw APIStatus.badRequest("address not allowed") }
        let declared = (pod["spec"]?["containers"]?.arrayValue ?? []).lazy
            .compactMap { $0["ports"]?.arrayValue?.first?["containerPort"]?.intValue }.first
        let standard = proxied.scheme == "https" ? "443" : "80"
        let port = proxied.port.isEmpty ? declared.map { String($0) } ?? standard : proxied.port
        return TCPDial(host: ip, port: port)
    }

    func proxied(node id: String) throws -> TCPDial {
        guard let proxied = ProxiedName(id) else { throw APIStatus.badRequest("invalid node request \(quoted(id))") }
        var dial = try node(proxied.name)
        if let address = IPAddress(dial.host), !address.isGlobalUnicast {
            throw APIStatus.badRequest("address not allowed")
        }
        if !proxied.port.isEmpty { dial.port = proxied.port }
        return dial
    }

    /// A ready endpoint of a service that is a pod's, at the service's port of that name or number.
    func proxied(service id: String) throws -> TCPDial {
        guard let proxied = ProxiedName(id) else { throw APIStatus.badRequest("invalid service request \(quoted(id))") }
        let port = try portName(proxied)
        let endpoints = try object("endpoints", namespace, proxied.name)
        let subsets = endpoints["subsets"]?.arrayValue ?? []
        if subsets.isEmpty {
            throw APIStatus.serviceUnavailable("no endpoints available for service \(quoted(proxied.name))")
        }
        for subset in subsets {
            guard
                let number = subset["ports"]?.arrayValue?.first(where: { $0["name"]?.stringValue ?? "" == port })?[
                    "port"]?
                    .intValue
            else { continue }
            for address in subset["addresses"]?.arrayValue ?? [] where isOfItsPod(address) {
                return TCPDial(host: address["ip"]?.stringValue ?? "", port: String(number))
            }
        }
        throw APIStatus.serviceUnavailable("no endpoints available for service \(quoted(id))")
    }

    /// The name of the port that is meant by its number.
    private func portName(_ proxied: ProxiedName) throws -> String {
        guard let number = Int64(proxied.port) else { return proxied.port }
        let service = try object("services", namespace, proxied.name)
        let port = service["spec"]?["ports"]?.arrayValue?.first { $0["port"]?.intValue == number }
        guard let port else {
            throw APIStatus.serviceUnavailable(
                "no service port \(number) found for service \(quoted(proxied.name))")
        }
        return port["name"]?.stringValue ?? ""
    }

    /// Whether an endpoint is the address of the pod in the service's namespace that it names.
    private func isOfItsPod(_ address: JSON) -> Bool {
        guard let reference = address["targetRef"], reference["namespace"]?.stringValue == namespace,
            let pod = try? pod(reference["name"]?.stringValue ?? "")
        else { return false }
        return pod["status"]?["podIPs"]?.arrayValue?.contains { $0["ip"] == address["ip"] } ?? false
    }

    private func quoted(_ text: String) -> String { JSON.string(text).description }
}

extension IPAddress {
    /// Whether the address can be that of one host beyond this one's own link.
    fileprivate var isGlobalUnicast: Bool {
        switch family {
        case .v4:
            let first = value >> 24
            let isLinkLocal = value >> 16 == 0xA9FE
            return value != 0 && first != 127 && first < 224 && !isLinkLocal
        case .v6:
            let isLinkLocal = value >> 118 == 0x3FA
            return value > 1 && value >> 120 != 0xFF && !isLinkLocal
        }
    }
}

extension APIStatus {
    static func serviceUnavailable(_ message: String) -> APIStatus {
        APIStatus(code: 503, reason: .serviceUnavailable, message: message)
    }
}
