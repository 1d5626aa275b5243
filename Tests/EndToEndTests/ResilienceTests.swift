import Foundation
import JSON
import Testing

/// What happens when parts die without a warning.
@Suite("Killed processes", .serialized, .inTurn)
struct ResilienceTests {
    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"
    private static let configMaps = "/api/v1/namespaces/default/configmaps"
    private static let replicas = 8

    /// Every part is killed while a rollout is going on, some twice, the API server among them, and still each rollout
    /// ends with exactly the pods that were asked for, and every acknowledged write is there.
    @Test(.timeLimit(.minutes(10)))
    func rolloutsEndAndAcknowledgedWritesStay() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        try await withControlPlane { plane in
            let name = "web"
            try await plane.send(
                "POST", Self.deployments, Manifests.deployment(name, replicas: Self.replicas, image: "web:0"))
            try await Self.rolledOut(name, to: "web:0", in: plane, "seed \(seed)")

            let writer = Task { try await Self.writeUntilCancelled(in: plane) }
            defer { writer.cancel() }
            let victims = ["controller-manager", "scheduler", "node", "apiserver", "scheduler", "controller-manager"]
            for (round, victim) in victims.shuffled(using: &random).enumerated() {
                let image = "web:\(round + 1)"
                let patch: JSON = [
                    "spec": ["template": ["spec": ["containers": [["name": "server", "image": .string(image)]]]]]
                ]
                try await eventually("the Deployment is patched") {
                    try await plane.send(
                        "PATCH", Self.deployments + "/" + name, patch,
                        contentType: "application/strategic-merge-patch+json") != nil
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0..<600, using: &random)))
                try await plane.kill(victim)
                try await Self.rolledOut(name, to: image, in: plane, "round \(round), \(victim) killed, seed \(seed)")
            }

            writer.cancel()
            let acknowledged = try await writer.value
            let stored = try #require(try await plane.get(Self.configMaps)).items.map(\.name)
            #expect(acknowledged.count > 10)
            #expect(Set(acknowledged).subtracting(stored).isEmpty, "seed \(seed)")
        }
    }

    /// Waits until the Deployment says that it is done, and the pods agree: as many as asked for, all of the image, all
    /// ready on nodes, and none beside them.
    private static func rolledOut(_ name: String, to image: String, in plane: ControlPlane, _ remark: String)
        async throws
    {
        var last = ""
        do {
            try await eventually("\(name) runs \(image): \(remark)") {
                guard let deployment = try await plane.get(deployments + "/" + name),
                    let pods = try await plane.get("/api/v1/namespaces/default/pods")
                else { return false }
                last = "\(deployment.at("status") ?? .null)\n"
                last += pods.items.map { "\($0.name) \($0.at("status.phase") ?? .null)" }.joined(separator: "\n")
                return isDone(deployment) && pods.items.count == replicas
                    && pods.items.allSatisfy { isReady($0, image) }
            }
        } catch let late as Late {
            throw Late(description: "\(late.description)\n\(last)")
        }
    }

    private static func isDone(_ deployment: JSON) -> Bool {
        let wanted = Int64(replicas)
        return deployment.at("status.observedGeneration") == deployment.at("metadata.generation")
            && ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"].allSatisfy {
                deployment.at("status." + $0)?.intValue == wanted
            }
    }

    private static func isReady(_ pod: JSON, _ image: String) -> Bool {
        let conditions = pod.at("status.conditions")?.arrayValue ?? []
        return pod.at("spec.containers.0.image")?.stringValue == image && pod.at("spec.nodeName") != nil
            && pod.at("metadata.deletionTimestamp") == nil
            && conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }

    /// Creates ConfigMaps, and gives the names of those whose creation was answered.
    private static func writeUntilCancelled(in plane: ControlPlane) async throws -> [String] {
        var acknowledged: [String] = []
        var number = 0
        while !Task.isCancelled {
            let name = "written-\(number)"
            number += 1
            if try await plane.send("POST", configMaps, Manifests.configMap(name)) != nil { acknowledged.append(name) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return acknowledged
    }
}

/// Random numbers that a seed repeats.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
