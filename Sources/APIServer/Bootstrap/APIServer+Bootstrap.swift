import APIMachinery
import JSON
import Storage

extension APIServer {
    /// Writes the objects that every cluster has from its first moment, where they are missing. Called before serving.
    /// - Parameter securePort: where the service `kubernetes` leads.
    public func bootstrap(securePort: Int) async throws {
        let isNew = storage.snapshot.revision == .zero
        try await ensureSystemObjects(securePort: securePort)
        // Nobody can have seen a revision from before the cluster was whole: its history begins here.
        if isNew { try await storage.compact(through: storage.snapshot.revision) }
    }

    private func ensureSystemObjects(securePort: Int) async throws {
        let ranges = options.serviceAddressRange.split(separator: ",").map(String.init)
        // At once, so that the store writes them together.
        try await withThrowingTaskGroup { group in
            for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
                group.addTask {
                    try await self.ensure(
                        GroupVersion(group: "", version: "v1"), "namespaces", namespace: nil,
                        ["metadata": ["name": .string(name)]])
                }
            }
            for priorityClass in SystemObjects.priorityClasses {
                group.addTask {
                    try await self.ensure(
                        GroupVersion(group: "scheduling.k8s.io", version: "v1"), "priorityclasses", namespace: nil,
                        priorityClass)
                }
            }
            group.addTask {
                try await self.ensure(
                    GroupVersion(group: "networking.k8s.io", version: "v1"), "servicecidrs", namespace: nil,
                    SystemObjects.serviceRange(ranges))
            }
            try await group.waitForAll()
        }
        guard let first = ranges.first, let address = SystemObjects.firstAddress(of: first) else { return }
        try await ensure(
            GroupVersion(group: "", version: "v1"), "services", namespace: "default",
            SystemObjects.kubernetesService(address: address, port: securePort))
    }

    /// Creates an object as the server itself, by the path of every other creation.
    private func ensure(
        _ groupVersion: GroupVersion, _ plural: String, namespace: String?, _ object: JSON
    ) async throws {
        guard let resource = registry.contents.resource(groupVersion, plural) else { return }
        let key = ObjectKey(
            resource: resource.key, namespace: namespace, name: object["metadata"]?["name"]?.stringValue ?? "")
        if storage.snapshot[key] != nil { return }
        let context = RequestContext(creationOf: resource, in: namespace, by: .server)
        let decoded = try decoder(of: resource, .strict).decode(object)
        _ = try await ObjectWriter(self, resource, context, isDryRun: false)
            .create(try storageDocument(decoded.document, of: resource))
    }
}

extension UserInfo {
    /// How the server names itself as a manager of fields.
    static let serverManager = "kube-apiserver"

    /// The server itself, by Kubernetes' name for it.
    static let server = UserInfo(name: "system:apiserver", groups: [mastersGroup, authenticatedGroup])
}

/// The objects of a new cluster.
public enum SystemObjects {
    static let priorityClasses: [JSON] = [
        [
            "metadata": ["name": "system-node-critical"], "value": 2_000_001_000,
            "description":
                "Used for system critical pods that must not be moved from their current node.",
        ],
        [
            "metadata": ["name": "system-cluster-critical"], "value": 2_000_000_000,
            "description":
                "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ],
    ]

    static func serviceRange(_ ranges: [String]) -> JSON {
        ["metadata": ["name": "kubernetes"], "spec": ["cidrs": .array(ranges.map { .string($0) })]]
    }

    static func kubernetesService(address: String, port: Int) -> JSON {
        [
            "metadata": [
                "name": "kubernetes", "labels": ["component": "apiserver", "provider": "kubernetes"],
            ],
            "spec": [
                "type": "ClusterIP", "clusterIP": .string(address), "sessionAffinity": "None",
                "ports": [["name": "https", "port": 443, "protocol": "TCP", "targetPort": .int(Int64(port))]],
            ],
        ]
    }

    /// The first address of a range behind the network's own: `10.0.0.1` of `10.0.0.0/16`.
    public static func firstAddress(of range: String) -> String? {
        guard let block = IPAddressBlock(range), block.last > block.first else { return nil }
        return IPAddress(family: block.first.family, value: block.first.value + 1).description
    }
}
