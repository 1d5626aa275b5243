import APIMachinery
import JSON

/// What a pod's spec leaves out and the server fills in, in a pod and in every pod template
/// (`pkg/apis/core/v1/defaults.go`).
enum PodDefaults {
    /// Seconds between a pod's termination signal and its kill.
    static let terminationGracePeriodSeconds: Int64 = 30

    /// A `Pod`.
    static func pod(_ pod: inout JSONObject) {
        pod.editCreating("spec") { spec in
            PodDefaults.spec(&spec)
            spec.setDefault("enableServiceLinks", true)
            let isHostNetworked = spec.bool("hostNetwork") ?? false
            for list in ["containers", "initContainers"] {
                spec.editItems(of: list) { container in
                    requestLimits(of: &container)
                    if isHostNetworked { useHostPorts(in: &container) }
                }
            }
            if spec.has("resources") { aggregateResources(of: &spec) }
        }
    }

    /// A pod that limits or requests as a whole requests what its containers do together where it says nothing, or
    /// else as far as its limit.
    private static func aggregateResources(of spec: inout JSONObject) {
        let given = spec.object("resources") ?? [:]
        if (given.object("limits") ?? [:]).isEmpty, (given.object("requests") ?? [:]).isEmpty { return }
        let (limits, requests) = (PodResources.limits(of: spec), PodResources.requests(of: spec))
        spec.edit("resources") { resources in
            for (name, amount) in limits.sorted(by: { $0.key < $1.key }) where name.hasPrefix("hugepages-") {
                if resources.object("requests")?.has(name) ?? false { continue }
                resources.editCreating("limits") { $0.setDefault(name, .string(amount.description)) }
            }
            guard let limits = resources.object("limits"), !limits.isEmpty else { return }
            var missing: [(String, JSON)] = []
            for (name, amount) in requests.sorted(by: { $0.key < $1.key })
            where (name == "cpu" || name == "memory") && !(resources.object("requests")?.has(name) ?? false) {
                missing.append((name, .string(amount.description)))
            }
            for limit in limits where PodResourceRules.isSupported(limit.key) && requests[limit.key] == nil {
                missing.append((limit.key, limit.value))
            }
            guard !missing.isEmpty else { return }
            resources.editCreating("requests") { requests in
                for (name, amount) in missing { requests.setDefault(name, amount) }
            }
        }
    }

    /// A member that is a pod template: `template`.
    static func template(in owner: inout JSONObject) {
        owner.editCreating("template") { $0.editCreating("spec", PodDefaults.spec) }
    }

    /// A `PodSpec`.
    static func spec(_ spec: inout JSONObject) {
        spec.editItems(of: "volumes", VolumeDefaults.volume)
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            spec.editItems(of: list, ContainerDefaults.container)
        }
        spec.setDefaultIfBlank("restartPolicy", "Always")
        spec.setDefault("terminationGracePeriodSeconds", .int(terminationGracePeriodSeconds))
        spec.setDefaultIfBlank("dnsPolicy", "ClusterFirst")
        mirrorServiceAccount(&spec)
        spec.setDefault("securityContext", [:])
        spec.setDefaultIfBlank("schedulerName", "default-scheduler")
    }

    /// `serviceAccount` is the old name of `serviceAccountName` and always reads the same.
    private static func mirrorServiceAccount(_ spec: inout JSONObject) {
        let name = spec.isBlank("serviceAccountName") ? spec["serviceAccount"] : spec["serviceAccountName"]
        guard let name, name != "" else { return }
        spec["serviceAccountName"] = name
        spec["serviceAccount"] = name
    }

    /// What is limited and not requested is requested as far as its limit.
    private static func requestLimits(of container: inout JSONObject) {
        container.edit("resources") { resources in
            guard let limits = resources.object("limits"), !limits.isEmpty else { return }
            resources.editCreating("requests") { requests in
                for limit in limits { requests.setDefault(limit.key, limit.value) }
            }
        }
    }

    private static func useHostPorts(in container: inout JSONObject) {
        container.editItems(of: "ports") { port in
            if let number = port.int("containerPort") { port.setDefaultIfZero("hostPort", number) }
        }
    }
}
