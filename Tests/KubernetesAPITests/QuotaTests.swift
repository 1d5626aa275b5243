import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// What objects cost of quotas, and what limits say of them.
struct QuotaTests {
    private func parsed(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    private func cost(_ resource: String, _ text: String) throws -> [String: String] {
        let usage = QuotaUsage(try parsed(text), of: GroupResource(group: "", resource: resource))
        return usage.amounts.mapValues(\.description)
    }

    @Test func aPodCostsWhatItsContainersAskForTogether() throws {
        let pod = #"""
            {"spec":{"initContainers":[{"resources":{"requests":{"cpu":"3"}}}],
            "containers":[{"resources":{"requests":{"cpu":"1"},"limits":{"memory":"1Gi"}}},
            {"resources":{"requests":{"cpu":"500m"}}}]}}
            """#
        let expected = ["count/pods": "1", "pods": "1", "cpu": "3", "requests.cpu": "3", "limits.memory": "1Gi"]
        #expect(try cost("pods", pod) == expected)
    }

    @Test func aPodThatHasEndedCostsNoCompute() throws {
        let pod = #"{"spec":{"containers":[{"resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Failed"}}"#
        #expect(try cost("pods", pod) == ["count/pods": "1", "pods": "1"])
    }

    @Test func aServiceCostsItsNodePorts() throws {
        let service = #"{"spec":{"type":"LoadBalancer","ports":[{"port":1},{"port":2}]}}"#
        let expected = [
            "count/services": "1", "services": "1", "services.loadbalancers": "1", "services.nodeports": "2",
        ]
        #expect(try cost("services", service) == expected)
    }

    @Test func aClaimCostsUnderItsClassToo() throws {
        let claim = #"{"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"2Gi"}}}}"#
        let costs = try cost("persistentvolumeclaims", claim)
        #expect(costs["fast.storageclass.storage.k8s.io/requests.storage"] == "2Gi")
        #expect(costs["requests.storage"] == "2Gi")
    }

    @Test func containersThatSayNothingAreNamed() throws {
        let pod = #"{"spec":{"containers":[{"name":"b"},{"name":"a","resources":{"limits":{"memory":"1"}}}]}}"#
        let usage = QuotaUsage(try parsed(pod), of: GroupResource(group: "", resource: "pods"))
        let missing = usage.missing(of: ["pods", "limits.memory", "requests.cpu"])
        #expect(missing.map(\.name) == ["limits.memory", "requests.cpu"])
        #expect(missing.map(\.containers) == [["b"], ["a", "b"]])
    }

    @Test(arguments: [
        ("BestEffort", #"{"spec":{"containers":[{}]}}"#, true),
        ("NotBestEffort", #"{"spec":{"containers":[{}]}}"#, false),
        ("Terminating", #"{"spec":{"activeDeadlineSeconds":5}}"#, true), ("Terminating", #"{"spec":{}}"#, false),
        ("PriorityClass", #"{"spec":{"priorityClassName":"p"}}"#, true), ("PriorityClass", #"{"spec":{}}"#, false),
    ])
    func scopesChoosePods(_ scope: String, _ pod: String, _ isMatched: Bool) throws {
        let usage = QuotaUsage(try parsed(pod), of: GroupResource(group: "", resource: "pods"))
        #expect(usage.matches(quota: ["spec": ["scopes": [.string(scope)]]]) == isMatched)
    }

    @Test func limitsAreNamedWithWhatIsAskedFor() throws {
        let range = try parsed(
            #"{"spec":{"limits":[{"type":"Container","min":{"cpu":"1"},"maxLimitRequestRatio":{"cpu":"2"}}]}}"#)
        let pod = try parsed(
            #"{"spec":{"containers":[{"resources":{"requests":{"cpu":"500m"},"limits":{"cpu":"2"}}},{}]}}"#)
        #expect(
            NamespaceLimits(range).problems(ofPod: pod) == [
                "minimum cpu usage per Container is 1, but request is 500m",
                "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000",
                "minimum cpu usage per Container is 1.  No request is specified",
                "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
            ])
    }

    static let numbers: [(Double, String)] = [
        (0.5, "0.500000"), (50, "50.000000"), (1.0 / 3, "0.333333"), (-2, "-2.000000"),
        (1e18, "1000000000000000000.000000"),
    ]

    @Test(arguments: numbers)
    func numbersAreAsGoPrintsThem(_ value: Double, _ text: String) {
        #expect(GoNumber.sixPlaces(value) == text)
    }
}
