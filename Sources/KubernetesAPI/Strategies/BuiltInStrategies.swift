public import APIMachinery

/// The strategies of the kinds that come with Kubernetes.
public enum BuiltInStrategies {
    /// The strategy of a kind; `nil` for one that is not built in or never stored (reviews, bindings).
    public static func strategy(ofBuiltIn kind: GroupKind) -> (any ResourceStrategy)? { all[kind] }

    /// The strategy of a kind, and for one that is never stored (a review, a binding) one that checks only metadata.
    public static func strategy(for kind: GroupKind) -> any ResourceStrategy {
        all[kind] ?? DefaultStrategy(namespacedTransientKinds.contains(kind) ? .namespaced : .cluster)
    }

    /// Kinds in a namespace that a request may post and nothing stores.
    private static let namespacedTransientKinds: Set<GroupKind> = [
        GroupKind(group: "", kind: "Binding"),
        GroupKind(group: "authorization.k8s.io", kind: "LocalSubjectAccessReview"),
    ]

    private static let all: [GroupKind: any ResourceStrategy] = {
        var all: [GroupKind: any ResourceStrategy] = [:]
        for (group, kinds) in groups {
            for (kind, strategy) in kinds { all[GroupKind(group: group, kind: kind)] = strategy }
        }
        return all
    }()

    private static let groups: [String: [String: any ResourceStrategy]] = [
        "": CoreStrategies.all,
        "apps": AppsStrategies.all,
        "batch": BatchStrategies.all,
        "autoscaling": ["HorizontalPodAutoscaler": PolicyStrategies.autoscaler],
        "policy": ["PodDisruptionBudget": PolicyStrategies.disruptionBudget],
        "networking.k8s.io": NetworkingStrategies.all,
        "discovery.k8s.io": ["EndpointSlice": NetworkingStrategies.endpointSlice],
        "storage.k8s.io": StorageStrategies.all,
        "rbac.authorization.k8s.io": AccessStrategies.rbac,
        "certificates.k8s.io": ["CertificateSigningRequest": SigningRequestStrategy()],
        "events.k8s.io": ["Event": EventStrategy(isStrict: true)],
        "coordination.k8s.io": ["Lease": SchedulingStrategies.lease],
        "node.k8s.io": ["RuntimeClass": SchedulingStrategies.runtimeClass],
        "scheduling.k8s.io": ["PriorityClass": SchedulingStrategies.priorityClass],
        "flowcontrol.apiserver.k8s.io": FlowControlStrategies.all,
        "admissionregistration.k8s.io": AdmissionStrategies.all,
        "apiextensions.k8s.io": ["CustomResourceDefinition": ExtensionStrategies.customResourceDefinition],
        "apiregistration.k8s.io": ["APIService": ExtensionStrategies.apiService],
        "resource.k8s.io": DynamicResourceStrategies.all,
    ]
}
