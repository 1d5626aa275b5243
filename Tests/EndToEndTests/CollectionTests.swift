import JSON
import Testing

/// What goes away with something else, and what comes by itself.
@Suite("Namespaces and owners", .serialized, .inTurn)
struct CollectionTests {
    @Test(.timeLimit(.minutes(10)))
    func deletedNamespaceIsEmptiedAndRemoved() async throws {
        try await withControlPlane { plane in
            try await plane.send("POST", "/api/v1/namespaces", Manifests.namespace("full"))
            try await plane.send(
                "POST", "/apis/apps/v1/namespaces/full/deployments",
                Manifests.deployment("web", replicas: 2, image: "web:1"))
            try await plane.send("POST", "/api/v1/namespaces/full/configmaps", Manifests.configMap("page"))
            try await eventually("pods run") {
                try await plane.get("/api/v1/namespaces/full/pods")?.items.count == 2
            }
            try await plane.send("DELETE", "/api/v1/namespaces/full", nil)
            let refused = try await plane.request(
                "/api/v1/namespaces/full/configmaps", method: "POST", body: Manifests.configMap("late"))
            #expect(refused.output.contains("\"Forbidden\"") || refused.output.contains("\"NotFound\""), "\(refused)")
            try await eventually("the namespace is gone") {
                try await plane.get("/api/v1/namespaces/full")?.at("code")?.intValue == 404
            }
            for path in [
                "/api/v1/pods", "/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/api/v1/configmaps",
                "/api/v1/serviceaccounts",
            ] {
                let left = try #require(try await plane.get(path)).items
                #expect(left.filter { $0.at("metadata.namespace")?.stringValue == "full" } == [], "\(path)")
            }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func whatEveryNamespaceHasComesAndComesBack() async throws {
        try await withControlPlane { plane in
            try await plane.send("POST", "/api/v1/namespaces", Manifests.namespace("fresh"))
            for path in ["serviceaccounts/default", "configmaps/kube-root-ca.crt"] {
                let path = "/api/v1/namespaces/fresh/" + path
                var uid: JSON?
                try await eventually("\(path) appears") {
                    uid = try await plane.get(path)?.at("metadata.uid")
                    return uid != nil
                }
                try await plane.send("DELETE", path, nil)
                try await eventually("\(path) comes back") {
                    let other = try await plane.get(path)?.at("metadata.uid")
                    return other != nil && other != uid
                }
            }
            let certificates = try await plane.get("/api/v1/namespaces/fresh/configmaps/kube-root-ca.crt")
            #expect(certificates?.at("data")?["ca.crt"]?.stringValue?.hasPrefix("-----BEGIN CERTIFICATE") == true)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func dependentsGoTheWayTheDeletionAsksFor() async throws {
        try await withControlPlane { plane in
            let configMaps = "/api/v1/namespaces/default/configmaps"
            for policy in ["Background", "Foreground", "Orphan"] {
                let owner = try #require(
                    try await plane.send("POST", configMaps, Manifests.configMap("owner-" + policy.lowercased())))
                let dependent = try #require(
                    try await plane.send(
                        "POST", configMaps, Manifests.configMap("of-" + policy.lowercased(), owner: owner)))
                let options: JSON = [
                    "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(policy),
                ]
                let answer = try #require(
                    try await plane.send("DELETE", configMaps + "/" + owner.name, options), "\(policy)")
                // Who waits for dependents is still there, and answers with itself.
                #expect(answer["kind"] == (policy == "Background" ? "Status" : "ConfigMap"), "\(policy): \(answer)")
                try await eventually("\(policy): the owner goes") {
                    try await plane.get(configMaps + "/" + owner.name)?.at("code")?.intValue == 404
                }
                let path = configMaps + "/" + dependent.name
                if policy == "Orphan" {
                    let orphan = try await plane.get(path)
                    #expect(orphan?.at("metadata.uid") == dependent.at("metadata.uid"))
                    #expect(orphan?.at("metadata.ownerReferences") == nil)
                } else if policy == "Foreground" {
                    #expect(try await plane.get(path)?.at("code")?.intValue == 404, "went before its owner")
                } else {
                    try await eventually("the dependent goes") {
                        try await plane.get(path)?.at("code")?.intValue == 404
                    }
                }
            }
        }
    }
}
