import APIMachinery
import JSON
import Storage

extension APIServer {
    /// Writes the objects that every cluster has from its first moment, where they are missing. Called before serving.
    public func bootstrap(_ system: SystemObjects) async throws {
        let isNew = storage.snapshot.revision == .zero
        try await ensure(system)
        // Nobody can have seen a revision from before the cluster was whole: its history begins here.
        if isNew { try await storage.compact(through: storage.snapshot.revision) }
    }

    /// Keeps those objects: makes anew what is missing, and puts right what is not as it must be.
    func keepSystemObjects(_ system: SystemObjects) async throws {
        let keys = Set(system.items.joined().compactMap(key))
        try await follow("the cluster's own objects", where: { keys.contains($0) }) {
            try await self.ensure(system)
            try await self.settleServiceRange(system)
            return false
        }
    }

    private func key(of item: SystemObjects.Item) -> ObjectKey? {
        registry.contents.resource(item.groupVersion, item.plural).map {
            ObjectKey(resource: $0.key, namespace: item.namespace, name: item.object.metadataText("name"))
        }
    }

    private func ensure(_ system: SystemObjects) async throws {
        for items in system.items {
            // At once, so that the store writes them together.
            try await withThrowingTaskGroup { group in
                for item in items { group.addTask { try await self.ensure(item) } }
                try await group.waitForAll()
            }
        }
    }

    private func ensure(_ item: SystemObjects.Item) async throws {
        guard let resource = registry.contents.resource(item.groupVersion, item.plural), let key = key(of: item) else {
            return
        }
        guard let stored = storage.snapshot[key] else {
            return try await create(item.object, of: resource, in: item.namespace, by: item.manager)
        }
        if item.kept.isEmpty { return }
        let decoded = try decoder(of: resource, .strict).decode(item.object)
        let wanted = try storageDocument(decoded.document, of: resource)
        guard !Self.keeps(item.kept, of: wanted, try resource.decode(stored)) else { return }
        try await update(key, of: resource, in: item.namespace, by: item.manager) { object in
            for name in item.kept {
                if let value = wanted[name] { object[name] = value }
                if let value = wanted["spec"]?[name] { object["spec"]?[name] = value }
            }
        }
    }

    private static func keeps(_ names: [String], of wanted: JSON, _ object: JSON) -> Bool {
        names.allSatisfy { object[$0] == wanted[$0] && object["spec"]?[$0] == wanted["spec"]?[$0] }
    }

    // MARK: The range of service addresses

    /// Kubernetes' name for the part of the server that does this.
    private static let serviceRangeManager = "kubernetes-service-cidr-controller"

    /// Says of the server's own `ServiceCIDR` that it is ready, where it has the ranges that the server was started with and
    /// nobody has said otherwise.
    private func settleServiceRange(_ system: SystemObjects) async throws {
        let name = SystemObjects.serviceRangeName
        guard
            let resource = registry.contents.storageResource(
                GroupResource(group: "networking.k8s.io", resource: "servicecidrs")),
            let stored = storage.snapshot[ObjectKey(resource: resource.key, namespace: nil, name: name)]
        else { return }
        let object = try resource.decode(stored)
        let ranges = object["spec"]?["cidrs"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if MetadataFields(of: object).isBeingDeleted { return }
        guard ranges == system.serviceRanges else {
            if ranges.count == 1, ranges == Array(system.serviceRanges.prefix(1)) {
                // A second family has come to the first.
                try await update(stored.key, of: resource, in: nil, by: Self.serviceRangeManager) {
                    $0["spec"]?["cidrs"] = .array(system.serviceRanges.map { .string($0) })
                }
            }
            return
        }
        let ready = object["status"]?["conditions"]?.arrayValue?.first { $0["type"] == "Ready" }
        if let status = ready?["status"], status != "Unknown" { return }
        let condition: JSON = [
            "type": "Ready", "status": "True", "message": "Kubernetes default Service CIDR is ready",
            "lastTransitionTime": .string(environment.currentTime.description),
        ]
        try await applyStatus(["conditions": .array([condition])], to: name, of: resource, by: Self.serviceRangeManager)
    }
}

extension UserInfo {
    /// How the server names itself as a manager of fields.
    static let serverManager = "kube-apiserver"

    /// The server itself, by Kubernetes' name for it.
    static let server = UserInfo(name: "system:apiserver", groups: [mastersGroup, authenticatedGroup])
}
