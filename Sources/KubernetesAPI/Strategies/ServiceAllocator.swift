public import APIMachinery
public import JSON
import Synchronization

/// Gives services their cluster addresses and node ports, no two the same.
///
/// The state is what the stored services hold: made anew from them at the start, moved on by each write. The server asks
/// for an allocation after `prepareForCreation` or `prepareForUpdate` and before validation, and settles it after
/// the write:
///
///     let allocation = try allocator.allocate(for: &service, replacing: old)
///     do { try store(service) } catch { allocation.rollBack(); throw error }
///     allocation.commit()
///
/// A dry run rolls back. `release(_:)` follows a deletion.
public final class ServiceAllocator: Sendable {
    public struct Options: Sendable {
        /// The blocks of the cluster addresses, the default family first; at most one a family.
        public var clusterIPRanges: [IPAddressBlock]
        public var nodePorts: ClosedRange<Int64> = 30000...32767

        public init(clusterIPRanges: [IPAddressBlock]) { self.clusterIPRanges = clusterIPRanges }
    }

    /// What a service may not have, and why.
    public struct Refusal: Error, Sendable {
        public let errors: [FieldError]
    }

    struct State: Sendable {
        var addresses: Set<IPAddress> = []
        var nodePorts: Set<Int64> = []
    }

    /// What was taken and what will be free; to be settled once.
    public struct Allocation: Sendable {
        let allocator: ServiceAllocator
        let taken: State
        let freed: State

        package var takenAddresses: Set<IPAddress> { taken.addresses }
        package var freedAddresses: Set<IPAddress> { freed.addresses }

        /// The service is stored: what it gave up is free.
        public func commit() { allocator.free(freed) }
        /// The service was not stored: what it was given is free.
        public func rollBack() { allocator.free(taken) }
    }

    public let options: Options
    private let state = Mutex(State())

    public init(_ options: Options) { self.options = options }

    /// Starts over with what stored services hold.
    public func rebuild(from services: some Sequence<JSON>) {
        var rebuilt = State()
        for service in services { rebuilt.add(Self.holdings(of: service)) }
        state.withLock { $0 = rebuilt }
    }

    /// Frees what a deleted service held.
    public func release(_ service: JSON) { free(Self.holdings(of: service)) }

    /// Fills in the addresses, families and node ports of a service.
    /// - Parameter old: the stored service, for an update.
    /// - Throws: `Refusal`, with nothing taken.
    public func allocate(
        for service: inout JSON, replacing old: JSON? = nil, using generator: inout some RandomNumberGenerator
    ) throws(Refusal) -> Allocation {
        guard case .object(var spec)? = service["spec"] else {
            return Allocation(allocator: self, taken: State(), freed: State())
        }
        let stored = old.map(Self.holdings) ?? State()
        var draft = state.withLock { state in
            ServiceAllocationDraft(options: options, inUse: state, stored: stored)
        }
        try draft.allocate(for: &spec, old: old?["spec"]?.objectValue, using: &generator)
        // Another writer may have been given the same in the meantime.
        let isFree = state.withLock { state in state.take(draft.taken) }
        guard isFree else { throw Refusal(errors: [draft.lostRace]) }
        service["spec"] = .object(spec)
        return Allocation(allocator: self, taken: draft.taken, freed: stored.subtracting(Self.holdings(of: service)))
    }

    public func allocate(for service: inout JSON, replacing old: JSON? = nil) throws(Refusal) -> Allocation {
        var generator = SystemRandomNumberGenerator()
        return try allocate(for: &service, replacing: old, using: &generator)
    }

    private func free(_ holdings: State) {
        state.withLock { state in
            state.addresses.subtract(holdings.addresses)
            state.nodePorts.subtract(holdings.nodePorts)
        }
    }

    /// The cluster's addresses that a service has.
    package static func addresses(of service: JSON) -> Set<IPAddress> { holdings(of: service).addresses }

    /// The addresses and ports that a service has.
    static func holdings(of service: JSON) -> State {
        guard case .object(let spec)? = service["spec"], ServiceFields.needsClusterIP(spec) else { return State() }
        var holdings = State()
        holdings.addresses = Set(spec.items("clusterIPs").compactMap { $0.stringValue.flatMap { IPAddress($0) } })
        if ServiceFields.needsNodePorts(spec) {
            holdings.nodePorts = Set(spec.items("ports").compactMap { $0["nodePort"]?.intValue })
            if let port = spec.int("healthCheckNodePort") { holdings.nodePorts.insert(port) }
        }
        holdings.nodePorts.remove(0)
        return holdings
    }
}

extension ServiceAllocator.State {
    mutating func add(_ other: Self) {
        addresses.formUnion(other.addresses)
        nodePorts.formUnion(other.nodePorts)
    }

    /// Takes all or nothing.
    mutating func take(_ other: Self) -> Bool {
        guard addresses.isDisjoint(with: other.addresses), nodePorts.isDisjoint(with: other.nodePorts) else {
            return false
        }
        add(other)
        return true
    }

    func subtracting(_ other: Self) -> Self {
        Self(
            addresses: addresses.subtracting(other.addresses), nodePorts: nodePorts.subtracting(other.nodePorts))
    }
}
