import APIMachinery
import JSON
import KubernetesAPI
import Storage

/// Counts what objects cost of their namespace's quotas, and refuses what is too much (Kubernetes' `ResourceQuota`).
///
/// The count is written together with the object, in one transaction: two writers who would share the last of a quota
/// meet at the quota's revision, and one of them counts anew. What a deletion frees is for a controller to find out.
struct QuotaEnforcement: AllocationHook {
    private static let key = ResourceKey(group: "", resource: "resourcequotas")

    /// The resource of the quotas themselves.
    let quotas: ServedResource
    let environment: ServerEnvironment

    func serves(_ resource: ServedResource) -> Bool { resource.definition.isNamespaced }

    func reserve(
        for object: inout JSON, replacing old: JSON?, in request: ReservationRequest
    ) throws -> (any Reservation)? {
        guard request.subresource == nil, let namespace = request.namespace,
            old == nil || QuotaUsage.countsUpdates(of: request.resource.groupResource)
        else { return nil }
        var companions: [Write] = []
        for stored in request.snapshot.objects(in: Self.key, prefix: namespace + "/") {
            let quota = try quotas.decode(stored)
            guard var charged = try charge(quota, for: object, replacing: old, request) else { continue }
            quotas.trackServerWrite(
                of: &charged, replacing: quota, subresource: "status",
                at: environment.currentTime)
            companions.append(Write(.put(quotas.encode(charged)), at: stored.key, if: .revision(stored.revision)))
        }
        return companions.isEmpty ? nil : Charge(companions: companions)
    }

    private struct Charge: Reservation {
        let companions: [Write]

        func keep() {}
        func giveBack() {}
    }

    /// A quota with the object counted; `nil` where it is not concerned.
    private func charge(
        _ quota: JSON, for object: JSON, replacing old: JSON?, _ request: ReservationRequest
    ) throws -> JSON? {
        let resource = request.resource.groupResource
        let usage = QuotaUsage(object, of: resource)
        let hard = Self.amounts(quota["status"]?["hard"])
        let limited = hard.keys.filter { QuotaUsage.isCounted($0, for: resource) }.sorted()
        guard !limited.isEmpty, usage.matches(quota: quota) else { return nil }
        let used = Self.amounts(quota["status"]?["used"])
        func refuse(_ why: String) -> APIStatus {
            .forbidden(resource, name: Self.name(of: object), why)
        }
        let name = quota.metadataText("name")
        if limited.contains(where: { used[$0] == nil }) {
            throw refuse("status unknown for quota: \(name), resources: \(limited.joined(separator: ","))")
        }
        let missing = usage.missing(of: limited)
        if !missing.isEmpty {
            let parts = missing.map { "\($0.name) for: \($0.containers.joined(separator: ","))" }
            throw refuse("failed quota: \(name): must specify \(parts.joined(separator: "; "))")
        }
        var cost = usage.amounts
        if let old { cost.merge(QuotaUsage(old, of: resource).amounts) { $0 - $1 } }
        cost = cost.filter { hard[$0.key] != nil && !$0.value.isZero }
        guard !cost.isEmpty else { return nil }
        var sums = used
        for (name, amount) in cost { sums[name] = (used[name] ?? .zero) + amount }
        let exceeded = cost.keys.filter {
            cost[$0].map { $0.sign > 0 } ?? false && hard[$0] ?? .zero < sums[$0] ?? .zero
        }
        if !exceeded.isEmpty {
            throw refuse(
                "exceeded quota: \(name), requested: \(Self.text(cost, exceeded)), used: \(Self.text(used, exceeded)), "
                    + "limited: \(Self.text(hard, exceeded))")
        }
        return Self.counting(sums.filter { cost[$0.key] != nil }, in: quota)
    }

    private static func name(of object: JSON) -> String {
        let name = object.metadataText("name")
        return name.isEmpty ? object.metadataText("generateName") : name
    }

    private static func counting(_ sums: [String: Quantity], in quota: JSON) -> JSON {
        var quota = quota
        var status = quota["status"] ?? [:]
        var used = status["used"] ?? [:]
        for (name, amount) in sums.sorted(by: { $0.key < $1.key }) { used[name] = .string(amount.description) }
        status["used"] = used
        quota["status"] = status
        return quota
    }

    private static func amounts(_ list: JSON?) -> [String: Quantity] {
        var amounts: [String: Quantity] = [:]
        for entry in list?.objectValue ?? [:] {
            amounts[entry.key] = entry.value.stringValue.flatMap { try? Quantity(parsing: $0) }
        }
        return amounts
    }

    private static func text(_ amounts: [String: Quantity], _ names: some Sequence<String>) -> String {
        names.sorted().map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
    }
}
