import APIMachinery
import JSON
import KubernetesAPI
import Storage

/// Gives services their addresses and node ports (`--service-cluster-ip-range`), from what the stored services leave free.
struct ServiceAllocation: AllocationHook {
    let resource = GroupResource(group: "", resource: "services")
    private let allocator: ServiceAllocator

    /// - Parameter services: the services that are stored.
    init(_ options: ServiceAllocator.Options, services: some Sequence<JSON>) {
        allocator = ServiceAllocator(options)
        allocator.rebuild(from: services)
    }

    func reserve(for object: inout JSON, replacing old: JSON?, isDryRun: Bool) throws -> (any Reservation)? {
        do {
            return Held(allocation: try allocator.allocate(for: &object, replacing: old))
        } catch {
            throw APIStatus.invalid(
                GroupKind(group: "", kind: "Service"), name: object.metadataText("name"), error.errors)
        }
    }

    func release(_ object: JSON) { allocator.release(object) }

    private struct Held: Reservation {
        let allocation: ServiceAllocator.Allocation

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
    /// - Parameter serviceAddressRange: one block, or two of different families, separated by a comma.
    init(serviceAddressRange: String, nodePorts: ClosedRange<Int>, storage: any Storage, registry: ResourceRegistry)
        throws
    {
        let blocks = serviceAddressRange.split(separator: ",").map { IPAddressBlock(String($0)) }
        let ranges = blocks.compactMap { $0 }
        guard !ranges.isEmpty, ranges.count == blocks.count else { throw InvalidRange(text: serviceAddressRange) }
        guard let services = registry.contents.storageResource(GroupResource(group: "", resource: "services")) else {
            return
        }
        var documents: [JSON] = []
        var failure: (any Error)?
        storage.snapshot.forEach(in: services.key, prefix: "") { object in
            do {
                documents.append(try services.decode(object))
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        var options = ServiceAllocator.Options(clusterIPRanges: ranges)
        options.nodePorts = Int64(nodePorts.lowerBound)...Int64(nodePorts.upperBound)
        hooks = [ServiceAllocation(options, services: documents)]
    }
}
