package import APIMachinery
package import KubernetesClient

/// Which of its pods a controller gives up first when it has too many.
///
/// The rules are those of the ReplicaSet documentation ("Scaling down a ReplicaSet" and "Pod deletion cost"), in this
/// order: not yet on a node; pending, then unknown, then running; not ready; lower deletion cost; more related pods on
/// the same node; ready for a shorter time; restarted more often; younger. Times count by their binary logarithm, so
/// that pods of about the same age are taken by chance (here: by uid) and not all from the youngest node.
package struct PodDeletionOrder: Sendable {
    /// An integer; pods with lower ones go first.
    package static let costAnnotation = "controller.kubernetes.io/pod-deletion-cost"

    private let now: KubernetesTime
    private let relatedPodsOnNode: [String: Int]

    /// - Parameter related: Every active pod of this controller and of those with the same owner.
    package init(related: some Sequence<Pod>, now: KubernetesTime) {
        self.now = now
        var counts: [String: Int] = [:]
        for pod in related where !pod.nodeName.isEmpty && pod.isActive { counts[pod.nodeName, default: 0] += 1 }
        relatedPodsOnNode = counts
    }

    /// The pods to delete, first the one that is missed least.
    /// - Parameter count: How many; all of them where there are no more.
    package func podsToDelete(_ count: Int, of pods: [Pod]) -> [Pod] {
        guard count > 0 else { return [] }
        guard count < pods.count else { return pods }
        return pods.map { Candidate(pod: $0, related: relatedPodsOnNode[$0.nodeName] ?? 0, now: now) }
            .sorted(by: Candidate.goesBefore).prefix(count).map(\.pod)
    }

    /// What the order asks of a pod, read once.
    private struct Candidate {
        let pod: Pod
        let related: Int
        let isAssigned: Bool
        let phaseRank: Int
        let isReady: Bool
        let cost: Int
        /// Logarithms of seconds; `nil` where the time is unknown, which goes first.
        let readyAge: Int?
        let age: Int?
        let restarts: Int64
        let uid: String

        init(pod: Pod, related: Int, now: KubernetesTime) {
            self.pod = pod
            self.related = related
            isAssigned = !pod.nodeName.isEmpty
            phaseRank = ["Pending": 0, "Unknown": 1][pod.phase] ?? 2
            isReady = pod.isReady
            cost = pod.annotation(PodDeletionOrder.costAnnotation).flatMap { Int(Int32($0) ?? 0) } ?? 0
            readyAge = pod.readySince.map { Self.logarithm(of: $0, until: now) }
            age = pod.creationTime.map { Self.logarithm(of: $0, until: now) }
            restarts = pod.maximumRestarts
            uid = pod.uid
        }

        private static func logarithm(of time: KubernetesTime, until now: KubernetesTime) -> Int {
            let seconds = now.epochSeconds - time.epochSeconds
            return seconds <= 0 ? -1 : Int64.bitWidth - seconds.leadingZeroBitCount - 1
        }

        static func goesBefore(_ first: Candidate, _ second: Candidate) -> Bool {
            if first.isAssigned != second.isAssigned { return !first.isAssigned }
            if first.phaseRank != second.phaseRank { return first.phaseRank < second.phaseRank }
            if first.isReady != second.isReady { return !first.isReady }
            if first.cost != second.cost { return first.cost < second.cost }
            if first.related != second.related { return first.related > second.related }
            if first.isReady, first.readyAge != second.readyAge { return isYounger(first.readyAge, second.readyAge) }
            if first.restarts != second.restarts { return first.restarts > second.restarts }
            if first.age != second.age { return isYounger(first.age, second.age) }
            return first.uid < second.uid
        }

        private static func isYounger(_ first: Int?, _ second: Int?) -> Bool {
            guard let first else { return true }
            guard let second else { return false }
            return first < second
        }
    }
}
