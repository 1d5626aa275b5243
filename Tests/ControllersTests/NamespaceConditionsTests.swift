import APIMachinery
import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct NamespaceConditionsTests {
    private let namespace = KubernetesObject(.namespaces, name: "ns")

    private func condition(_ type: String, _ status: JSON) -> JSON? {
        status["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }
    }

    @Test func tellsWhatIsLeft() {
        var findings = NamespaceDeletionFindings()
        findings.remaining = [
            GroupResource(group: "", resource: "configmaps"): 1,
            GroupResource(group: "apps", resource: "deployments"): 2,
        ]
        findings.finalizers = ["example.com/hold": 1]
        let status = findings.status(of: namespace, now: start)
        #expect(status["phase"] == "Terminating")
        #expect(
            condition("NamespaceContentRemaining", status)?["message"]
                == "Some resources are remaining: configmaps. has 1 resource instances, deployments.apps has 2 resource instances"
        )
        #expect(
            condition("NamespaceFinalizersRemaining", status)?["message"]
                == "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances")
        #expect(condition("NamespaceDeletionContentFailure", status)?["status"] == "False")
        #expect(!findings.isComplete)
    }

    @Test func keepsTheTimeOfAStatusThatStays() {
        var left = NamespaceDeletionFindings()
        left.remaining = [GroupResource(group: "", resource: "pods"): 3]
        let first = left.status(of: namespace, now: start)
        left.remaining = [GroupResource(group: "", resource: "pods"): 1]
        let second = left.status(of: namespace.withStatus(first), now: start.advanced(bySeconds: 5))
        #expect(condition("NamespaceContentRemaining", second)?["lastTransitionTime"] == start.json)
        let done = NamespaceDeletionFindings()
        let third = done.status(of: namespace.withStatus(second), now: start.advanced(bySeconds: 9))
        #expect(
            condition("NamespaceContentRemaining", third)?["lastTransitionTime"] == start.advanced(bySeconds: 9).json)
        #expect(condition("NamespaceContentRemaining", third)?["reason"] == "ContentRemoved")
        #expect(done.isComplete)
    }
}

@Suite struct ControllerRegistryTests {
    @Test(arguments: [
        (["*"], 7, "all"), (["*", "-garbagecollector"], 6, "all but one, by its short name"),
        (["deployment-controller", "replicaset"], 2, "some"),
        (["-deployment", "deployment"], 0, "the first mention counts"),
    ]) func selects(_ selection: [String], count: Int, remark: String) throws {
        #expect(try ControllerRegistry.builtIn.selected(by: selection).count == count, "\(remark)")
    }

    @Test func refusesWhatItDoesNotKnow() {
        #expect(throws: ControllerRegistry.UnknownController.self) {
            try ControllerRegistry.builtIn.selected(by: ["*", "-nonsense"])
        }
    }
}
