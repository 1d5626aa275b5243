import APIMachinery
import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct DeploymentScalingTests {
    @Test(
        arguments: [
            (10, "25%", "25%", 3, 2, "a surge rounds up, an unavailability down"),
            (1, "25%", "25%", 1, 0, "one pod: a second comes before it goes"),
            (4, 0, "10%", 0, 1, "both round to none: one may be away"),
            (3, 2, 5, 2, 3, "no more can be away than there are"),
            (0, "25%", "25%", 0, 0, "none"),
        ] as [(Int64, JSON, JSON, Int64, Int64, String)])
    func resolvesItsLimits(
        _ replicas: Int64, surge: JSON, unavailable: JSON, expectedSurge: Int64, expectedUnavailable: Int64,
        remark: String
    ) {
        let deployment = deployment(replicas: replicas, surge: surge, unavailable: unavailable)
        #expect(deployment.maximumSurge == expectedSurge, "\(remark)")
        #expect(deployment.maximumUnavailable == expectedUnavailable, "\(remark)")
    }

    private func targets(_ changes: [ScaleChange]) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: changes.map { ($0.replicaSet.name, $0.replicas) })
    }

    @Test func rollsWithinSurgeAndUnavailability() {
        let deployment = deployment(replicas: 10)
        var scaling = DeploymentScaling(
            deployment: deployment, new: replicaSet("new", replicas: 0), old: [replicaSet("old", replicas: 10)])
        #expect(scaling.newSetReplicas == 3)
        scaling.new = replicaSet("new", replicas: 3, available: 0)
        #expect(scaling.newSetChange == nil)
        #expect(targets(scaling.oldSetChanges) == ["old": 8])
        scaling.old = [replicaSet("old", replicas: 8)]
        #expect(scaling.newSetReplicas == 5)
        scaling.new = replicaSet("new", replicas: 5, available: 0)
        #expect(scaling.oldSetChanges.isEmpty)
    }

    @Test func givesUpUnhealthyOldPodsFirst() {
        let scaling = DeploymentScaling(
            deployment: deployment(replicas: 10),
            new: replicaSet("new", replicas: 3, available: 3),
            old: [
                replicaSet("older", replicas: 4, available: 4, age: 300),
                replicaSet("newer", replicas: 6, available: 2, age: 200),
            ])
        #expect(targets(scaling.oldSetChanges) == ["newer": 2, "older": 3])
    }

    @Test func neverFallsBelowTheLeastThatMustBeAvailable() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0..<UInt64.max, using: &generator)
        var random = SplitMix(state: seed)
        for _ in 0..<2000 {
            let replicas = Int64.random(in: 0...20, using: &random)
            let surge = Int64.random(in: 0...5, using: &random)
            let unavailable = Int64.random(in: 0...5, using: &random)
            func set(_ name: String) -> ReplicaSet {
                let size = Int64.random(in: 0...12, using: &random)
                return replicaSet(name, replicas: size, available: Int64.random(in: 0...size, using: &random))
            }
            let scaling = DeploymentScaling(
                deployment: deployment(replicas: replicas, surge: .int(surge), unavailable: .int(unavailable)),
                new: set("new"), old: [set("a"), set("b")])
            let deployment = scaling.deployment
            let before = scaling.all.reduce(0) { $0 + $1.replicas }
            #expect(scaling.newSetReplicas <= max(scaling.new?.replicas ?? 0, deployment.replicas), "seed \(seed)")
            let grown = before + scaling.newSetReplicas - (scaling.new?.replicas ?? 0)
            #expect(grown <= max(before, replicas + deployment.maximumSurge), "seed \(seed)")

            let changes = targets(scaling.oldSetChanges)
            // Pods that are not available go first, so what is left available is what is left at most.
            let availableBefore = scaling.all.reduce(0) { $0 + $1.availableReplicas }
            let availableAfter =
                (scaling.new?.availableReplicas ?? 0)
                + scaling.old.reduce(0) { $0 + min($1.availableReplicas, changes[$1.name] ?? $1.replicas) }
            let least = replicas - deployment.maximumUnavailable
            #expect(availableAfter >= min(availableBefore, least), "seed \(seed)")
        }
    }

    @Test func sharesANewSizeInProportion() {
        let notes: JSON = [
            "deployment.kubernetes.io/desired-replicas": "10", "deployment.kubernetes.io/max-replicas": "13",
        ]
        let scaling = DeploymentScaling(
            deployment: deployment(replicas: 15, surge: 3, unavailable: 2),
            new: replicaSet("new", replicas: 5, available: 0, annotations: notes),
            old: [replicaSet("old", replicas: 8, annotations: notes)])
        #expect(scaling.isScalingEvent)
        #expect(targets(scaling.resizeChanges) == ["old": 11, "new": 7])
    }

    @Test func scalesTheOneActiveSet() {
        let scaling = DeploymentScaling(
            deployment: deployment(replicas: 3), new: nil,
            old: [replicaSet("old", replicas: 1), replicaSet("empty", replicas: 0)])
        #expect(targets(scaling.resizeChanges) == ["old": 3])
    }

    @Test func recreatesOnlyWhenNothingOldIsLeft() {
        let scaling = DeploymentScaling(
            deployment: deployment(replicas: 2, type: "Recreate"), new: nil, old: [replicaSet("old", replicas: 2)])
        #expect(targets(scaling.recreateChanges) == ["old": 0])
        #expect(scaling.newSetReplicas == 2)
    }
}

/// A small generator whose seed is shown where a test fails.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite struct DeploymentRevisionTests {
    @Test func findsTheSetOfTheTemplateWhateverItsHash() {
        let sets = [
            replicaSet("b", replicas: 0, age: 10, image: "img:1"),
            replicaSet("a", replicas: 0, age: 20, image: "img:1"),
            replicaSet("c", replicas: 3, image: "img:2"),
        ]
        #expect(DeploymentRevision.newSet(of: deployment(replicas: 1), among: sets)?.name == "a")
        #expect(DeploymentRevision.newSet(of: deployment(replicas: 1, image: "img:3"), among: sets) == nil)
    }

    @Test func hashesEqualTemplatesAlike() {
        let one: JSON = ["metadata": ["labels": ["a": "1", "b": "2"]], "spec": ["x": 1]]
        let other: JSON = ["spec": ["x": 1], "metadata": ["labels": ["b": "2", "a": "1", "pod-template-hash": "z"]]]
        #expect(TemplateHash(of: one, collisionCount: nil) == TemplateHash(of: other, collisionCount: nil))
        #expect(TemplateHash(of: one, collisionCount: nil) != TemplateHash(of: one, collisionCount: 1))
        let text = TemplateHash(of: one, collisionCount: nil).text
        #expect(text.allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
    }

    @Test func aSetThatIsTakenUpAgainKeepsItsHistory() {
        var set = replicaSet(
            "rs", replicas: 0, annotations: ["deployment.kubernetes.io/revision": "1", "mine": "kept"])
        set = DeploymentRevision.annotated(
            set, for: deployment(replicas: 1, annotations: ["note": "x", "deployment.kubernetes.io/revision": "2"]),
            revision: 3)
        #expect(
            set.annotations == [
                "deployment.kubernetes.io/revision": "3", "deployment.kubernetes.io/revision-history": "1",
                "mine": "kept", "note": "x",
            ])
        let again = DeploymentRevision.annotated(set, for: deployment(replicas: 1), revision: 3)
        #expect(again == set)
    }

    @Test func dropsTheOldestBeyondTheLimit() {
        func old(_ revision: Int, replicas: Int64 = 0) -> ReplicaSet {
            replicaSet(
                "r\(revision)", replicas: replicas,
                annotations: ["deployment.kubernetes.io/revision": .string("\(revision)")])
        }
        let limited = deployment(replicas: 1, spec: ["revisionHistoryLimit": 1])
        #expect(DeploymentRevision.expired(of: limited, old: [old(3), old(1), old(2)]).map(\.name) == ["r1", "r2"])
        #expect(
            DeploymentRevision.expired(of: limited, old: [old(3), old(1, replicas: 1), old(2)]).map(\.name) == ["r2"])
        let unlimited = deployment(replicas: 1, spec: ["revisionHistoryLimit": 2_147_483_647])
        #expect(DeploymentRevision.expired(of: unlimited, old: [old(1), old(2)]).isEmpty)
    }
}

@Suite struct DeploymentStatusTests {
    private let deadline: JSON = ["progressDeadlineSeconds": 10]

    private func progressing(_ status: JSON) -> Condition? { ConditionList(status["conditions"])["Progressing"] }

    @Test func completes() {
        let status = DeploymentStatus(
            deployment: deployment(replicas: 3, spec: deadline), new: replicaSet("web-x", replicas: 3), old: [],
            now: start
        ).rolledOut
        #expect(status["updatedReplicas"] == 3)
        #expect(status["unavailableReplicas"] == nil)
        #expect(status["terminatingReplicas"] == 0)
        #expect(progressing(status)?.reason == "NewReplicaSetAvailable")
        #expect(progressing(status)?.message == "ReplicaSet \"web-x\" has successfully progressed.")
        #expect(ConditionList(status["conditions"])["Available"]?.reason == "MinimumReplicasAvailable")
    }

    @Test func runsOutOfTimeOnceAndStaysSo() {
        let new = replicaSet("web-x", replicas: 2, available: 0)
        var deployment = deployment(replicas: 2, spec: deadline)
        deployment.json["status"] = DeploymentStatus(deployment: deployment, new: new, old: [], now: start).rolledOut
        #expect(progressing(deployment.status)?.reason == "ReplicaSetUpdated")

        let soon = DeploymentStatus(deployment: deployment, new: new, old: [], now: start.advanced(bySeconds: 10))
        #expect(soon.rolledOut == deployment.status)
        #expect(soon.timeUntilDeadline(soon.rolledOut) == .seconds(1))

        let late = DeploymentStatus(deployment: deployment, new: new, old: [], now: start.advanced(bySeconds: 11))
        #expect(progressing(late.rolledOut)?.reason == "ProgressDeadlineExceeded")
        #expect(progressing(late.rolledOut)?.status == "False")
        #expect(progressing(late.rolledOut)?.message == "ReplicaSet \"web-x\" has timed out progressing.")
        #expect(late.timeUntilDeadline(late.rolledOut) == nil)

        deployment.json["status"] = late.rolledOut
        let later = DeploymentStatus(deployment: deployment, new: new, old: [], now: start.advanced(bySeconds: 99))
        #expect(later.rolledOut == deployment.status)
    }

    @Test func progressRenewsTheTimeButNotTheTransition() {
        var deployment = deployment(replicas: 2, spec: deadline)
        deployment.json["status"] =
            DeploymentStatus(
                deployment: deployment, new: replicaSet("web-x", replicas: 2, available: 0, actual: 1), old: [],
                now: start
            ).rolledOut
        let status = DeploymentStatus(
            deployment: deployment, new: replicaSet("web-x", replicas: 2, available: 1, actual: 2), old: [],
            now: start.advanced(bySeconds: 5)
        ).rolledOut
        #expect(progressing(status)?.lastUpdateTime == start.advanced(bySeconds: 5))
        #expect(progressing(status)?.lastTransitionTime == start)
    }

    @Test func saysNothingOfProgressWithoutADeadline() {
        let status = DeploymentStatus(
            deployment: deployment(replicas: 1), new: replicaSet("web-x", replicas: 1), old: [], now: start
        ).rolledOut
        #expect(progressing(status) == nil)
    }
}
