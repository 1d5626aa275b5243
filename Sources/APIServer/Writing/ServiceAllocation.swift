import APIMachinery
import JSON
import KubernetesAPI
import Storage

/// Gives services their addresses and node ports (`--service-cluster-ip-range`), from what the stored services leave free,
/// and shows who has which address by `IPAddress` objects.
struct ServiceAllocation: AllocationHook {
    private static let services = GroupResource(group: "", resource: "services")
    private let allocator: ServiceAllocator
    private let addresses: AddressObjects?

    /// - Parameter services: the services that are stored.
    init(_ options: ServiceAllocator.Options, services: some Sequence<JSON>, addresses: AddressObjects?) {
        allocator = ServiceAllocator(options)
        allocator.rebuild(from: services)
        self.addresses = addresses
    }

    func serves(_ resource: ServedResource) -> Bool { resource.groupResource == Self.services }

    func reserve(
        for object: inout JSON, replacing old: JSON?, in request: ReservationRequest
    ) throws -> (any Reservation)? {
        let allocation: ServiceAllocator.Allocation
        do {
            allocation = try allocator.allocate(for: &object, replacing: old)
        } catch {
            throw APIStatus.invalid(
                GroupKind(group: "", kind: "Service"), name: object.metadataText("name"), error.errors)
        }
        do {
            var companions =
                try addresses?.writes(taking: allocation.takenAddresses, for: object, in: request.snapshot) ?? []
            companions += try addresses?.writes(freeing: allocation.freedAddresses, in: request.snapshot) ?? []
            return Held(allocation: allocation, companions: companions)
        } catch {
            allocation.rollBack()
            throw error
        }
    }

    func companions(removing object: JSON, in snapshot: Snapshot) throws -> [Write] {
        try addresses?.writes(freeing: ServiceAllocator.addresses(of: object), in: snapshot) ?? []
    }

    func release(_ object: JSON) { allocator.release(object) }

    private struct Held: Reservation {
        let allocation: ServiceAllocator.Allocation
        let companions: [Write]

        func keep() { allocation.commit() }
        func giveBack() { allocation.rollBack() }
    }
}

extension Allocators {
    /// A text that is no list of address blocks.
    struct InvalidRange: Error, CustomStringConvertible {
        var text: String
        var description: String { "\(text) is no list of address blocks" }
    }

    /// The hooks of the built-in kinds, made anew from what a store holds.
    /// - Parameters:
    ///   - serviceAddressRange: one block, or two of different families, separated by a comma.
    ///   - countsQuota: whether namespaces' quotas hold.
    init(
        serviceAddressRange: String, nodePorts: ClosedRange<Int>, storage: any Storage, registry: ResourceRegistry,
        environment: ServerEnvironment, countsQuota: Bool
    ) throws {
        let blocks = serviceAddressRange.split(separator: ",").map { IPAddressBlock(String($0)) }
        let ranges = blocks.compactMap { $0 }
        guard !ranges.isEmpty, ranges.count == blocks.count else { throw InvalidRange(text: serviceAddressRange) }
        guard let services = registry.contents.storageResource(GroupResource(group: "", resource: "services")) else {
            return
        }
        let documents = try storage.snapshot.objects(in: services.key).map { try services.decode($0) }
        var options = ServiceAllocator.Options(clusterIPRanges: ranges)
        options.nodePorts = Int64(nodePorts.lowerBound)...Int64(nodePorts.upperBound)
        let addresses = registry.contents.storageResource(
            GroupResource(group: "networking.k8s.io", resource: "ipaddresses"))
        // What a quota refuses is given nothing.
        if countsQuota,
            let quotas = registry.contents.storageResource(GroupResource(group: "", resource: "resourcequotas"))
        {
            hooks.append(QuotaEnforcement(quotas: quotas, environment: environment))
        }
        hooks.append(
            ServiceAllocation(
                options, services: documents,
                addresses: addresses.map { AddressObjects(resource: $0, environment: environment) }))
    }
}
