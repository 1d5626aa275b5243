import APIMachinery

/// What field selectors may name of the built-in kinds, beside `metadata.name` and `metadata.namespace`.
enum SelectableFields {
    static func names(of resource: GroupResource) -> Set<String> {
        switch (resource.group, resource.resource) {
        case ("", "pods"):
            [
                // The node under the name that it once had.
                "spec.host",
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
                "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
            ]
        case ("", "nodes"): ["spec.unschedulable"]
        case ("", "namespaces"): ["status.phase"]
        case ("", "secrets"): ["type"]
        case ("", "services"): ["spec.clusterIP", "spec.type"]
        case ("", "replicationcontrollers"): ["status.replicas"]
        case ("", "events"): event(subject: "involvedObject", component: "reportingComponent")
        case ("events.k8s.io", "events"): event(subject: "regarding", component: "reportingController")
        case ("batch", "jobs"): ["status.successful"]
        case ("apps", "statefulsets"): ["status.successful"]
        case ("certificates.k8s.io", "certificatesigningrequests"): ["spec.signerName"]
        case ("resource.k8s.io", "resourceslices"): ["spec.nodeName", "spec.driver"]
        default: []
        }
    }

    static func wording(of resource: GroupResource, kind: GroupVersionKind) -> UnknownFieldWording {
        switch (resource.group, resource.resource) {
        case ("", "pods"), ("", "nodes"), ("", "namespaces"), ("", "secrets"), ("", "services"), ("", "events"),
            ("", "replicationcontrollers"), ("events.k8s.io", "events"), ("apps", "statefulsets"),
            ("certificates.k8s.io", "certificatesigningrequests"):
            .bare
        case ("batch", "jobs"): .quoted(subject: kind.kind)
        case ("resource.k8s.io", "resourceslices"): .prefixed(subject: kind.description)
        default: .listingNames
        }
    }

    private static func event(subject: String, component: String) -> Set<String> {
        let parts = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
        return Set(parts.map { "\(subject).\($0)" } + ["reason", component, "source", "type"])
    }
}
