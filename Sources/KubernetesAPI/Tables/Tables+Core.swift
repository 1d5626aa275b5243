import APIMachinery
import JSON

extension Tables {
    static func core(_ resource: String) -> [TableColumn] {
        switch resource {
        case "pods": pod
        case "podtemplates": podTemplate
        case "replicationcontrollers":
            replicas(
                selector: .text("Selector", wide: true, "Labels by which pods are chosen.") {
                    CellText.labels($0.at("spec", "selector"))
                })
        case "services": service
        case "endpoints": endpoints
        case "nodes": node
        case "events": event
        case "namespaces":
            [.name, .text("Status", "Whether the namespace lives or goes.", at: "status", "phase"), .age]
        case "secrets": secret
        case "configmaps": configMap
        case "serviceaccounts": [.name, .age]
        case "persistentvolumes": persistentVolume
        case "persistentvolumeclaims": persistentVolumeClaim
        case "componentstatuses": componentStatus
        case "resourcequotas": resourceQuota
        default: standard
        }
    }

    private static let secret: [TableColumn] = [
        .name,
        .text("Type", "What the data is for.", at: "type"),
        .count("Data", type: "string", "How many entries there are.", of: "data"),
        .age,
    ]

    private static let configMap: [TableColumn] = [
        .name,
        TableColumn(name: "Data", type: "string", description: "How many entries there are.") { object, _ in
            .int(Int64(object.count(["data"]) + object.count(["binaryData"])))
        },
        .age,
    ]

    private static let service: [TableColumn] = [
        .name,
        .text("Type", "How the service is reached.", at: "spec", "type"),
        .text("Cluster-IP", "The service's address within the cluster.") { object in
            let address = object.items("spec", "clusterIPs").first?.stringValue ?? ""
            return address.isEmpty ? CellText.none : address
        },
        .text("External-IP", "Addresses outside the cluster.", externalAddress),
        .text("Port(s)", "The ports that the service offers.", servicePorts),
        .age,
        .text("Selector", wide: true, "Labels of the pods behind the service.") {
            CellText.labels($0.at("spec", "selector"))
        },
    ]

    private static func externalAddress(_ service: JSON) -> String {
        let external = service.items("spec", "externalIPs").compactMap(\.stringValue)
        switch service.text("spec", "type") {
        case "ClusterIP", "NodePort": return external.isEmpty ? CellText.none : external.joined(separator: ",")
        case "LoadBalancer":
            let ingress = loadBalancerAddresses(service)
            let all = (ingress.isEmpty ? [] : [ingress]) + external
            return all.isEmpty ? "<pending>" : all.joined(separator: ",")
        case "ExternalName": return service.text("spec", "externalName")
        default: return CellText.unknown
        }
    }

    /// Addresses or names of a load balancer, each once, sorted.
    static func loadBalancerAddresses(_ object: JSON) -> String {
        let addresses = object.items("status", "loadBalancer", "ingress").compactMap { ingress -> String? in
            let address = ingress.text("ip")
            let name = ingress.text("hostname")
            return !address.isEmpty ? address : name.isEmpty ? nil : name
        }
        return Set(addresses).sorted().joined(separator: ",")
    }

    private static func servicePorts(_ service: JSON) -> String {
        let ports = service.items("spec", "ports").map { port in
            let nodePort = port.integer("nodePort")
            let numbers = nodePort > 0 ? "\(port.integer("port")):\(nodePort)" : "\(port.integer("port"))"
            return numbers + "/" + port.text("protocol")
        }
        return ports.isEmpty ? CellText.none : ports.joined(separator: ",")
    }

    private static let endpoints: [TableColumn] = [
        .name,
        .text("Endpoints", "Addresses and ports behind the service.", endpointList),
        .age,
    ]

    private static func endpointList(_ object: JSON) -> String {
        let subsets = object.items("subsets")
        guard !subsets.isEmpty else { return CellText.none }
        var list: [String] = []
        for subset in subsets {
            let addresses = subset.items("addresses").map { $0.text("ip") }
            let ports = subset.items("ports").map { $0.integer("port") }
            if ports.isEmpty {
                list += addresses
            } else {
                for port in ports { list += addresses.map { joined(host: $0, port: port) } }
            }
        }
        return CellText.abridged(list)
    }

    private static func joined(host: String, port: Int64) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static let node: [TableColumn] = [
        .name,
        .text("Status", "Whether the node is ready and takes pods.") { object in
            let status =
                switch object.condition("Ready")?.text("status") {
                case nil: "Unknown"
                case "True": "Ready"
                default: "NotReady"
                }
            return object.at("spec", "unschedulable")?.boolValue == true ? status + ",SchedulingDisabled" : status
        },
        .text("Roles", "What the node's labels say that it is for.", nodeRoles),
        .age,
        .text("Version", "The version of the node's agent.", at: "status", "nodeInfo", "kubeletVersion"),
        .text("Internal-IP", wide: true, "The node's address within the cluster.") { address("InternalIP", of: $0) },
        .text("External-IP", wide: true, "The node's address outside the cluster.") { address("ExternalIP", of: $0) },
        .text(
            "OS-Image", wide: true, "The operating system.", at: "status", "nodeInfo", "osImage", or: CellText.unknown),
        .text("Kernel-Version", wide: true, "The kernel, and the machine's architecture.") { object in
            let kernel = object.text("status", "nodeInfo", "kernelVersion")
            let architecture = object.text("status", "nodeInfo", "architecture")
            let shown = kernel.isEmpty ? CellText.unknown : kernel
            return architecture.isEmpty ? shown : shown + " (\(architecture))"
        },
        .text(
            "Container-Runtime", wide: true, "What runs the containers, and its version.", at: "status", "nodeInfo",
            "containerRuntimeVersion", or: CellText.unknown),
    ]

    private static func nodeRoles(_ node: JSON) -> String {
        let prefix = "node-role.kubernetes.io/"
        let roles = (node.at("metadata", "labels")?.objectValue?.members ?? []).compactMap { label -> String? in
            let role = label.key.hasPrefix(prefix) ? String(label.key.dropFirst(prefix.count)) : nil
            if let role, !role.isEmpty { return role }
            return label.key == "kubernetes.io/role" ? label.value.stringValue.flatMap { $0.isEmpty ? nil : $0 } : nil
        }
        return roles.isEmpty ? CellText.none : Set(roles).sorted().joined(separator: ",")
    }

    private static func address(_ type: String, of node: JSON) -> String {
        let address = node.items("status", "addresses").first { $0.text("type") == type }
        return address?.text("address") ?? CellText.none
    }

    private static let componentStatus: [TableColumn] = [
        .name,
        .text("Status", "Whether the component is healthy.") { object in
            switch healthy(object)?.text("status") {
            case "True": "Healthy"
            case "False": "Unhealthy"
            default: "Unknown"
            }
        },
        .text("Message", "What the component says of itself.") { healthy($0)?.text("message") ?? "" },
        .text("Error", "What went wrong when it was asked.") { healthy($0)?.text("error") ?? "" },
    ]

    private static func healthy(_ component: JSON) -> JSON? {
        component.items("conditions").first { $0.text("type") == "Healthy" }
    }

    private static let resourceQuota: [TableColumn] = [
        .name,
        .text("Request", "What is used of each amount.") { quota($0, limits: false) },
        .text("Limit", "What is used of each limit.") { quota($0, limits: true) },
        .age,
    ]

    private static func quota(_ object: JSON, limits: Bool) -> String {
        let hard = object.at("status", "hard")?.objectValue?.members ?? []
        return hard.filter { $0.key.hasPrefix("limits.") == limits }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { member in
                let used = object.text("status", "used", member.key)
                return "\(member.key): \(used.isEmpty ? "0" : used)/\(member.value.stringValue ?? "")"
            }
            .joined(separator: ", ")
    }
}
