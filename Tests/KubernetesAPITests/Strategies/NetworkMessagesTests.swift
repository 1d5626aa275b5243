import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// What is said of services, addresses and the kinds around them, word for word and in order.
struct NetworkMessagesTests {
    private static func service(_ members: String) -> String { #"{"spec":{"ports":[{"port":1}],\#(members)}}"# }
    private static func ingress(_ members: String) -> String { #"{"spec":{\#(members)}}"# }

    static let services: [RuleRow] = [
        RuleRow(
            "/Service", "families and their policy", service(#""ipFamilyPolicy":"Both","ipFamilies":["IPv5"]"#),
            #"spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6""#,
            #"spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack""#
        ),
        RuleRow(
            "/Service", "an address and none", service(#""clusterIP":"None","clusterIPs":["None","10.0.0.1"]"#),
            #"spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: 'None' must be the first and only value"#),
        RuleRow(
            "/Service", "addresses that are read in more than one way",
            service(#""externalIPs":["010.0.0.1","::ffff:1.2.3.4","x","127.0.0.1"]"#),
            #"spec.externalIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s"#,
            #"spec.externalIPs[1]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address"#,
            #"spec.externalIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#,
            #"spec.externalIPs[3]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)"#
        ),
        RuleRow(
            "/Service", "a class of balancer where there is none", service(#""loadBalancerClass":"a b""#),
            "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"),
        RuleRow(
            "/Service", "a protocol without a name",
            #"{"spec":{"ports":[{"port":1,"appProtocol":""}]}}"#,
            #"spec.ports[0].appProtocol: Invalid value: "": name part must be non-empty"#,
            #"spec.ports[0].appProtocol: Invalid value: "": \#(NameRules.problemsOfQualifiedName("")[1])"#),
    ]

    static let networks: [RuleRow] = [
        RuleRow(
            "networking.k8s.io/NetworkPolicy", "blocks that are read in more than one way",
            #"{"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.1/8","except":["10.01.0.0/16"]}}]}]}}"#,
            #"spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length"#,
            #"spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.01.0.0/16": must not have leading 0s in IP or prefix length"#
        ),
        RuleRow(
            "networking.k8s.io/NetworkPolicy", "a range of ports",
            #"{"spec":{"podSelector":{},"egress":[{"ports":[{"port":70000,"endPort":5}]}]}}"#,
            "spec.egress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.egress[0].ports[0].endPort: Invalid value: 70000: must be greater than or equal to `port`"),
        RuleRow(
            "networking.k8s.io/Ingress", "the default before the rules",
            ingress(
                #""ingressClassName":"","defaultBackend":{},"rules":[{"http":{"paths":[{"path":"a//b","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":1}}}}]}}]"#
            ),
            #"spec.defaultBackend: Invalid value: "": resource or service backend is required"#,
            #"spec.rules[0].http.paths[0].path: Invalid value: "a//b": must be an absolute path"#,
            #"spec.rules[0].http.paths[0].path: Invalid value: "a//b": must not contain '//'"#,
            #"spec.ingressClassName: Invalid value: "": \#(NameRules.problemsOfSubdomain("")[0])"#),
        RuleRow(
            "networking.k8s.io/IngressClass", "a namespace without a name",
            #"{"spec":{"controller":"a.b/c","parameters":{"kind":"K","name":"n","scope":"Namespace","namespace":""}}}"#,
            #"spec.parameters.namespace: Invalid value: "": \#(NameRules.problemsOfLabel("")[0])"#),
        RuleRow(
            "networking.k8s.io/IPAddress", "another form",
            #"{"metadata":{"name":"2001:DB8::1"},"spec":{"parentRef":{"resource":"services","name":"s"}}}"#,
            #"metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")"#),
        RuleRow(
            "networking.k8s.io/ServiceCIDR", "another form", #"{"spec":{"cidrs":["FD00::/64","10.0.0.1/24"]}}"#,
            #"spec.cidrs[0]: Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")"#,
            #"spec.cidrs[1]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length"#),
        RuleRow(
            "discovery.k8s.io/EndpointSlice", "names in place of addresses",
            #"{"addressType":"FQDN","endpoints":[{"addresses":["a.b.","a","A.b"],"hostname":""}]}"#,
            #"endpoints[0].addresses[1]: Invalid value: "a": should be a domain with at least two segments separated by dots"#,
            #"endpoints[0].addresses[2]: Invalid value: "A.b": \#(NameRules.problemsOfSubdomain("A.b")[0])"#,
            #"endpoints[0].hostname: Invalid value: "": \#(NameRules.problemsOfLabel("")[0])"#),
        RuleRow(
            "/Endpoints", "all of an address before its range",
            #"{"subsets":[{"addresses":[{"ip":"0.0.0.0","hostname":"A.b"}]}]}"#,
            #"subsets[0].addresses[0].hostname: Invalid value: "A.b": \#(NameRules.problemsOfLabel("A.b")[0])"#,
            #"subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)"#),
        RuleRow(
            "/Node", "ranges of pods", #"{"spec":{"podCIDRs":["10.0.0.0/24","10.0.0.0/24"]}}"#,
            #"spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family"#,
            #"spec.podCIDRs[1]: Duplicate value: "10.0.0.0/24""#),
        RuleRow(
            "/Node", "no swap", #"{"status":{"nodeInfo":{"swap":{"capacity":0}}}}"#,
            "metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero"),
    ]

    static let changes: [ChangeRow] = [
        ChangeRow(
            "/Service", "another address", service(#""clusterIP":"10.0.0.1""#),
            service(#""clusterIP":"10.0.0.2","clusterIPs":["10.0.0.2"]"#),
            #"spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set"#),
        ChangeRow(
            "/Service", "another family",
            service(#""clusterIP":"10.0.0.1","ipFamilies":["IPv4"]"#),
            service(#""clusterIP":"10.0.0.1","ipFamilies":["IPv6"]"#),
            #"spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set"#,
            #"spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`"#),
        ChangeRow(
            "networking.k8s.io/ServiceCIDR", "no range", #"{"spec":{"cidrs":["10.0.0.0/24"]}}"#, #"{"spec":{}}"#,
            "spec.cidrs: Required value: at least one CIDR required",
            "spec.cidrs: Invalid value: null: field is immutable"),
        ChangeRow(
            "/ResourceQuota", "scopes in another order", #"{"spec":{"scopes":["BestEffort","NotTerminating"]}}"#,
            #"{"spec":{"scopes":["NotTerminating","BestEffort"]}}"#),
        ChangeRow(
            "/Namespace", "a finalizer that is none", "{}", #"{"spec":{"finalizers":["odd"]}}"#,
            subresource: "finalize",
            #"spec.finalizers[0]: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified"#
        ),
        ChangeRow(
            "/Node", "a taint is looked at twice", "{}",
            #"{"spec":{"taints":[{"key":"a","effect":"Odd"}],"configSource":{"configMap":{"uid":"u"}}}}"#,
            #"metadata.taints[0].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute""#,
            #"metadata.taints[0].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute""#
        ),
        ChangeRow(
            "policy/PodDisruptionBudget", "conditions before counts", #"{"spec":{}}"#,
            #"{"status":{"currentHealthy":-1,"conditions":[{"type":"A","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"1"}]}}"#,
            subresource: "status",
            #"status.conditions[0].reason: Invalid value: "1": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"#,
            "status.currentHealthy: Invalid value: -1: must be greater than or equal to 0"),
    ]

    @Test(arguments: services)
    func servicesAreSpokenOf(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: networks)
    func networksAreSpokenOf(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: changes)
    func changesAreSpokenOf(_ row: ChangeRow) throws { try row.checkMessages() }

    @Test(
        arguments: [
            (#""externalName":"x.y""#, #"spec.externalName is ignored when spec.type is not "ExternalName""#),
            (
                #""trafficDistribution":"PreferClose""#,
                #"spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone""#
            ),
            (
                #""type":"ExternalName","externalName":"x.y","externalIPs":["10.0.0.1"]"#,
                #"spec.externalIPs is ignored when spec.type is "ExternalName""#
            ),
            (#""clusterIP":"None","externalIPs":["10.0.0.1"]"#, "spec.externalIPs is ignored for headless services"),
        ])
    func writersOfServicesAreTold(_ members: String, _ warning: String) throws {
        let subject = try RuleSubject("/Service")
        #expect(subject.strategy.warnings(for: try subject.made(Self.service(members)), replacing: nil) == [warning])
    }

    @Test func aSliceCountsChangesOfItsLabels() throws {
        let subject = try RuleSubject("discovery.k8s.io/EndpointSlice")
        let slice = #"{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"deprecatedTopology":{"a":"b"}}]}"#
        let made = try subject.made(slice)
        #expect(made["endpoints"]?[0]?["deprecatedTopology"] == nil)
        var labelled = made
        labelled.edit { $0.editCreating("metadata") { $0["labels"] = ["a": "b"] } }
        subject.strategy.prepareForUpdate(&labelled, from: made)
        #expect(labelled["metadata"]?["generation"] == 2)
    }
}
