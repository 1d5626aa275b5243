import APIMachinery
import JSON

/// One service's allocation as it is worked out: what it takes of what is free.
struct ServiceAllocationDraft {
    private let options: ServiceAllocator.Options
    private let inUse: ServiceAllocator.State
    /// What the service held before.
    private let stored: ServiceAllocator.State
    private(set) var taken = ServiceAllocator.State()

    private let spec = FieldPath("spec")
    /// Random draws before an allocator looks through its range in order.
    private static let draws = 64

    init(options: ServiceAllocator.Options, inUse: ServiceAllocator.State, stored: ServiceAllocator.State) {
        self.options = options
        self.inUse = inUse
        self.stored = stored
    }

    /// What a writer is told whose allocation another one took first.
    var lostRace: FieldError {
        FieldError(.internal, spec, detail: "allocation was taken by another service; please try again")
    }

    mutating func allocate(
        for service: inout JSONObject, old: JSONObject?, using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) {
        if ServiceFields.needsClusterIP(service) {
            try checkClusterIPs(of: service)
            try chooseFamilies(of: &service)
            if !ServiceFields.isHeadless(service) { try allocateAddresses(of: &service, using: &generator) }
        }
        if ServiceFields.needsNodePorts(service) { try allocateNodePorts(of: &service, using: &generator) }
        if ServiceFields.needsHealthCheckNodePort(service) {
            try allocateHealthCheckPort(of: &service, using: &generator)
        }
    }

    private func checkClusterIPs(of service: JSONObject) throws(ServiceAllocator.Refusal) {
        var errors = FieldErrors()
        ServiceRules.checkClusterIPs(Fields(service, at: spec), &errors)
        try refuse(errors.list)
    }

    private func refuse(_ errors: [FieldError]) throws(ServiceAllocator.Refusal) {
        if !errors.isEmpty { throw ServiceAllocator.Refusal(errors: errors) }
    }
}

// Families.
extension ServiceAllocationDraft {
    private var clusterFamilies: [IPAddress.Family] { options.clusterIPRanges.map(\.address.family) }

    private func chooseFamilies(of service: inout JSONObject) throws(ServiceAllocator.Refusal) {
        var families = service.items("ipFamilies").compactMap { $0.stringValue.flatMap(IPAddress.Family.init) }
        let addresses = service.items("clusterIPs").compactMap { $0.stringValue.flatMap { IPAddress($0) } }
        for address in addresses.dropFirst(families.count) { families.append(address.family) }
        let isFree = ServiceFields.isHeadless(service) && (service.object("selector") ?? [:]).isEmpty
        let policy = service.string("ipFamilyPolicy") ?? defaultPolicy(families: families, isFree: isFree)
        service["ipFamilyPolicy"] = .string(policy)
        try checkFamilies(families, policy: policy, isFree: isFree)
        if families.isEmpty { families = clusterFamilies.first.map { [$0] } ?? [.v4] }
        // A headless service without a selector has whatever endpoints somebody writes for it.
        let isDual = policy != "SingleStack" && (isFree || clusterFamilies.count > 1)
        if isDual, families.count == 1 { families.append(families[0] == .v4 ? .v6 : .v4) }
        service["ipFamilies"] = .array(families.map { .string($0.rawValue) })
    }

    private func defaultPolicy(families: [IPAddress.Family], isFree: Bool) -> String {
        isFree && families.count != 1 || families.count > 1 ? "RequireDualStack" : "SingleStack"
    }

    private func checkFamilies(
        _ families: [IPAddress.Family], policy: String, isFree: Bool
    ) throws(ServiceAllocator.Refusal) {
        if isFree { return }
        var errors: [FieldError] = []
        if policy == "RequireDualStack", clusterFamilies.count < 2 {
            let why = "this cluster is not configured for dual-stack services"
            errors.append(.invalid(spec.child("ipFamilyPolicy"), .string(policy), why))
        }
        for (index, family) in families.enumerated() where !clusterFamilies.contains(family) {
            let path = spec.child("ipFamilies").index(index)
            errors.append(.invalid(path, .string(family.rawValue), "not configured on this cluster"))
        }
        try refuse(errors)
    }
}

// Addresses.
extension ServiceAllocationDraft {
    private mutating func allocateAddresses(
        of service: inout JSONObject, using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) {
        var list = service.items("clusterIPs")
        let families = service.items("ipFamilies").compactMap { $0.stringValue.flatMap(IPAddress.Family.init) }
        for (index, family) in families.enumerated() {
            if index < list.count {
                if let text = list[index].stringValue { try take(text, of: list) }
            } else {
                list.append(.string(try nextAddress(of: family, list: list, using: &generator).description))
            }
        }
        service["clusterIPs"] = .array(list)
        service["clusterIP"] = list.first
    }

    private mutating func take(_ text: String, of list: [JSON]) throws(ServiceAllocator.Refusal) {
        guard let address = IPAddress(text), !stored.addresses.contains(address) else { return }
        let isServed = options.clusterIPRanges.contains {
            $0.contains(address) && usable(in: $0).contains(address.value)
        }
        if !isServed {
            try refuse([failure(text, "the provided network does not match the current range", list)])
        }
        if inUse.addresses.contains(address) {
            try refuse([failure(text, "provided IP is already allocated", list)])
        }
        taken.addresses.insert(address)
    }

    private func failure(_ address: String, _ why: String, _ list: [JSON]) -> FieldError {
        .invalid(spec.child("clusterIPs"), .array(list), "failed to allocate IP \(address): \(why)")
    }

    /// The addresses that a service may have: not that of the network, nor IPv4's broadcast.
    private func usable(in range: IPAddressBlock) -> Range<UInt128> {
        let (first, last) = (range.first.value, range.last.value)
        guard last > first else { return first..<first }
        let end = range.address.family == .v4 || last == .max ? last : last + 1
        return first + 1..<max(first + 1, end)
    }

    private mutating func nextAddress(
        of family: IPAddress.Family, list: [JSON], using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) -> IPAddress {
        let range = options.clusterIPRanges.first { $0.address.family == family }
        let usable = range.map(usable) ?? 0..<0
        let dynamic = dynamicPart(of: usable)
        func free(_ value: UInt128) -> Bool {
            let address = IPAddress(family: family, value: value)
            return !inUse.addresses.contains(address) && !taken.addresses.contains(address)
        }
        let value = draw(from: dynamic, where: free, using: &generator) ?? usable.first(where: free)
        guard let value else {
            try refuse([failure("", "range is full", list)])
            throw ServiceAllocator.Refusal(errors: [])
        }
        let address = IPAddress(family: family, value: value)
        taken.addresses.insert(address)
        return address
    }

    /// The low addresses are left for those who ask for one: a sixteenth of the range, from 16 to 256.
    private func dynamicPart(of usable: Range<UInt128>) -> Range<UInt128> {
        let size = usable.upperBound - usable.lowerBound
        guard size >= 16 else { return usable }
        let reserved = min(max(size / 16, 16), 256)
        return reserved < size ? usable.lowerBound + reserved..<usable.upperBound : usable
    }

    private func draw<Value: FixedWidthInteger>(
        from range: Range<Value>, where isFree: (Value) -> Bool, using generator: inout some RandomNumberGenerator
    ) -> Value? {
        guard !range.isEmpty else { return nil }
        for _ in 0..<Self.draws {
            let value = Value.random(in: range, using: &generator)
            if isFree(value) { return value }
        }
        return range.first(where: isFree)
    }
}

// Node ports.
extension ServiceAllocationDraft {
    private mutating func allocateNodePorts(
        of service: inout JSONObject, using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) {
        let isOnRequest =
            ServiceFields.type(service) == "LoadBalancer" && service.bool("allocateLoadBalancerNodePorts") == false
        var ports = service.items("ports")
        // Ports of one number share a node port over their protocols.
        var numbers: [Int64: Int64] = [:]
        for index in ports.indices {
            let number = ports[index]["port"]?.intValue ?? 0
            let requested = ports[index]["nodePort"]?.intValue ?? 0
            if requested == 0, isOnRequest { continue }
            if requested != 0 {
                if numbers[number] != requested { try take(requested, index: index) }
                numbers[number] = numbers[number] ?? requested
            } else {
                var given = numbers[number]
                if given == nil { given = try laterRequest(number, in: ports[index...], at: index) }
                let next: Int64
                if let given { next = given } else { next = try nextNodePort(using: &generator) }
                numbers[number] = next
                ports[index]["nodePort"] = .int(next)
            }
        }
        if !ports.isEmpty { service["ports"] = .array(ports) }
    }

    /// The node port that a later port of the same number asks for.
    private mutating func laterRequest(
        _ number: Int64, in ports: ArraySlice<JSON>, at index: Int
    ) throws(ServiceAllocator.Refusal) -> Int64? {
        let port = ports.first { $0["port"]?.intValue == number && ($0["nodePort"]?.intValue ?? 0) != 0 }
        guard let requested = port?["nodePort"]?.intValue else { return nil }
        try take(requested, index: index)
        return requested
    }

    private mutating func take(_ port: Int64, index: Int) throws(ServiceAllocator.Refusal) {
        try take(port, at: spec.child("ports").index(index).child("nodePort"))
    }

    private mutating func take(_ port: Int64, at path: FieldPath) throws(ServiceAllocator.Refusal) {
        if stored.nodePorts.contains(port), !taken.nodePorts.contains(port) { return }
        let range = options.nodePorts
        if !range.contains(port) {
            let why =
                "provided port is not in the valid range. The range of valid ports is "
                + "\(range.lowerBound)-\(range.upperBound)"
            try refuse([.invalid(path, .int(port), why)])
        }
        if inUse.nodePorts.contains(port) || taken.nodePorts.contains(port) {
            try refuse([.invalid(path, .int(port), "provided port is already allocated")])
        }
        taken.nodePorts.insert(port)
    }

    private mutating func nextNodePort(
        using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) -> Int64 {
        func free(_ port: Int64) -> Bool { !inUse.nodePorts.contains(port) && !taken.nodePorts.contains(port) }
        let range = options.nodePorts.lowerBound..<options.nodePorts.upperBound + 1
        guard let port = draw(from: range, where: free, using: &generator) else {
            throw ServiceAllocator.Refusal(
                errors: [
                    FieldError(.internal, spec.child("ports"), detail: "failed to allocate a nodePort: range is full")
                ])
        }
        taken.nodePorts.insert(port)
        return port
    }

    private mutating func allocateHealthCheckPort(
        of service: inout JSONObject, using generator: inout some RandomNumberGenerator
    ) throws(ServiceAllocator.Refusal) {
        let requested = service.int("healthCheckNodePort") ?? 0
        if requested == 0 {
            service["healthCheckNodePort"] = .int(try nextNodePort(using: &generator))
        } else {
            try take(requested, at: spec.child("healthCheckNodePort"))
        }
    }
}
