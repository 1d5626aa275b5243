import APIMachinery
import Testing

@testable import KubernetesAPI

/// What is said of new pods, word for word.
struct PodMessagesTests {
    /// What is said of a name that is none.
    private static let noName = NameRules.problemsOfSubdomain("").joined()

    /// A container with members of its own, in a pod.
    private static func pod(_ container: String, _ spec: String = "") -> String {
        #"{"spec":{"containers":[{"name":"c","image":"n"\#(container)}]\#(spec)}}"#
    }

    static let rows: [RuleRow] = [
        RuleRow(
            "/Pod", "what to do with messages", pod(#","terminationMessagePolicy":"Odd""#),
            #"spec.containers[0].terminationMessagePolicy: Unsupported value: "Odd": supported values: "File", "FallbackToLogsOnError""#
        ),
        RuleRow(
            "/Pod", "rules of restarts", pod(#","restartPolicy":"Never","restartPolicyRules":[{"exitCodes":{}}]"#),
            #"spec.containers[0].restartPolicyRules[0].action: Unsupported value: "": supported values: "Restart", "RestartAllContainers""#,
            #"spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "": supported values: "In", "NotIn""#
        ),
        RuleRow(
            "/Pod", "the node by its old name",
            pod(#","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.host"}}}]"#)),
        RuleRow("/Pod", "a map's name that ends in a dash", pod(#","envFrom":[{"configMapRef":{"name":"m-"}}]"#)),
        RuleRow(
            "/Pod", "claims of nothing", pod("", #","resourceClaims":[{"name":"r"}]"#),
            #"spec.resourceClaims[0]: Invalid value: {"Name":"r","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"#
        ),
        RuleRow(
            "/Pod", "classes by an empty name", pod("", #","runtimeClassName":"","preemptionPolicy":"""#),
            #"spec.runtimeClassName: Invalid value: "": \#(noName)"#,
            "spec.preemptionPolicy: Required value"),
        RuleRow(
            "/Pod", "what a pod costs", pod("", #","overhead":{"cpu":"-1"}"#),
            #"spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0"#),
        RuleRow(
            "/Pod", "names that pods cannot ask for",
            pod("", #","resources":{"requests":{"x":"1","ephemeral-storage":"1"}}"#),
            #"spec.resources.requests[x]: Invalid value: "x": must be a standard resource type or fully qualified"#,
            #"spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory""#
        ),
        RuleRow(
            "/Pod", "less CPU than the container asks for, which is none",
            pod(#","resources":{"requests":{"cpu":"1","memory":"1"}}"#, #","resources":{"requests":{"memory":"1"}}"#),
            #"spec.resources.requests[cpu]: Invalid value: "0": must be greater than or equal to aggregate container requests of 1"#
        ),
        RuleRow(
            "/Pod", "a container above its pod",
            pod(
                #","resources":{"limits":{"cpu":"2"},"requests":{"cpu":"1"}}"#, #","resources":{"limits":{"cpu":"1"}}"#),
            #"spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1"#
        ),
        RuleRow(
            "/Pod", "Windows knows no resources of pods",
            pod("", #","os":{"name":"windows"},"resources":{"limits":{"cpu":"1"}}"#),
            "spec.resources: Forbidden: may not be set for a windows pod"),
        RuleRow(
            "/Pod", "a key by which pods match and that the selector names",
            #"{"metadata":{"labels":{"k":"v"}},"spec":{"containers":[{"name":"c","image":"n"}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{"matchLabels":{"k":"v"}},"matchLabelKeys":["k"]}]}}}}"#,
            #"spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0][0]: Invalid value: "k": exists in both matchLabelKeys and labelSelector"#
        ),
    ]

    @Test(arguments: rows)
    func podsAreSpokenOf(_ row: RuleRow) throws {
        let subject = try RuleSubject(row.kind)
        let object = try subject.made(row.object)
        #expect(subject.strategy.validateCreation(object).map(\.description) == row.problems)
    }
}
