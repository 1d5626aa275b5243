import APIMachinery
import KubernetesClient

/// The numbering of a Deployment's replica sets: each rollout, forwards or back, has the next revision.
package enum DeploymentRevision {
    package static func of(_ set: ReplicaSet) -> Int64 {
        set.annotation(DeploymentAnnotation.revision).flatMap { Int64($0) } ?? 0
    }

    /// The revision that the new replica set must have: one more than any old one.
    package static func next(after old: [ReplicaSet]) -> Int64 {
        let highest = old.map(of).max() ?? 0
        return highest == .max ? highest : highest + 1
    }

    /// The replica set of the Deployment's present template; of several the oldest, so that everyone picks the same.
    package static func newSet(of deployment: Deployment, among sets: [ReplicaSet]) -> ReplicaSet? {
        sets.filter { PodTemplateComparison.areEqual($0.template, deployment.template) }.min(by: isOlder)
    }

    /// First the older, by name where they are of the same second.
    package static func isOlder(_ first: ReplicaSet, _ second: ReplicaSet) -> Bool {
        let firstTime = first.creationTime ?? KubernetesTime(epochSeconds: 0)
        let secondTime = second.creationTime ?? KubernetesTime(epochSeconds: 0)
        return firstTime == secondTime ? first.name < second.name : firstTime < secondTime
    }

    /// The new replica set with the annotations that it must have: the Deployment's own, and the revision. A set that
    /// is taken up again keeps the revisions that it had in its history.
    package static func annotated(_ set: ReplicaSet, for deployment: Deployment, revision: Int64) -> ReplicaSet {
        var set = set
        for (key, value) in deployment.annotations where !DeploymentAnnotation.notInherited.contains(key) {
            if set.annotation(key) != value { set.setAnnotation(key, value) }
        }
        let present = set.annotation(DeploymentAnnotation.revision)
        // A revision that is no number was written by someone else, and is left alone.
        guard let old = present.map({ Int64($0) }) ?? 0, old < revision else { return set }
        set.setAnnotation(DeploymentAnnotation.revision, String(revision))
        if let present { appendHistory(present, to: &set) }
        return set
    }

    private static func appendHistory(_ revision: String, to set: inout ReplicaSet) {
        var history = (set.annotation(DeploymentAnnotation.revisionHistory) ?? "").split(separator: ",").map(
            String.init)
        history.append(revision)
        while history.count > 1, history.joined(separator: ",").count > DeploymentAnnotation.maximumHistoryLength {
            history.removeFirst()
        }
        set.setAnnotation(DeploymentAnnotation.revisionHistory, history.joined(separator: ","))
    }

    /// The replica set with the sizes that its share is reckoned from when the Deployment is scaled.
    package static func sized(_ set: ReplicaSet, for deployment: Deployment) -> ReplicaSet {
        var set = set
        set.setAnnotation(DeploymentAnnotation.desiredReplicas, String(deployment.replicas))
        set.setAnnotation(DeploymentAnnotation.maximumReplicas, String(deployment.replicas + deployment.maximumSurge))
        return set
    }

    /// The old replica sets that the history has no room for, the oldest revisions first.
    package static func expired(of deployment: Deployment, old: [ReplicaSet]) -> [ReplicaSet] {
        guard let limit = deployment.revisionHistoryLimit else { return [] }
        let candidates = old.filter { !$0.isBeingDeleted }
        let surplus = Int64(candidates.count) - limit
        guard surplus > 0 else { return [] }
        return candidates.sorted { (of($0), $0.name) < (of($1), $1.name) }.prefix(Int(surplus)).filter {
            $0.actualReplicas == 0 && $0.replicas == 0 && $0.generation <= $0.observedGeneration
        }
    }
}
