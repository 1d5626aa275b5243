package import APIMachinery
package import JSON
import KubernetesClient

/// The status of a Deployment, as its replica sets stand, and how far its rollout is.
package struct DeploymentStatus: Sendable {
    package enum ConditionType {
        package static let available = "Available"
        package static let progressing = "Progressing"
        package static let replicaFailure = "ReplicaFailure"
    }

    package enum Reason {
        package static let newReplicaSetCreated = "NewReplicaSetCreated"
        package static let foundNewReplicaSet = "FoundNewReplicaSet"
        package static let replicaSetUpdated = "ReplicaSetUpdated"
        package static let newReplicaSetAvailable = "NewReplicaSetAvailable"
        package static let replicaSetCreateError = "ReplicaSetCreateError"
        package static let progressDeadlineExceeded = "ProgressDeadlineExceeded"
        package static let paused = "DeploymentPaused"
        package static let resumed = "DeploymentResumed"
        package static let minimumReplicasAvailable = "MinimumReplicasAvailable"
        package static let minimumReplicasUnavailable = "MinimumReplicasUnavailable"
    }

    /// Seconds that a check of the deadline comes after it, as the times compared are whole seconds.
    package static let deadlineSlackSeconds: Int64 = 1

    package var deployment: Deployment
    package var new: ReplicaSet?
    package var old: [ReplicaSet]
    package var now: KubernetesTime

    package init(deployment: Deployment, new: ReplicaSet?, old: [ReplicaSet], now: KubernetesTime) {
        self.deployment = deployment
        self.new = new
        self.old = old
        self.now = now
    }

    private var all: [ReplicaSet] { old + (new.map { [$0] } ?? []) }

    /// The counts, and whether the least number of pods is available; the rollout's progress as it was.
    package var counted: JSON {
        func sum(_ count: (ReplicaSet) -> Int64) -> Int64 { all.reduce(0) { $0 + count($1) } }
        let available = sum(\.availableReplicas)
        var status = deployment.status
        status = status.isNull ? .object([:]) : status
        func put(_ member: String, _ value: Int64) { status[member] = value == 0 ? nil : .int(value) }
        put("replicas", sum(\.actualReplicas))
        put("updatedReplicas", new?.actualReplicas ?? 0)
        put("readyReplicas", sum(\.readyReplicas))
        put("availableReplicas", available)
        put("unavailableReplicas", max(0, sum(\.replicas) - available))
        put("observedGeneration", deployment.generation)
        status["terminatingReplicas"] = .int(sum(\.terminatingReplicas))
        let isAvailable = available >= deployment.replicas - deployment.maximumUnavailable
        return setting(
            ConditionType.available, isAvailable ? "True" : "False",
            isAvailable ? Reason.minimumReplicasAvailable : Reason.minimumReplicasUnavailable,
            isAvailable
                ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
            in: status)
    }

    /// The counts, and how the rollout comes on: to be written in a pass that rolls.
    package var rolledOut: JSON {
        var status = counted
        let present = ConditionList(deployment.status["conditions"])[ConditionType.progressing]
        if deployment.progressDeadlineSeconds == nil {
            status = removing(ConditionType.progressing, from: status)
        } else if !(present?.reason == Reason.newReplicaSetAvailable
            && count("replicas", status) == count("updatedReplicas", status))
        {
            let subject = new.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
            if isComplete(status) {
                status = setting(
                    ConditionType.progressing, "True", Reason.newReplicaSetAvailable,
                    "\(subject) has successfully progressed.", in: status)
            } else if isProgressing(status) {
                // Every step counts anew towards the deadline, so the time of the update moves on.
                status = setting(
                    ConditionType.progressing, "True", Reason.replicaSetUpdated, "\(subject) is progressing.",
                    in: status, renewing: true)
            } else if hasTimedOut(status) {
                status = setting(
                    ConditionType.progressing, "False", Reason.progressDeadlineExceeded,
                    "\(subject) has timed out progressing.", in: status)
            }
        }
        if let failure = replicaFailure {
            return setting(ConditionType.replicaFailure, failure.status, failure.reason, failure.message, in: status)
        }
        return removing(ConditionType.replicaFailure, from: status)
    }

    /// The Deployment's status with a condition of its progress; as it is, where it has that already.
    package static func status(
        of deployment: Deployment, progressing value: String, _ reason: String, _ message: String, now: KubernetesTime
    ) -> JSON {
        DeploymentStatus(deployment: deployment, new: nil, old: [], now: now).setting(
            ConditionType.progressing, value, reason, message, in: deployment.status)
    }

    /// Every replica is of the present template and available, and none of another is left.
    package func isComplete(_ status: JSON) -> Bool {
        count("updatedReplicas", status) == deployment.replicas && count("replicas", status) == deployment.replicas
            && count("availableReplicas", status) == deployment.replicas
            && count("observedGeneration", status) >= deployment.generation
    }

    /// How long until the deadline has to be looked at again, if it has.
    package func timeUntilDeadline(_ status: JSON) -> Duration? {
        guard let deadline = deployment.progressDeadlineSeconds,
            let condition = ConditionList(status["conditions"])[ConditionType.progressing],
            condition.reason != Reason.progressDeadlineExceeded, !isComplete(status),
            let updated = condition.lastUpdateTime
        else { return nil }
        let end = updated.advanced(bySeconds: deadline + Self.deadlineSlackSeconds)
        return max(.zero, end - now)
    }
}

extension DeploymentStatus {
    private func count(_ member: String, _ status: JSON) -> Int64 { status[member]?.intValue ?? 0 }

    private func isProgressing(_ status: JSON) -> Bool {
        let before = deployment.status
        return count("updatedReplicas", status) > count("updatedReplicas", before)
            || count("replicas", status) - count("updatedReplicas", status)
                < count("replicas", before) - count("updatedReplicas", before)
            || count("readyReplicas", status) > count("readyReplicas", before)
            || count("availableReplicas", status) > count("availableReplicas", before)
    }

    private func hasTimedOut(_ status: JSON) -> Bool {
        guard let deadline = deployment.progressDeadlineSeconds,
            let condition = ConditionList(status["conditions"])[ConditionType.progressing],
            condition.reason != Reason.newReplicaSetAvailable
        else { return false }
        if condition.reason == Reason.progressDeadlineExceeded { return true }
        guard let updated = condition.lastUpdateTime else { return false }
        return updated.advanced(bySeconds: deadline) < now
    }

    private var replicaFailure: Condition? {
        ((new.map { [$0] } ?? []) + old).lazy.compactMap { $0.condition(ConditionType.replicaFailure) }.first {
            $0.isTrue
        }
    }

    private func removing(_ type: String, from status: JSON) -> JSON {
        var conditions = ConditionList(status["conditions"])
        conditions.remove(type)
        var status = status
        status["conditions"] = conditions.json
        return status
    }

    /// A condition that already has this status and reason stays as it is, unless it is renewed; the time of the
    /// transition changes with the status alone.
    private func setting(
        _ type: String, _ value: String, _ reason: String, _ message: String, in status: JSON, renewing: Bool = false
    ) -> JSON {
        var conditions = ConditionList(status["conditions"])
        let present = conditions[type]
        if let present, present.status == value, present.reason == reason, !renewing { return status }
        let transition = present?.status == value ? present?.lastTransitionTime : nil
        conditions.set([
            "type": .string(type), "status": .string(value), "lastUpdateTime": now.json,
            "lastTransitionTime": (transition ?? now).json, "reason": .string(reason), "message": .string(message),
        ])
        var status = status
        if status.isNull { status = .object([:]) }
        status["conditions"] = conditions.json
        return status
    }
}
