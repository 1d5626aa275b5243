import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct PodStrategyTests {
    private let strategy = BuiltInStrategies.strategy(for: GroupKind(group: "", kind: "Pod"))

    private func pod(_ spec: JSONObject) -> JSON {
        var pod: JSON = ["metadata": ["name": "a", "namespace": "n", "uid": "u"], "spec": .object(spec)]
        strategy.applyDefaults(to: &pod)
        strategy.prepareForCreation(&pod)
        return pod
    }

    @Test func aBarePodIsFilledInAndRight() {
        let made = pod(["containers": [["name": "c", "image": "n"]]])
        #expect(made["spec"]?["restartPolicy"] == "Always")
        #expect(made["spec"]?["containers"]?[0]?["imagePullPolicy"] == "Always")
        #expect(made["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
        #expect(strategy.validateCreation(made).map(\.description) == [])
    }

    @Test(arguments: [
        ("n", "Always"), ("n:latest", "Always"), ("n:1", "IfNotPresent"), ("r:5000/n", "Always"),
        ("n@sha256:aa", "IfNotPresent"), ("n:latest@sha256:aa", "Always"),
    ])
    func pullPolicyFollowsTheTag(_ image: String, _ policy: String) {
        #expect(ContainerDefaults.pullPolicy(ofImage: image) == policy)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var spec: JSONObject
        var messages: [String]
        var testDescription: String { remark }
    }

    static let wrong: [Row] = [
        Row(remark: "no containers", spec: ["containers": []], messages: ["spec.containers: Required value"]),
        Row(
            remark: "a container of nothing", spec: ["containers": [[:]]],
            messages: ["spec.containers[0].name: Required value", "spec.containers[0].image: Required value"]),
        Row(
            remark: "a port out of range",
            spec: ["containers": [["name": "c", "image": "n", "ports": [["containerPort": 70000]]]]],
            messages: [
                "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"
            ]),
        Row(
            remark: "a mount of no volume",
            spec: ["containers": [["name": "c", "image": "n", "volumeMounts": [["name": "v", "mountPath": "/a"]]]]],
            messages: ["spec.containers[0].volumeMounts[0].name: Not found: \"v\""]),
        Row(
            remark: "a probe without a handler",
            spec: ["containers": [["name": "c", "image": "n", "readinessProbe": [:]]]],
            messages: ["spec.containers[0].readinessProbe: Required value: must specify a handler type"]),
        Row(
            remark: "an unknown restart policy",
            spec: ["restartPolicy": "Sometimes", "containers": [["name": "c", "image": "n"]]],
            messages: [
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", "
                    + "\"Never\""
            ]),
    ]

    @Test(arguments: wrong)
    func whatIsWrongIsSaid(_ row: Row) {
        #expect(strategy.validateCreation(pod(row.spec)).map(\.description) == row.messages)
    }

    struct StatusRow: Sendable, CustomTestStringConvertible {
        var remark: String
        var spec: JSONObject = ["nodeName": "n"]
        var old: JSONObject = [:]
        var new: JSONObject
        var messages: [String] = []
        var testDescription: String { remark }
    }

    static let ended: JSON = [["name": "c", "state": ["terminated": ["exitCode": 1]]]]
    static let running: JSON = [["name": "c", "state": ["running": [:]]]]

    static let statuses: [StatusRow] = [
        StatusRow(
            remark: "a nomination of a pod that has a node", new: ["nominatedNodeName": "m"],
            messages: [
                "status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node"
            ]),
        StatusRow(remark: "a nomination that stays", old: ["nominatedNodeName": "m"], new: ["nominatedNodeName": "m"]),
        StatusRow(remark: "a nomination of a pod without a node", spec: [:], new: ["nominatedNodeName": "m"]),
        StatusRow(
            remark: "a container that ended and runs again", spec: ["restartPolicy": "Never"],
            old: ["containerStatuses": ended], new: ["containerStatuses": running],
            messages: [
                "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"
            ]),
        StatusRow(
            remark: "one that failed and is started anew", spec: ["restartPolicy": "OnFailure"],
            old: ["containerStatuses": ended], new: ["containerStatuses": running]),
        StatusRow(
            remark: "one that is always started anew", spec: ["restartPolicy": "Always"],
            old: ["containerStatuses": ended], new: ["containerStatuses": running]),
        StatusRow(remark: "an address of each family", new: ["podIPs": [["ip": "10.0.0.1"], ["ip": "fd00::1"]]]),
        StatusRow(
            remark: "two addresses of one family", new: ["podIPs": [["ip": "10.0.0.1"], ["ip": "10.0.0.2"]]],
            messages: [
                "status.podIPs: Invalid value: [{\"IP\":\"10.0.0.1\"},{\"IP\":\"10.0.0.2\"}]: may specify no more than "
                    + "one IP for each IP family"
            ]),
        StatusRow(
            remark: "a host's address that is another's", new: ["hostIP": "10.0.0.1", "hostIPs": [["ip": "10.0.0.2"]]],
            messages: ["status.hostIPs[0].ip: Invalid value: \"10.0.0.2\": must be equal to `hostIP`"]),
    ]

    @Test(arguments: statuses)
    func aStatusBecomesOnlyWhatItMay(_ row: StatusRow) {
        var spec = row.spec
        spec["containers"] = [["name": "c", "image": "n"]]
        func pod(withStatus status: JSONObject) -> JSON {
            var pod = self.pod(spec)
            pod.edit { object in
                object.edit("metadata") { $0["resourceVersion"] = "1" }
                object.edit("status") { target in for member in status { target[member.key] = member.value } }
            }
            return pod
        }
        let errors = strategy.validateUpdate(
            ofSubresource: "status", pod(withStatus: row.new), from: pod(withStatus: row.old))
        #expect(errors.map(\.description) == row.messages)
    }

    struct Deletion: Sendable {
        var node: String
        var phase: String
        var requested: Int64?
        var grace: Int64
    }

    @Test(arguments: [
        Deletion(node: "", phase: "Pending", requested: nil, grace: 0),
        Deletion(node: "n", phase: "Running", requested: nil, grace: 30),
        Deletion(node: "n", phase: "Running", requested: 5, grace: 5),
        Deletion(node: "n", phase: "Failed", requested: 5, grace: 0),
        Deletion(node: "n", phase: "Running", requested: -1, grace: 1),
    ])
    func graceIsForPodsThatRun(_ row: Deletion) {
        let object: JSON = [
            "spec": ["nodeName": .string(row.node), "terminationGracePeriodSeconds": 30],
            "status": ["phase": .string(row.phase)],
        ]
        #expect(strategy.gracePeriodSeconds(deleting: object, requested: row.requested) == row.grace)
    }

    @Test func onlyAFewFieldsChange() {
        let old = pod(["containers": [["name": "c", "image": "n:1"]]])
        var image = old
        image.edit { $0.edit("spec") { $0.editItems(of: "containers") { $0["image"] = "n:2" } } }
        image.edit { $0.edit("metadata") { $0["resourceVersion"] = "1" } }
        #expect(strategy.validateUpdate(image, from: old).map(\.description) == [])
        var node = image
        node.edit { $0.edit("spec") { $0["nodeName"] = "x" } }
        #expect(strategy.validateUpdate(node, from: old).map(\.path) == ["spec"])
    }
}
