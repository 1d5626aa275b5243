import APIMachinery
import JSON
import Storage

/// The `IPAddress` objects by which a cluster shows which service has which address.
struct AddressObjects: Sendable {
    let resource: ServedResource
    let environment: ServerEnvironment

    /// Writes that bring the objects of a service's addresses about.
    func writes(taking addresses: Set<IPAddress>, for service: JSON, in snapshot: Snapshot) throws -> [Write] {
        try addresses.sorted().map { address in
            let key = ObjectKey(resource: resource.key, namespace: nil, name: address.description)
            var object = document(of: address, for: service)
            _ = try resource.definition.storageSchema.canonicalize(&object)
            resource.trackServerWrite(of: &object, replacing: nil, at: now)
            return Write(.put(resource.encode(object)), at: key, if: snapshot[key] == nil ? .absent : .exists)
        }
    }

    /// Writes that remove the objects of addresses that are free again.
    func writes(freeing addresses: Set<IPAddress>, in snapshot: Snapshot) throws -> [Write] {
        try addresses.sorted().compactMap { address in
            let key = ObjectKey(resource: resource.key, namespace: nil, name: address.description)
            guard let stored = snapshot[key] else { return nil }
            return Write(.delete(resource.encode(try resource.decode(stored))), at: key, if: .exists)
        }
    }

    private var now: KubernetesTime { environment.currentTime }

    private func document(of address: IPAddress, for service: JSON) -> JSON {
        return [
            "kind": "IPAddress", "apiVersion": .string(resource.groupVersion.description),
            "metadata": [
                "name": .string(address.description),
                "uid": .string(NameGenerator(random: environment.random).uid()),
                "creationTimestamp": .string(now.description),
                "labels": [
                    "ipaddress.kubernetes.io/ip-family": .string(address.family.rawValue),
                    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
                ],
            ],
            "spec": [
                "parentRef": [
                    "resource": "services", "namespace": .string(service.metadataText("namespace")),
                    "name": .string(service.metadataText("name")),
                ]
            ],
        ]
    }
}
