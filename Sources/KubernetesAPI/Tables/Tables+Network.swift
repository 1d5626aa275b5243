import APIMachinery
import JSON

extension Tables {
    static func network(_ resource: String) -> [TableColumn] {
        switch resource {
        case "ingresses": ingress
        case "ingressclasses": ingressClass
        case "networkpolicies":
            [
                .name,
                .text("Pod-Selector", "Labels of the pods that the policy holds for.") {
                    CellText.selector($0.at("spec", "podSelector"))
                },
                .age,
            ]
        case "endpointslices": endpointSlice
        case "servicecidrs":
            [
                .name, .text("CIDRs", "Where services get addresses from.") { CellText.joined($0.at("spec", "cidrs")) },
                .age,
            ]
        case "ipaddresses": [.name, .text("ParentRef", "What the address belongs to.", parent)]
        default: standard
        }
    }

    private static let ingress: [TableColumn] = [
        .name,
        .text("Class", "Who serves the ingress.", at: "spec", "ingressClassName", or: CellText.none),
        .text("Hosts", "Names that the ingress answers to.") { object in
            let hosts = object.items("spec", "rules").map { $0.text("host") }.filter { !$0.isEmpty }
            return hosts.isEmpty ? "*" : CellText.abridged(hosts)
        },
        .text("Address", "Where the ingress is reached.") { loadBalancerAddresses($0) },
        .text("Ports", "The ports that are open.") { object in
            object.items("spec", "tls").isEmpty ? "80" : "80, 443"
        },
        .age,
    ]

    private static let ingressClass: [TableColumn] = [
        markedName(annotations: "ingressclass.kubernetes.io/is-default-class"),
        .text("Controller", "The controller that serves the class.", at: "spec", "controller"),
        .text("Parameters", "An object with more settings.") { object in
            guard let parameters = object.at("spec", "parameters") else { return CellText.none }
            let group = parameters.text("apiGroup")
            let kind = parameters.text("kind") + (group.isEmpty ? "" : "." + group)
            return kind + "/" + parameters.text("name")
        },
        .age,
    ]

    private static let endpointSlice: [TableColumn] = [
        .name,
        .text("AddressType", "IPv4, IPv6 or names.", at: "addressType"),
        .text("Ports", "Ports of the endpoints.") { object in
            let ports = object.items("ports").map { port in
                if let number = port["port"]?.intValue { return "\(number)" }
                let name = port.text("name")
                return name.isEmpty ? "*" : name
            }
            return ports.isEmpty ? CellText.unset : CellText.abridged(ports)
        },
        .text("Endpoints", "Addresses of the endpoints.") { object in
            let addresses = object.items("endpoints").flatMap { $0.items("addresses").compactMap(\.stringValue) }
            return addresses.isEmpty ? CellText.unset : CellText.abridged(addresses)
        },
        .age,
    ]

    private static func parent(_ address: JSON) -> String {
        guard let parent = address.at("spec", "parentRef") else { return CellText.none }
        let group = parent.text("group")
        let namespace = parent.text("namespace")
        let resource = parent.text("resource").lowercased() + (group.isEmpty ? "" : "." + group)
        return resource + "/" + (namespace.isEmpty ? "" : namespace + "/") + parent.text("name")
    }
}
