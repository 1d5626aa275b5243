import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct PodSubresourceTests {
    private let strategy = PodStrategy()

    private static let pod: JSON = [
        "metadata": ["name": "a", "namespace": "n", "uid": "u", "resourceVersion": "5", "generation": 1],
        "spec": [
            "containers": [
                [
                    "name": "c", "image": "n",
                    "resources": ["requests": ["cpu": "100m", "memory": "1Mi"], "limits": ["cpu": "200m"]],
                ], ["name": "d", "image": "n"],
            ],
            "initContainers": [["name": "i", "image": "n"]],
        ],
    ]

    private func made() -> JSON {
        var pod = Self.pod
        strategy.applyDefaults(to: &pod)
        strategy.prepareForCreation(&pod)
        return pod
    }

    private func errors(_ name: String, of old: JSON? = nil, _ change: (inout JSONObject) -> Void) -> [String] {
        let old = old ?? made()
        var pod = old
        pod.edit { $0.edit("spec", change) }
        strategy.prepareForUpdate(ofSubresource: name, &pod, from: old)
        return strategy.validateUpdate(ofSubresource: name, pod, from: old).map(\.description)
    }

    @Test func resizeTakesResourcesAndNothingElse() {
        var pod = made()
        pod.edit { pod in
            pod.edit("metadata") { $0["labels"] = ["x": "y"] }
            pod.edit("spec") { spec in
                spec["nodeName"] = "m"
                spec.editItems(of: "containers") { container in
                    container["image"] = "other"
                    container["resources"] = ["requests": ["cpu": "150m", "memory": "1Mi"], "limits": ["cpu": "200m"]]
                }
            }
        }
        strategy.prepareForUpdate(ofSubresource: "resize", &pod, from: made())
        #expect(pod["spec"]?["containers"]?[0]?["image"] == "n")
        #expect(pod["spec"]?["containers"]?[0]?["resources"]?["requests"]?["cpu"] == "150m")
        #expect(pod["spec"]?["nodeName"] == nil)
        #expect(pod["metadata"]?["labels"] == nil)
        #expect(pod["metadata"]?["generation"] == 2)
    }

    @Test func resizeKeepsClassNamesOrderAndAmounts() {
        #expect(
            errors("resize") { $0.editItems(of: "containers") { $0["resources"] = [:] } }
                == [
                    "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing",
                    "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
                    "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
                ])
        #expect(
            errors("resize") { $0["containers"] = .array($0.items("containers").reversed()) }
                == [
                    "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
                    "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize",
                ])
        #expect(
            errors("resize") { $0["initContainers"] = [] }
                == ["spec.initContainers: Forbidden: initContainers may not be added or removed on resize"])
    }

    @Test func resizeNeedsANodeThatDoes() {
        var running = made()
        running.edit { pod in
            pod.editCreating("status") { $0["containerStatuses"] = [["name": "c", "state": ["running": [:]]]] }
        }
        #expect(
            errors("resize", of: running) { _ in }
                == ["spec: Forbidden: Pod running on node without support for resize"])
    }

    @Test func ephemeralContainersAreAddedAndStay() {
        #expect(
            errors("ephemeralcontainers") {
                $0["nodeName"] = "m"
                $0["ephemeralContainers"] = [
                    [
                        "name": "e", "image": "n", "imagePullPolicy": "Always",
                        "terminationMessagePolicy": "File", "resources": [:],
                    ]
                ]
            } == [])
        var old = made()
        old.edit { $0.edit("spec") { $0["ephemeralContainers"] = [["name": "e", "image": "n"]] } }
        #expect(
            errors("ephemeralcontainers", of: old) { $0["ephemeralContainers"] = nil }
                == ["spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be removed\n"])
    }
}
