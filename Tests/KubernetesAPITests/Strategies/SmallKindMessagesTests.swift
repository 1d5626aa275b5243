import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// What is said of autoscalers, runtime classes, signing requests and devices, word for word.
struct SmallKindMessagesTests {
    private static func scaler(_ metrics: String, _ spec: String = "") -> String {
        #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"D","name":"d"},"metrics":[\#(metrics)]\#(spec)}}"#
    }

    private static let kinds = #"supported values: "ContainerResource", "External", "Object", "Pods", "Resource""#
    private static let average = #""target":{"type":"AverageValue","averageValue":"1"}"#

    static let rows: [RuleRow] = [
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "a metric of no kind", scaler("{}"),
            "spec.metrics[0].type: Required value: must specify a metric source type",
            #"spec.metrics[0].type: Unsupported value: "": \#(kinds)"#,
            #"spec.metrics[0].type: Unsupported value: "": \#(kinds)"#),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "a source of another kind",
            scaler(#"{"type":"Pods","resource":{"name":"",\#(average)}}"#),
            "spec.metrics[0].resource.name: Required value: must specify a resource name",
            "spec.metrics[0].pods: Required value: must populate information for the given metric source"),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "two sources",
            scaler(
                #"{"type":"Resource","resource":{"name":"",\#(average)},"pods":{"metric":{"name":"m"},\#(average)}}"#),
            "spec.metrics[0].pods: Forbidden: must populate the given metric source only"),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "an object without a target",
            scaler(
                #"{"type":"Object","object":{"describedObject":{"kind":"K","name":"n"},"metric":{"name":"m"},"target":{}}}"#
            ),
            "spec.metrics[0].object.target.type: Required value: must specify a metric target type",
            #"spec.metrics[0].object.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue"#,
            "spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue"
        ),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "none",
            scaler(#"{"type":"Resource","resource":{"name":"cpu",\#(average)}}"#, #","minReplicas":0"#),
            "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
            "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas"
        ),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "behavior",
            scaler(
                #"{"type":"Resource","resource":{"name":"cpu",\#(average)}}"#,
                #","behavior":{"scaleUp":{"stabilizationWindowSeconds":-1,"policies":[{"value":1,"periodSeconds":1}]}}"#
            ),
            "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero",
            #"spec.behavior.scaleUp.policies[0].type: Unsupported value: "": supported values: "Percent", "Pods""#),
        RuleRow(
            "node.k8s.io/RuntimeClass", "what pods of a class cost",
            #"{"handler":"h","overhead":{"podFixed":{"cpu":"-1"}},"scheduling":{"nodeSelector":{"-":"x"}}}"#,
            #"overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0"#,
            #"scheduling.nodeSelector: Invalid value: "-": \#(NameRules.problemsOfQualifiedName("-").joined())"#
        ),
        RuleRow(
            "resource.k8s.io/DeviceClass", "a selector of nothing",
            #"{"spec":{"selectors":[{}]}}"#,
            "spec.selectors[0].cel: Required value"),
    ]

    @Test(arguments: rows)
    func kindsAreSpokenOf(_ row: RuleRow) throws {
        let subject = try RuleSubject(row.kind)
        let object = try subject.made(row.object)
        #expect(subject.strategy.validateCreation(object).map(\.description) == row.problems)
    }

    @Test(arguments: [
        ("runtime/default", #"{"type":"RuntimeDefault"}"#), ("unconfined", #"{"type":"Unconfined"}"#),
        ("localhost/p", #"{"type":"Localhost","localhostProfile":"p"}"#), ("localhost/", nil), ("odd", nil),
    ])
    func annotationsNameProfiles(_ annotation: String, _ profile: String?) throws {
        let subject = try RuleSubject("/Pod")
        let pod = try subject.made(
            #"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/c":"\#(annotation)"}},"spec":{"containers":[{"name":"c","image":"n"},{"name":"d","image":"n"}]}}"#
        )
        let containers = pod["spec"]?["containers"]?.arrayValue ?? []
        let expected = try profile.map { try JSON(parsing: Array($0.utf8)) }
        #expect(containers.map { $0["securityContext"]?["appArmorProfile"] } == [expected, nil])
    }
}
