import APIMachinery
import JSON
import KubernetesClient
import Testing

@testable import NodeAgent

private let start = KubernetesTime(epochSeconds: 1_767_225_600)
private let place = PodLifecycle.Place(hostIP: "172.16.0.0", podIP: "10.244.0.1")

private func pod(policy: String = "Always", annotations: JSON = [:], spec more: JSON = [:]) -> Pod {
    var spec = more
    spec["restartPolicy"] = .string(policy)
    spec["containers"] = [["name": "c", "image": "img:1"]]
    return Pod([
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "p", "namespace": "ns", "uid": "u", "generation": 1, "annotations": annotations],
        "spec": spec, "status": ["phase": "Pending", "qosClass": "BestEffort"],
    ])
}

/// Takes the steps until there is nothing to do.
private func settled(_ pod: Pod, at now: KubernetesTime) -> (pod: Pod, last: PodLifecycle.Step, reasons: [String]) {
    var pod = pod
    var reasons: [String] = []
    for _ in 0..<10 {
        let step = PodLifecycle(pod, at: place, now: now).step
        guard case .writeStatus(let status, let events) = step else { return (pod, step, reasons) }
        pod = Pod(pod.withStatus(status))
        reasons += events.map(\.reason)
    }
    Issue.record("the pod does not settle")
    return (pod, .none(next: nil), reasons)
}

@Suite struct PodLifecycleTests {
    @Test func runsAPodThatIsToRunOn() {
        let (running, last, reasons) = settled(pod(), at: start)
        #expect(last == .none(next: nil))
        #expect(reasons == ["Pulled", "Created", "Started"])
        #expect(running.phase == "Running")
        #expect(running.isReady)
        #expect(running.status["qosClass"] == "BestEffort")
        #expect(running.status["podIPs"] == [["ip": "10.244.0.1"]])
        #expect(running.status["startTime"] == start.json)
        #expect(
            running.status["conditions"]?.arrayValue?.compactMap { $0["type"]?.stringValue } == [
                "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
            ])
        #expect(running.status["conditions"]?[0]?["lastProbeTime"] == .null)
        let container = running.status["containerStatuses"]?[0]
        #expect(container?["ready"] == true)
        #expect(container?["state"] == ["running": ["startedAt": start.json]])
        #expect(container?["imageID"] == "simulated://img:1")
    }

    @Test(
        arguments: [
            ("Never", nil, "Succeeded"), ("OnFailure", nil, "Succeeded"), ("Never", "3", "Failed"),
        ] as [(String, String?, String)]) func endsAPodThatIsNotToRunOn(_ policy: String, code: String?, phase: String)
    {
        let annotations: JSON = code.map { ["martlet.dev/exit-code": .string($0)] } ?? [:]
        let (ended, last, _) = settled(pod(policy: policy, annotations: annotations), at: start)
        #expect(last == .none(next: nil))
        #expect(ended.phase == phase)
        #expect(!ended.isReady)
        let end = ended.status["containerStatuses"]?[0]?["state"]?["terminated"]
        #expect(end?["exitCode"] == .int(Int64(code ?? "0") ?? 0))
        if phase == "Succeeded" { #expect(ended.condition("Ready")?.reason == "PodCompleted") }
    }

    @Test func runsForItsTime() {
        let (running, last, _) = settled(pod(policy: "Never", annotations: ["martlet.dev/run-seconds": "5"]), at: start)
        #expect(running.phase == "Running")
        #expect(last == .none(next: start.advanced(bySeconds: 5)))
        #expect(settled(running, at: start.advanced(bySeconds: 4)).pod.phase == "Running")
        #expect(settled(running, at: start.advanced(bySeconds: 5)).pod.phase == "Succeeded")
    }

    @Test func restartsWhatFailsAfterABackoff() {
        let failing = pod(
            policy: "OnFailure", annotations: ["martlet.dev/run-seconds": "1", "martlet.dev/exit-code": "2"])
        let running = settled(failing, at: start).pod
        let (waiting, last, _) = settled(running, at: start.advanced(bySeconds: 1))
        #expect(waiting.phase == "Running")
        #expect(waiting.status["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] == "CrashLoopBackOff")
        #expect(!waiting.isReady)
        #expect(last == .none(next: start.advanced(bySeconds: 11)))
        let (again, _, reasons) = settled(waiting, at: start.advanced(bySeconds: 11))
        #expect(again.maximumRestarts == 1)
        #expect(again.isReady)
        #expect(reasons == ["Pulled", "Created", "Started"])
        #expect(again.status["startTime"] == start.json)
    }

    @Test func waitsForReadinessGates() {
        let gated = pod(spec: ["readinessGates": [["conditionType": "example.com/ok"]]])
        var running = settled(gated, at: start).pod
        #expect(!running.isReady)
        #expect(running.condition("ContainersReady")?.isTrue == true)
        #expect(running.condition("Ready")?.reason == "ReadinessGatesNotReady")
        var status = running.status
        status["conditions"] = .array(
            (status["conditions"]?.arrayValue ?? []) + [["type": "example.com/ok", "status": "True"]])
        running = settled(Pod(running.withStatus(status)), at: start.advanced(bySeconds: 3)).pod
        #expect(running.isReady)
        #expect(running.condition("Ready")?.lastTransitionTime == start.advanced(bySeconds: 3))
        #expect(running.condition("example.com/ok")?.isTrue == true)
    }

    @Test func stopsWhatIsDeletedAndThenLetsItGo() {
        var running = settled(pod(), at: start).pod
        running.json["metadata"]?["deletionTimestamp"] = start.json
        let (stopped, last, reasons) = settled(running, at: start.advanced(bySeconds: 1))
        #expect(last == .delete)
        #expect(reasons == ["Killing"])
        #expect(stopped.status["containerStatuses"]?[0]?["state"]?["terminated"] != nil)
        var never = pod()
        never.json["metadata"]?["deletionTimestamp"] = start.json
        #expect(PodLifecycle(never, at: place, now: start).step == .delete)
    }
}

@Suite struct AddressPoolTests {
    @Test func givesEachPodItsOwn() {
        var pool = AddressPool()
        pool.note("10.244.0.1", pod: "a")
        let given = (0..<600).compactMap { pool.address(forPod: "p\($0)") }
        #expect(Set(given).count == 600)
        #expect(!given.contains("10.244.0.1"))
        #expect(!given.contains { $0.hasSuffix(".0") || $0.hasSuffix(".255") })
        #expect(pool.address(forPod: "p7") == given[7])
    }

    @Test func reads() {
        #expect(AddressPool.number("10.244.1.2") == 258)
        #expect(AddressPool.number("10.9.1.2") == nil)
        #expect(AddressPool.number("x") == nil)
        #expect(AddressPool.text(258) == "10.244.1.2")
    }
}
