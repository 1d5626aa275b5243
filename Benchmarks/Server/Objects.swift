import JSON
import KubernetesClient

/// What the jobs make and ask for.
enum Objects {
    static let namespace = "bench"
    static let configMaps = "/api/v1/namespaces/bench/configmaps"
    static let pods = "/api/v1/namespaces/bench/pods"

    /// What a new cluster's controllers would have made before the first pod can be created.
    static func makeNamespace(_ client: APIClient) async throws {
        _ = try await client.request(
            .post, "/api/v1/namespaces",
            body: ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]])
        _ = try await client.request(
            .post, "/api/v1/namespaces/bench/serviceaccounts",
            body: ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"]])
    }

    /// A ConfigMap with 1 KiB of data, or as much as is said.
    static func configMap(_ name: String, dataByteCount: Int = 1024) -> [UInt8] {
        let data = dataByteCount == 1024 ? kibibyte : String(repeating: "x", count: dataByteCount)
        let object: JSON = [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(name), "labels": ["app": "bench"]], "data": ["k": .string(data)],
        ]
        return object.encoded
    }

    static func pod(_ name: String) -> [UInt8] {
        let container: JSON = [
            "name": "server", "image": "registry.example/server:1.0",
            "ports": [["containerPort": 8080, "name": "http"]],
            "env": [["name": "MODE", "value": "bench"], ["name": "LEVEL", "value": "info"]],
            "resources": ["requests": ["cpu": "100m", "memory": "64Mi"], "limits": ["memory": "128Mi"]],
            "readinessProbe": ["httpGet": ["path": "/ready", "port": "http"]],
        ]
        let object: JSON = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "labels": ["app": "bench"]],
            "spec": ["containers": [container]],
        ]
        return object.encoded
    }

    static func annotation(_ value: Int) -> [UInt8] {
        let patch: JSON = ["metadata": ["annotations": ["i": .string("\(value)")]]]
        return patch.encoded
    }

    /// What a field manager applies: JSON is YAML too.
    static func applied(_ name: String, _ value: Int) -> [UInt8] {
        let object: JSON = [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
            "data": ["k": .string(kibibyte), "i": .string("\(value)")],
        ]
        return object.encoded
    }

    /// Where a watch of the ConfigMaps begins that sees only what comes.
    static func currentVersion(_ client: APIClient) async throws -> String {
        let list = try await client.request(.get, configMaps + "?limit=1")
        guard let version = list["metadata"]?["resourceVersion"]?.stringValue else {
            throw BenchError("a list has no resourceVersion")
        }
        return version
    }

    private static let kibibyte = String(repeating: "x", count: 1024)
}
