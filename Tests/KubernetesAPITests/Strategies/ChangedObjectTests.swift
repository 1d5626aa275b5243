import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// What changes of pods and of what stores their data may not do.
struct ChangedObjectTests {
    typealias Row = RefusedChangeRow

    private static func pod(_ spec: String = "", annotations: String = "") -> String {
        #"{"metadata":{"annotations":{\#(annotations)}},"spec":{"containers":[{"name":"c","image":"n"}],"nodeName":"n"\#(spec)}}"#
    }

    private static func gated(_ terms: String?) -> String {
        let affinity = terms.map {
            #","affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[\#($0)]}}}"#
        }
        return
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"schedulingGates":[{"name":"g"}]\#(affinity ?? "")}}"#
    }

    private static let term = #"{"key":"a","operator":"In","values":["b"]}"#
    private static let terms =
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"

    static let rows: [Row] = [
        Row(
            kind: "/Pod", subresource: nil, remark: "a mirror stays one",
            old: pod(annotations: #""kubernetes.io/config.mirror":"x""#),
            new: pod(), problems: ["metadata.annotations[kubernetes.io/config.mirror] | Forbidden"]),
        Row(
            kind: "/Pod", subresource: nil, remark: "a profile comes too late", old: pod(),
            new: pod(annotations: #""container.apparmor.security.beta.kubernetes.io/c":"unconfined""#),
            problems: ["metadata.annotations[container.apparmor.security.beta.kubernetes.io/c] | Forbidden"]),
        Row(
            kind: "/Pod", subresource: "status", remark: "nor by way of the status", old: pod(),
            new: pod(annotations: #""container.apparmor.security.beta.kubernetes.io/c":"unconfined""#),
            problems: ["metadata.annotations[container.apparmor.security.beta.kubernetes.io/c] | Forbidden"]),
        Row(
            kind: "/Pod", subresource: nil, remark: "where no node was asked for any may be", old: gated(nil),
            new: gated(#"{"matchExpressions":[\#(term)]}"#), problems: []),
        Row(
            kind: "/Pod", subresource: nil, remark: "a term may be added to",
            old: gated(#"{"matchExpressions":[\#(term)]}"#),
            new: gated(#"{"matchExpressions":[\#(term),{"key":"c","operator":"Exists"}]}"#), problems: []),
        Row(
            kind: "/Pod", subresource: nil, remark: "a term may not say something else",
            old: gated(#"{"matchExpressions":[\#(term)]}"#),
            new: gated(#"{"matchExpressions":[{"key":"c","operator":"Exists"}]}"#), problems: [terms + "[0] | Invalid"]),
        Row(
            kind: "/Pod", subresource: nil, remark: "nor have another beside it",
            old: gated(#"{"matchExpressions":[\#(term)]}"#),
            new: gated(#"{"matchExpressions":[\#(term)]},{"matchExpressions":[\#(term)]}"#),
            problems: [terms + " | Invalid"]),
        Row(
            kind: "/Pod", subresource: nil, remark: "pods that draw it stay",
            old: gated(nil),
            new:
                #"{"spec":{"containers":[{"name":"c","image":"n"}],"schedulingGates":[{"name":"g"}],"affinity":{"podAffinity":{}}}}"#,
            problems: ["spec | Forbidden"]),
        Row(
            kind: "/Pod", subresource: "status",
            remark: "a condition without a type, and a claim that it does not ask for",
            old: pod(),
            new: pod(
                #"},"status":{"conditions":[{"type":"a b","status":"True"}],"resourceClaimStatuses":[{"name":"r"}]"#),
            problems: ["metadata.conditions[0].Type | Invalid", "status.resourceClaimStatuses[0].name | Invalid"]),
        Row(
            kind: "/Pod", subresource: "status", remark: "addresses of one family, and of none", old: pod(),
            new: pod(#"},"status":{"podIP":"1.2.3.4","podIPs":[{"ip":"1.2.3.4"},{"ip":"x"}]"#),
            problems: ["status.podIPs[1] | Invalid", "status.podIPs | InternalError", "status.podIPs | Invalid"]),
        Row(
            kind: "/Pod", subresource: "status", remark: "devices of a container", old: pod(),
            new: pod(
                #"},"status":{"containerStatuses":[{"name":"c","allocatedResourcesStatus":[{"name":"d","resources":[{"resourceID":"1","health":"Odd"},{"resourceID":"1","health":"Healthy"}]}],"user":{"linux":{"uid":-1,"gid":0}}}]"#
            ),
            problems: [
                "status.containerStatuses[0].linux.uid | Invalid",
                "status.containerStatuses[0].allocatedResourcesStatus[0].name | Invalid",
                "status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health | NotSupported",
                "status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID | Duplicate",
            ]),
        Row(
            kind: "/PersistentVolume", subresource: nil, remark: "what is wrong is told of twice",
            old: #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"}}}"#,
            new:
                #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":[],"hostPath":{"path":"/d"}}}"#,
            problems: ["spec.accessModes | Required", "spec.accessModes | Required"]),
        Row(
            kind: "/PersistentVolumeClaim", subresource: "status", remark: "what became of growing",
            old: #"{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"#,
            new:
                #"{"spec":{},"status":{"capacity":{"storage":"-1"},"allocatedResourceStatuses":{"storage":"Odd","cpu":"NodeResizePending"}}}"#,
            problems: [
                "status.capacity[storage] | Invalid", "status.allocatedResourceStatuses | NotSupported",
                "status.allocatedResourceStatuses | NotSupported",
            ]),
    ]

    @Test(arguments: rows)
    func changesAreHeldTo(_ row: Row) throws {
        try row.check()
    }

    @Test func aGenerationThatWasObservedIsKept() throws {
        let subject = try RuleSubject("/Pod")
        var stored = try subject.made(Self.pod())
        stored["status"] = [
            "observedGeneration": 3, "conditions": [["type": "Ready", "status": "True", "observedGeneration": 2]],
        ]
        var pod = stored
        pod["status"] = ["conditions": [["type": "Ready", "status": "False"], ["type": "Other", "status": "True"]]]
        subject.strategy.prepareForUpdate(ofSubresource: "status", &pod, from: stored)
        #expect(pod["status"]?["observedGeneration"] == 3)
        #expect(
            pod["status"]?["conditions"] == [
                ["type": "Ready", "status": "False", "observedGeneration": 2], ["type": "Other", "status": "True"],
            ])
    }
}
