public import APIMachinery
import JSON
import KubernetesAPI

/// The objects that every cluster has, which the server makes and makes anew where they are missing.
public struct SystemObjects: Sendable {
    /// Ranges of service addresses, of one family each.
    public var serviceRanges: [String]
    /// Where the service `kubernetes` leads.
    public var securePort: Int
    /// The address at which the server is reached from elsewhere; `nil` where there is none.
    public var advertisedAddress: IPAddress?

    /// - Parameter serviceAddressRange: several ranges are separated by commas.
    public init(serviceAddressRange: String, securePort: Int, advertisedAddress: IPAddress? = nil) {
        serviceRanges = serviceAddressRange.split(separator: ",").map(String.init)
        self.securePort = securePort
        // An `Endpoints` can name no such address.
        self.advertisedAddress = advertisedAddress.flatMap { $0.isLoopback ? nil : $0 }
    }

    /// An object and what the server does with it.
    struct Item: Sendable {
        var groupVersion: GroupVersion
        var plural: String
        var namespace: String?
        /// What is made where it is missing.
        var object: JSON
        var manager = UserInfo.serverManager
        /// Fields of the object or of its `spec` that are held to what `object` has.
        var kept: [String] = []
    }

    static let serviceRangeName = "kubernetes"

    /// In the order in which they can be made: those of a later group may need those before.
    var items: [[Item]] { [namespaces + flowControl + priorityClasses + [serviceRange], service + endpoints] }

    private static let core = GroupVersion(group: "", version: "v1")

    private var namespaces: [Item] {
        ["default", "kube-system", "kube-public", "kube-node-lease"].map {
            Item(groupVersion: Self.core, plural: "namespaces", object: ["metadata": ["name": .string($0)]])
        }
    }

    private var priorityClasses: [Item] {
        [
            (
                "system-node-critical", 2_000_001_000,
                "Used for system critical pods that must not be moved from their current node."
            ),
            (
                "system-cluster-critical", 2_000_000_000,
                "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
            ),
        ].map { name, value, description in
            Item(
                groupVersion: GroupVersion(group: "scheduling.k8s.io", version: "v1"), plural: "priorityclasses",
                object: [
                    "metadata": ["name": .string(name)], "value": .int(value), "description": .string(description),
                ])
        }
    }

    /// The priority levels and flow schemas that must be as they are.
    private var flowControl: [Item] {
        let levels = FlowControlObjects.priorityLevels.map { ("prioritylevelconfigurations", $0) }
        let schemas = FlowControlObjects.flowSchemas.map { ("flowschemas", $0) }
        return (levels + schemas).map { plural, object in
            Item(
                groupVersion: GroupVersion(group: "flowcontrol.apiserver.k8s.io", version: "v1"), plural: plural,
                object: [
                    "metadata": [
                        "name": .string(object.name), "annotations": ["apf.kubernetes.io/autoupdate-spec": "true"],
                    ], "spec": object.spec,
                ],
                manager: "api-priority-and-fairness-config-producer-v1")
        }
    }

    private var serviceRange: Item {
        Item(
            groupVersion: GroupVersion(group: "networking.k8s.io", version: "v1"), plural: "servicecidrs",
            object: [
                "metadata": ["name": .string(Self.serviceRangeName)],
                "spec": ["cidrs": .array(serviceRanges.map { .string($0) })],
            ])
    }

    /// The service by which pods reach the server.
    private var service: [Item] {
        guard let range = serviceRanges.first, let address = Self.firstAddress(of: range) else { return [] }
        return [
            Item(
                groupVersion: Self.core, plural: "services", namespace: "default",
                object: [
                    "metadata": [
                        "name": "kubernetes", "labels": ["component": "apiserver", "provider": "kubernetes"],
                    ],
                    "spec": [
                        "type": "ClusterIP", "clusterIP": .string(address), "sessionAffinity": "None",
                        "ports": [
                            [
                                "name": "https", "port": 443, "protocol": "TCP",
                                "targetPort": .int(Int64(securePort)),
                            ]
                        ],
                    ],
                ], kept: ["ports"])
        ]
    }

    /// Where that service leads, which nobody else can know.
    private var endpoints: [Item] {
        guard let address = advertisedAddress else { return [] }
        let port: JSON = ["name": "https", "port": .int(Int64(securePort)), "protocol": "TCP"]
        return [
            Item(
                groupVersion: Self.core, plural: "endpoints", namespace: "default",
                object: [
                    "metadata": [
                        "name": "kubernetes", "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
                    ],
                    "subsets": [["addresses": [["ip": .string(address.description)]], "ports": .array([port])]],
                ], kept: ["subsets"]),
            Item(
                groupVersion: GroupVersion(group: "discovery.k8s.io", version: "v1"), plural: "endpointslices",
                namespace: "default",
                object: [
                    "metadata": ["name": "kubernetes", "labels": ["kubernetes.io/service-name": "kubernetes"]],
                    "addressType": .string(address.family.rawValue),
                    "endpoints": [
                        ["addresses": [.string(address.description)], "conditions": ["ready": true]]
                    ],
                    "ports": .array([port]),
                ], kept: ["endpoints", "ports"]),
        ]
    }

    /// The first address of a range behind the network's own: `10.0.0.1` of `10.0.0.0/16`.
    public static func firstAddress(of range: String) -> String? {
        guard let block = IPAddressBlock(range), block.last > block.first else { return nil }
        return IPAddress(family: block.first.family, value: block.first.value + 1).description
    }
}
