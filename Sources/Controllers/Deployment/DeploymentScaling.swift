import JSON
import KubernetesClient

/// A replica set and the replicas that it is to have.
package struct ScaleChange: Sendable, Hashable {
    package var replicaSet: ReplicaSet
    package var replicas: Int64

    package init(_ replicaSet: ReplicaSet, replicas: Int64) {
        self.replicaSet = replicaSet
        self.replicas = replicas
    }

    package var isChange: Bool { replicaSet.replicas != replicas }
}

/// How many replicas each of a Deployment's replica sets is to have: the arithmetic of rolling and of scaling, without
/// a clock or a server.
package struct DeploymentScaling: Sendable {
    package var deployment: Deployment
    /// The set of the present template, where it is there.
    package var new: ReplicaSet?
    package var old: [ReplicaSet]

    package init(deployment: Deployment, new: ReplicaSet?, old: [ReplicaSet]) {
        self.deployment = deployment
        self.new = new
        self.old = old
    }

    package var all: [ReplicaSet] { old + (new.map { [$0] } ?? []) }
    private var totalReplicas: Int64 { all.reduce(0) { $0 + $1.replicas } }

    /// Whether someone changed the Deployment's size since its sets were last sized.
    package var isScalingEvent: Bool {
        all.contains { set in
            guard set.replicas > 0,
                let desired = set.annotation(DeploymentAnnotation.desiredReplicas).flatMap({ Int64($0) })
            else { return false }
            return desired != deployment.replicas
        }
    }
}

// Rolling.
extension DeploymentScaling {
    /// The replicas that the new set may have now: what is asked for, as far as the surge allows.
    package var newSetReplicas: Int64 {
        let present = new?.replicas ?? 0
        guard deployment.strategy == .rollingUpdate else { return deployment.replicas }
        let room = deployment.replicas + deployment.maximumSurge - totalReplicas
        guard room > 0 else { return present }
        return present + min(room, deployment.replicas - present)
    }

    /// The change of the new set in this pass, if it needs one.
    package var newSetChange: ScaleChange? {
        guard let new, new.replicas != deployment.replicas else { return nil }
        let target = new.replicas > deployment.replicas ? deployment.replicas : newSetReplicas
        return target == new.replicas ? nil : ScaleChange(new, replicas: target)
    }

    /// The changes of the old sets in this pass: replicas that are not available go first, from the oldest set on, then
    /// those that the new set's available replicas make superfluous.
    package var oldSetChanges: [ScaleChange] {
        let active = old.filter { $0.replicas > 0 }.sorted(by: DeploymentRevision.isOlder)
        guard !active.isEmpty else { return [] }
        let minimumAvailable = deployment.replicas - deployment.maximumUnavailable
        let newUnavailable = (new?.replicas ?? 0) - (new?.availableReplicas ?? 0)
        var removable = totalReplicas - minimumAvailable - newUnavailable
        guard removable > 0 else { return [] }

        var targets = active.map(\.replicas)
        for (index, set) in active.enumerated() where removable > 0 && set.replicas > set.availableReplicas {
            let removed = min(removable, set.replicas - set.availableReplicas)
            targets[index] -= removed
            removable -= removed
        }
        var surplus = all.reduce(0) { $0 + $1.availableReplicas } - minimumAvailable
        for index in active.indices where surplus > 0 && targets[index] > 0 {
            let removed = min(targets[index], surplus)
            targets[index] -= removed
            surplus -= removed
        }
        return zip(active, targets).map { ScaleChange($0, replicas: $1) }.filter(\.isChange)
    }

    /// What `Recreate` does before it makes new pods: no old set keeps any.
    package var recreateChanges: [ScaleChange] {
        old.filter { $0.replicas > 0 }.map { ScaleChange($0, replicas: 0) }
    }
}

// Scaling.
extension DeploymentScaling {
    /// The changes that follow from a new size of the Deployment alone, without rolling on: the one active set takes
    /// it; several share the difference in proportion to their sizes.
    ///
    /// A set is in the answer even when it keeps its replicas: the Deployment's new size must be noted on it, or the
    /// next pass would take it for a scaling again.
    package var resizeChanges: [ScaleChange] {
        let active = all.filter { $0.replicas > 0 }
        if active.count <= 1 {
            guard let only = active.first ?? new ?? old.max(by: DeploymentRevision.isOlder) else { return [] }
            return [ScaleChange(only, replicas: deployment.replicas)]
        }
        if isSaturated { return recreateChanges }
        guard deployment.strategy == .rollingUpdate else {
            return active.map { ScaleChange($0, replicas: $0.replicas) }
        }
        return proportionalChanges(of: active)
    }

    /// Whether the new set has everything that the Deployment asks for.
    private var isSaturated: Bool {
        guard let new else { return false }
        return new.annotation(DeploymentAnnotation.desiredReplicas) == String(deployment.replicas)
            && new.replicas == deployment.replicas && new.availableReplicas == deployment.replicas
    }

    private func proportionalChanges(of active: [ReplicaSet]) -> [ScaleChange] {
        let allowed = deployment.replicas > 0 ? deployment.replicas + deployment.maximumSurge : 0
        let difference = allowed - active.reduce(0) { $0 + $1.replicas }
        // Growing favours newer sets of the same size, shrinking older ones.
        let sorted = active.sorted { first, second in
            if first.replicas != second.replicas { return first.replicas > second.replicas }
            return difference > 0
                ? DeploymentRevision.isOlder(second, first) : DeploymentRevision.isOlder(first, second)
        }
        var distributed: Int64 = 0
        var changes = sorted.map { set in
            let share = proportion(of: set, difference: difference, distributed: distributed)
            distributed += share
            return ScaleChange(set, replicas: set.replicas + share)
        }
        // What rounding left over goes to the largest.
        if difference != 0 { changes[0].replicas = max(0, changes[0].replicas + difference - distributed) }
        return changes
    }

    private func proportion(of set: ReplicaSet, difference: Int64, distributed: Int64) -> Int64 {
        let rest = difference - distributed
        guard set.replicas != 0, difference != 0, rest != 0 else { return 0 }
        let share = fraction(of: set)
        return difference > 0 ? min(share, rest) : max(share, rest)
    }

    /// What the set gains or loses if it keeps its part of the whole.
    private func fraction(of set: ReplicaSet) -> Int64 {
        guard deployment.replicas > 0 else { return -set.replicas }
        let before = set.annotation(DeploymentAnnotation.maximumReplicas).flatMap { Int64($0) } ?? 0
        let noted = before > 0 ? before : deployment.status["replicas"]?.intValue ?? 0
        guard noted > 0 else { return 0 }
        let whole = Double(deployment.replicas + deployment.maximumSurge)
        let size = (Double(set.replicas) * whole / Double(noted)).rounded()
        return (Int64(exactly: size) ?? set.replicas) - set.replicas
    }
}
