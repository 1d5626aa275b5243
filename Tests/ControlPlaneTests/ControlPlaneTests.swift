import APIMachinery
import Controllers
import JSON
import KubernetesClient
import Logging
import NodeAgent
import Scheduler
import TestTraits
import Testing

/// The parts together, as they run as processes of their own, over an API in memory.
@Suite(.ownThreads) struct ControlPlaneTests {
    /// Reached by a broken program alone, on a machine however slow.
    private static let patience: Duration = .seconds(120)

    private struct Late: Error {}

    private func eventually(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ holds: () async throws -> Bool
    ) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while clock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("never came about: \(what)", sourceLocation: sourceLocation)
        throw Late()
    }

    private func withControlPlane(_ body: (MemoryAPI, APIClient) async throws -> Void) async throws {
        let api = MemoryAPI()
        let client = api.client
        _ = try await client.resource(.namespaces).create(KubernetesObject(.namespaces, name: "ns"))
        var options = ControllerManager.Options()
        options.rootCertificates = "PEM"
        let manager = try ControllerManager(client: client, options: options)
        var nodes = SimulatedNodes.Options()
        nodes.count = 2
        let agents = SimulatedNodes(client: client, options: nodes)
        let scheduler = Scheduler(client: client)
        try await withThrowingTaskGroup { group in
            group.addTask { try await manager.run() }
            group.addTask { try await scheduler.run() }
            group.addTask { try await agents.run() }
            defer { group.cancelAll() }
            do { try await body(api, client) } catch let late as Late {
                for kind in [APIResource.deployments, .replicaSets, .pods, .nodes] {
                    Issue.record("\(kind.plural): \(api.objects(kind).map(\.json))")
                }
                throw late
            }
        }
    }

    private func deployment(replicas: Int64, image: String) -> KubernetesObject {
        KubernetesObject(
            .deployments, namespace: "ns", name: "web",
            [
                "spec": [
                    "replicas": .int(replicas), "selector": ["matchLabels": ["app": "web"]],
                    "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10,
                    "strategy": [
                        "type": "RollingUpdate", "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": "25%"],
                    ],
                    "template": [
                        "metadata": ["labels": ["app": "web"]],
                        "spec": ["containers": [["name": "c", "image": .string(image)]]],
                    ],
                ]
            ])
    }

    private func isRolledOut(_ api: MemoryAPI, replicas: Int64, generation: Int64) -> Bool {
        guard let status = api.objects(.deployments).first?.status else { return false }
        let progress = status["conditions"]?.arrayValue?.first { $0["type"] == "Progressing" }
        return status["availableReplicas"] == .int(replicas) && status["replicas"] == .int(replicas)
            && status["updatedReplicas"] == .int(replicas) && status["observedGeneration"] == .int(generation)
            && progress?["reason"] == "NewReplicaSetAvailable"
    }

    @Test func rollsADeploymentForwardsAndBack() async throws {
        try await withControlPlane { api, client in
            let deployments = client.resource(.deployments, namespace: "ns")
            _ = try await deployments.create(deployment(replicas: 3, image: "img:1"))
            try await eventually("three pods run") { isRolledOut(api, replicas: 3, generation: 1) }
            #expect(Set(api.objects(.pods).compactMap { $0.json["spec"]?["nodeName"]?.stringValue }).count == 2)
            let first = try #require(api.objects(.replicaSets).first)

            func image(_ image: JSON) -> Patch {
                .merge(["spec": ["template": ["spec": ["containers": [["name": "c", "image": image]]]]]])
            }
            _ = try await deployments.patch("web", image("img:2"))
            try await eventually("the second image is out") { isRolledOut(api, replicas: 3, generation: 2) }
            #expect(api.objects(.replicaSets).count == 2)
            try await eventually("the old set is empty") {
                api.objects(.replicaSets).first { $0.uid == first.uid }?.status?["replicas"] == 0
            }
            _ = try await deployments.patch("web", image("img:1"))
            try await eventually("the first image is back") { isRolledOut(api, replicas: 3, generation: 3) }
            let again = try #require(api.objects(.replicaSets).first { $0.uid == first.uid })
            #expect(again.annotation("deployment.kubernetes.io/revision") == "3")
            #expect(again.annotation("deployment.kubernetes.io/revision-history") == "1")
            try await eventually("only the new pods are left") { api.objects(.pods).count == 3 }

            try await deployments.delete("web", DeleteOptions(propagationPolicy: .background))
            try await eventually("all that it owned is gone") {
                api.objects(.replicaSets).isEmpty && api.objects(.pods).isEmpty
            }
        }
    }

    @Test func adoptsAndReleasesPods() async throws {
        try await withControlPlane { api, client in
            let pods = client.resource(.pods, namespace: "ns")
            _ = try await client.resource(.deployments, namespace: "ns").create(deployment(replicas: 2, image: "i"))
            try await eventually("two pods run") { isRolledOut(api, replicas: 2, generation: 1) }
            let one = try #require(api.objects(.pods).first)
            _ = try await pods.patch(one.name, .merge(["metadata": ["labels": ["app": "other"]]]))
            try await eventually("it is released and replaced") {
                api.objects(.pods).count == 3
                    && api.objects(.pods).first { $0.uid == one.uid }?.ownerReferences.isEmpty ?? false
            }
            _ = try await pods.patch(one.name, .merge(["metadata": ["labels": ["app": "web"]]]))
            try await eventually("one of the three goes") {
                api.objects(.pods).count == 2 && api.objects(.pods).allSatisfy { $0.controllerReference != nil }
            }
        }
    }

    @Test func collectsByEveryPolicy() async throws {
        try await withControlPlane { api, client in
            let maps = client.resource(.configMaps, namespace: "ns")
            func owned(_ name: String, by owner: KubernetesObject, blocks: Bool = false) -> KubernetesObject {
                var map = KubernetesObject(.configMaps, namespace: "ns", name: name)
                map.ownerReferences = [
                    OwnerReference(
                        apiVersion: "v1", kind: "ConfigMap", name: owner.name, uid: owner.uid,
                        blocksOwnerDeletion: blocks)
                ]
                return map
            }
            func map(_ name: String) -> KubernetesObject? { api.objects(.configMaps).first { $0.name == name } }
            let own = KubernetesObject(.configMaps, namespace: "ns", name: "own")

            let first = try await maps.create(own)
            _ = try await maps.create(owned("a", by: first))
            var blocking = owned("b", by: first, blocks: true)
            blocking.finalizers = ["example.com/slow"]
            _ = try await maps.create(blocking)
            try await maps.delete("own", DeleteOptions(propagationPolicy: .foreground))
            try await eventually("what does not block is gone, what blocks is going") {
                map("a") == nil && map("b")?.isBeingDeleted ?? false
            }
            #expect(map("own") != nil)
            _ = try await maps.patch("b", .merge(["metadata": ["finalizers": .null]]))
            try await eventually("then the owner goes") { map("own") == nil && map("b") == nil }

            let second = try await maps.create(own)
            _ = try await maps.create(owned("c", by: second))
            try await maps.delete("own", DeleteOptions(propagationPolicy: .orphan))
            try await eventually("the orphan stays") { map("own") == nil && map("c")?.ownerReferences == [] }

            _ = try await maps.create(owned("d", by: second))
            try await eventually("an owner that was never there takes its dependent along") { map("d") == nil }
        }
    }

    @Test func emptiesANamespaceAndLetsItGo() async throws {
        try await withControlPlane { api, client in
            let maps = client.resource(.configMaps, namespace: "ns")
            try await eventually("the namespace has its defaults") {
                api.objects(.serviceAccounts).contains { $0.name == "default" }
                    && api.objects(.configMaps).first { $0.name == "kube-root-ca.crt" }?["data"] == ["ca.crt": "PEM"]
            }
            _ = try await maps.patch("kube-root-ca.crt", .merge(["data": ["x": "y"]]))
            try await eventually("they are put right") {
                api.objects(.configMaps).first { $0.name == "kube-root-ca.crt" }?["data"] == ["ca.crt": "PEM"]
            }
            var held = KubernetesObject(.configMaps, namespace: "ns", name: "held")
            held.finalizers = ["example.com/hold"]
            _ = try await maps.create(held)
            _ = try await client.resource(.deployments, namespace: "ns").create(deployment(replicas: 2, image: "i"))
            try await eventually("two pods run") { isRolledOut(api, replicas: 2, generation: 1) }
            try await client.resource(.namespaces).delete("ns")
            try await eventually("what remains is told") {
                api.objects(.namespaces).first?.status?["conditions"]?.arrayValue?.contains {
                    $0["message"] == "Some resources are remaining: configmaps. has 1 resource instances"
                } ?? false
            }
            #expect(api.objects(.pods).isEmpty)
            _ = try await maps.patch("held", .merge(["metadata": ["finalizers": .null]]))
            try await eventually("the namespace goes") { api.objects(.namespaces).isEmpty }
        }
    }
}
