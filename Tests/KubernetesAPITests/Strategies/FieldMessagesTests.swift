import APIMachinery
import Testing

@testable import KubernetesAPI

/// What is said of new objects, word for word: where the words hang on more than the kind of mistake.
struct FieldMessagesTests {
    /// A container with members of its own, in a pod.
    private static func pod(_ container: String, _ spec: String = "") -> String {
        #"{"spec":{"containers":[{"name":"c","image":"n"\#(container)}]\#(spec)}}"#
    }

    static let pods: [RuleRow] = [
        RuleRow(
            "/Pod", "a nap longer than the pod's time to go",
            pod(#","lifecycle":{"preStop":{"sleep":{"seconds":50}}}"#),
            "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 50: must be non-negative and less than "
                + "terminationGracePeriodSeconds (30)"),
        RuleRow(
            "/Pod", "policies of resizing",
            pod(
                #","resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"},{"resourceName":"disk","restartPolicy":"NotRequired"},{"resourceName":"cpu","restartPolicy":"NotRequired"}]"#,
                #","restartPolicy":"Never""#),
            #"spec.containers[0].resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when `restartPolicy` is 'Never'"#,
            #"spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory""#,
            #"spec.containers[0].resizePolicy[2]: Duplicate value: "cpu""#),
        RuleRow(
            "/Pod", "part of a huge page", pod(#","resources":{"limits":{"hugepages-2Mi":"1Mi","cpu":"1"}}"#),
            #"spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-2Mi"#,
            #"spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-2Mi"#
        ),
        RuleRow(
            "/Pod", "a claim that there is not", pod(#","resources":{"claims":[{"name":"d"}]}"#),
            #"spec.containers[0].resources.claims[0]: Not found: "d": must be one of the names in pod.spec.resourceClaims which is empty"#
        ),
        RuleRow(
            "/Pod", "a subscript where there are no keys",
            pod(#","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name['a']"}}}]"#),
            #"spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']"#
        ),
        RuleRow(
            "/Pod", "a profile of seccomp that is nowhere",
            pod(#","securityContext":{"seccompProfile":{"type":"RuntimeDefault","localhostProfile":"a"}}"#),
            #"spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost"#
        ),
        RuleRow(
            "/Pod", "a padded profile of AppArmor",
            pod(#","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":" a"}}"#),
            #"spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace"#
        ),
        RuleRow(
            "/Pod", "processes of the host without its network",
            pod("", #","securityContext":{"windowsOptions":{"hostProcess":true}}"#),
            "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers"
        ),
        RuleRow(
            "/Pod", "a search that is no domain",
            pod("", #","dnsConfig":{"searches":["_a.b_c.","A"]}"#),
            #"spec.dnsConfig.searches[1]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"#
        ),
        RuleRow(
            "/Pod", "a value that no label can have",
            pod(
                "",
                #","affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"In","values":["-"]}]}]}}}"#
            ),
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
                + ".matchExpressions[0].values[0]: Invalid value: \"-\": \(NameRules.problemsOfLabelValue("-")[0])"),
        RuleRow(
            "/Pod", "the first of two like constraints is named",
            pod(
                "",
                #","topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"k","whenUnsatisfiable":"DoNotSchedule"},{"maxSkew":2,"topologyKey":"k","whenUnsatisfiable":"DoNotSchedule"}]"#
            ),
            #"spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{k, DoNotSchedule}""#
        ),
        RuleRow(
            "/Pod", "a profile beside another annotation",
            #"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"unconfined"}},"spec":{"containers":[{"name":"c","image":"n"}],"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}}"#,
            "spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match"),
    ]

    static let services: [RuleRow] = [
        RuleRow(
            "/Service", "a node port twice",
            #"{"spec":{"type":"NodePort","ports":[{"name":"a","port":1,"nodePort":30000},{"name":"b","port":2,"nodePort":30000}]}}"#,
            "spec.ports[1].nodePort: Duplicate value: 30000"),
        RuleRow(
            "/Service", "ranges of clients with blanks around them",
            #"{"spec":{"type":"LoadBalancer","ports":[{"port":1}],"loadBalancerSourceRanges":[" 10.0.0.0/8 "," x "]}}"#,
            #"spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"#
        ),
        RuleRow(
            "/Service", "ports are looked at again behind the type",
            #"{"spec":{"type":"Odd","sessionAffinity":"Odd","ports":[{"name":"a","port":1},{"name":"b","port":1}]}}"#,
            #"spec.sessionAffinity: Unsupported value: "Odd": supported values: "ClientIP", "None""#,
            #"spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#,
            #"spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}"#
        ),
    ]

    @Test(arguments: pods)
    func podsAreSpokenOf(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: services)
    func servicesAreSpokenOf(_ row: RuleRow) throws {
        try check(row)
    }

    private func check(_ row: RuleRow) throws {
        let subject = try RuleSubject(row.kind)
        let object = try subject.made(row.object)
        #expect(subject.strategy.validateCreation(object).map(\.description) == row.problems)
    }
}
