import APIMachinery
import JSON
import KubernetesClient
import Testing

@Suite struct DiscoveryTests {
    private static let aggregatedCore: JSON = [
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
        "items": [
            [
                "metadata": [:],
                "versions": [
                    [
                        "version": "v1", "freshness": "Current",
                        "resources": [
                            [
                                "resource": "pods", "responseKind": ["group": "", "version": "v1", "kind": "Pod"],
                                "scope": "Namespaced", "singularResource": "pod", "shortNames": ["po"],
                                "verbs": ["create", "delete", "get", "list", "watch"],
                                "subresources": [["subresource": "status", "verbs": ["get", "patch"]]],
                            ],
                            [
                                "resource": "bindings", "responseKind": ["kind": "Binding"], "scope": "Namespaced",
                                "verbs": ["create"],
                            ],
                        ],
                    ]
                ],
            ]
        ],
    ]

    private static let aggregatedGroups: JSON = [
        "kind": "APIGroupDiscoveryList",
        "items": [
            [
                "metadata": ["name": "example.com"],
                "versions": [
                    [
                        "version": "v2", "freshness": "Current",
                        "resources": [
                            [
                                "resource": "things", "responseKind": ["kind": "Thing"], "scope": "Cluster",
                                "verbs": ["delete", "list", "watch"],
                            ]
                        ],
                    ],
                    [
                        "version": "v1", "freshness": "Stale",
                        "resources": [
                            [
                                "resource": "things", "responseKind": ["kind": "Thing"], "scope": "Cluster",
                                "verbs": ["delete", "list", "watch"],
                            ]
                        ],
                    ],
                ],
            ]
        ],
    ]

    @Test func readsAggregatedDiscovery() async throws {
        let server = ScriptedServer { request in
            .json(request.target == "/api" ? Self.aggregatedCore : Self.aggregatedGroups)
        }
        let result = try await Discovery(client: APIClient(transport: server)).resources()
        #expect(server.targets == ["/api", "/apis"])
        #expect(
            result.resources.map(\.resource.description) == [
                "pods.v1", "bindings.v1", "things.v2.example.com", "things.v1.example.com",
            ])
        #expect(result.deletable.map(\.resource.description) == ["pods.v1", "things.v2.example.com"])
        #expect(result.failures.keys.map(\.description) == ["example.com/v1"])
        let pods = try #require(result.resource(apiVersion: "v1", kind: "Pod"))
        #expect(pods.resource == .pods)
        #expect(pods.shortNames == ["po"])
        #expect(pods.subresources == ["status": ["get", "patch"]])
        #expect(result.resources[2].resource.isNamespaced == false)
    }

    @Test func readsLegacyDiscovery() async throws {
        let server = ScriptedServer { request in
            switch request.target {
            case "/api": .json(["kind": "APIVersions", "versions": ["v1"]])
            case "/apis":
                .json([
                    "kind": "APIGroupList",
                    "groups": [
                        [
                            "name": "apps",
                            "versions": [["groupVersion": "apps/v1beta1"], ["groupVersion": "apps/v1"]],
                            "preferredVersion": ["groupVersion": "apps/v1"],
                        ]
                    ],
                ])
            case "/api/v1":
                .json([
                    "kind": "APIResourceList",
                    "resources": [
                        ["name": "pods/status", "kind": "Pod", "namespaced": true, "verbs": ["get"]],
                        ["name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["delete", "list", "watch"]],
                        ["name": "nodes", "kind": "Node", "namespaced": false, "verbs": ["list"]],
                    ],
                ])
            case "/apis/apps/v1":
                .json([
                    "resources": [
                        ["name": "deployments", "kind": "Deployment", "namespaced": true, "verbs": ["delete"]]
                    ]
                ])
            default: .failure(503, "ServiceUnavailable", "no backend")
            }
        }
        let result = try await Discovery(client: APIClient(transport: server)).resources()
        #expect(result.resources.map(\.resource) == [.pods, .nodes, .deployments])
        #expect(result.resources[0].subresources == ["status": ["get"]])
        #expect(result.failures == [GroupVersion(group: "apps", version: "v1beta1"): "no backend"])
    }
}
