package import APIMachinery
package import KubernetesClient

/// What a ReplicaSet lacks or has too much of.
package enum ReplicaSetPlan: Sendable, Hashable {
    /// More than these pods are never created or deleted in one pass.
    package static let maximumBurst = 500

    case create(Int)
    case delete([Pod])
    case none

    /// - Parameters:
    ///   - active: The set's own pods that are neither ended nor on their way out.
    ///   - related: Those, and the active pods of the sets that share the set's controller.
    package init(for set: ReplicaSet, active: [Pod], related: some Sequence<Pod>, now: KubernetesTime) {
        let missing = set.replicas - Int64(active.count)
        if missing > 0 {
            self = .create(Int(min(missing, Int64(Self.maximumBurst))))
        } else if missing < 0 {
            let surplus = Int(min(-missing, Int64(Self.maximumBurst)))
            self = .delete(PodDeletionOrder(related: related, now: now).podsToDelete(surplus, of: active))
        } else {
            self = .none
        }
    }
}
