import APIMachinery
import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct ReplicaSetTests {
    @Test func createsWhatIsMissingAndDeletesWhatIsTooMuch() {
        let two = [pod("a"), pod("b")]
        #expect(ReplicaSetPlan(for: replicaSet("rs", replicas: 5), active: two, related: two, now: start) == .create(3))
        #expect(ReplicaSetPlan(for: replicaSet("rs", replicas: 2), active: two, related: two, now: start) == .none)
        #expect(
            ReplicaSetPlan(for: replicaSet("rs", replicas: 1), active: two, related: two, now: start)
                == .delete([two[0]]))
    }

    @Test func createsNoMoreThanABurstAtOnce() {
        #expect(
            ReplicaSetPlan(for: replicaSet("rs", replicas: 100_000), active: [], related: [], now: start)
                == .create(ReplicaSetPlan.maximumBurst))
    }

    @Test func countsItsPodsByTheirState() {
        var set = replicaSet("rs", replicas: 4, generation: 7)
        set.json["spec"]?["minReadySeconds"] = 60
        set.json["status"] = ["replicas": 9, "readyReplicas": 9]
        let labels: JSON = ["app": "web", "pod-template-hash": "rs"]
        let pods = [
            pod("a", readyFor: 100, labels: labels), pod("b", readyFor: 10, labels: labels), pod("c", readyFor: nil),
        ]
        let status = ReplicaSetStatus.make(of: set, active: pods, terminating: 2, failure: nil, now: start)
        #expect(
            status == [
                "replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "fullyLabeledReplicas": 2,
                "terminatingReplicas": 2, "observedGeneration": 7,
            ])
        #expect(ReplicaSetStatus.nextAvailability(of: set, active: pods, now: start) == start.advanced(bySeconds: 50))
    }

    @Test func tellsOfAFailureAndForgetsIt() {
        var set = replicaSet("rs", replicas: 1)
        let failed = ReplicaSetStatus.make(of: set, active: [], terminating: 0, failure: "exceeded quota", now: start)
        let condition = failed["conditions"]?[0]
        #expect(condition?["reason"] == "FailedCreate")
        #expect(condition?["message"] == "exceeded quota")
        set.json["status"] = failed
        let well = ReplicaSetStatus.make(of: set, active: [], terminating: 0, failure: nil, now: start)
        #expect(well["conditions"] == nil)
    }

    @Test func makesPodsOfItsTemplate() {
        let set = replicaSet("rs", replicas: 1)
        let pod = KubernetesObject(PodTemplate.pod(from: set.template, owner: set.object))
        #expect(pod.generateName == "rs-")
        #expect(pod.labels == ["app": "web", "pod-template-hash": "rs"])
        #expect(pod.controllerReference?.uid == set.uid)
        #expect(pod.controllerReference?.blocksOwnerDeletion == true)
        #expect(pod.spec == set.template["spec"])
    }

    @Test func startsSlowly() async {
        #expect(SlowStart.batches(of: 10) == [1, 2, 4, 3])
        #expect(SlowStart.batches(of: 0) == [])
        struct Refused: Error {}
        let outcome = await SlowStart.run(10) { number in if number >= 2 { throw Refused() } }
        #expect(outcome.succeeded == 2)
        #expect(outcome.skipped == 7)
        #expect(outcome.error is Refused)
    }
}

@Suite struct OwnershipClaimTests {
    @Test(arguments: [
        (pod("a", owner: "uid-rs"), false, OwnershipClaim.owned, "its own"),
        (pod("a", labels: ["app": "other"], owner: "uid-rs"), false, .release, "its own, relabelled"),
        (pod("a", labels: ["app": "other"], owner: "uid-rs"), true, .foreign, "relabelled while the owner goes"),
        (pod("a", owner: "uid-other"), false, .foreign, "another's"),
        (pod("a"), false, .adopt, "an orphan that matches"),
        (pod("a", labels: ["app": "other"]), false, .foreign, "an orphan that does not"),
        (pod("a", isBeingDeleted: true), false, .foreign, "an orphan on its way out"),
        (pod("a"), true, .foreign, "an orphan while the owner goes"),
    ]) func followsSelectorAndOwner(_ pod: Pod, ownerGoes: Bool, expected: OwnershipClaim, remark: String) throws {
        var owner = replicaSet("rs", replicas: 1)
        if ownerGoes { owner.json["metadata"]?["deletionTimestamp"] = start.json }
        let claim = OwnershipClaim(of: pod, by: owner, selector: try LabelSelector(matchLabels: ["app": "web"]))
        #expect(claim == expected, "\(remark)")
    }
}

@Suite struct ExpectationsTests {
    @Test func holdBackUntilEverythingIsSeen() {
        let expectations = Expectations()
        #expect(expectations.areFulfilled("k", now: start))
        expectations.expect("k", creations: 2, now: start)
        expectations.creationObserved("k")
        #expect(!expectations.areFulfilled("k", now: start))
        expectations.creationObserved("k")
        #expect(expectations.areFulfilled("k", now: start))
    }

    @Test func countADeletionOnce() {
        let expectations = Expectations()
        expectations.expect("k", deletions: ["a", "b"], now: start)
        expectations.deletionObserved("k", uid: "a")
        expectations.deletionObserved("k", uid: "a")
        #expect(!expectations.areFulfilled("k", now: start))
        expectations.deletionObserved("k", uid: "b")
        #expect(expectations.areFulfilled("k", now: start))
    }

    @Test func doNotOutliveTheirTime() {
        let expectations = Expectations()
        expectations.expect("k", creations: 1, now: start)
        #expect(!expectations.areFulfilled("k", now: start.advanced(bySeconds: Expectations.timeoutSeconds)))
        #expect(expectations.areFulfilled("k", now: start.advanced(bySeconds: Expectations.timeoutSeconds + 1)))
    }
}
