package import APIMachinery
package import JSON
package import KubernetesClient

/// A node as the scheduler sees it: what it offers, and what the pods on it take.
package struct SchedulingNode: Sendable {
    package static let podsResource = "pods"

    package let name: String
    package let labels: [String: String]
    package let taints: [Taint]
    package let isUnschedulable: Bool
    package let isReady: Bool
    package let allocatable: ResourceAmounts
    /// The pods on the node, by uid, with those that are on their way to it.
    package private(set) var pods: [String: PlacedPod] = [:]
    /// Of `pods` those that keep others away.
    package private(set) var podsWithAntiAffinity: [String: PlacedPod] = [:]
    package private(set) var requested = ResourceAmounts()

    package init(_ node: JSON) {
        let object = KubernetesObject(node)
        name = object.name
        labels = object.labels
        taints = node["spec"]?["taints"]?.arrayValue?.map(Taint.init) ?? []
        isUnschedulable = node["spec"]?["unschedulable"]?.boolValue ?? false
        isReady = object.condition("Ready")?.isTrue ?? false
        allocatable = ResourceAmounts(node["status"]?["allocatable"] ?? node["status"]?["capacity"])
    }

    package mutating func add(_ pod: PlacedPod) {
        remove(uid: pod.uid)
        pods[pod.uid] = pod
        if !pod.antiAffinity.isEmpty { podsWithAntiAffinity[pod.uid] = pod }
        requested = requested + pod.requests
    }

    package mutating func remove(uid: String) {
        guard let pod = pods.removeValue(forKey: uid) else { return }
        podsWithAntiAffinity[uid] = nil
        requested = requested - pod.requests
    }
}

/// What matters of a pod that has a node, to those that come after it.
package struct PlacedPod: Sendable {
    package let uid: String
    package let namespace: String
    package let labels: [String: String]
    package let controllerUID: String?
    package let requests: ResourceAmounts
    package let hostPorts: Set<HostPort>
    package let antiAffinity: [PodAffinityTerm]
    package let isTerminating: Bool

    package init(_ pod: Pod) {
        uid = pod.uid
        namespace = pod.namespace
        labels = pod.labels
        controllerUID = pod.controllerReference?.uid
        var requests = ResourceAmounts(requestsOf: pod.spec)
        requests[SchedulingNode.podsResource] = 1000
        self.requests = requests
        hostPorts = HostPort.all(of: pod.spec)
        antiAffinity = PodAffinityTerm.required("podAntiAffinity", of: pod)
        isTerminating = pod.isBeingDeleted
    }
}

/// A port of the node that a container takes for itself.
package struct HostPort: Sendable, Hashable {
    package var address: String
    package var networkProtocol: String
    package var port: Int64

    package static func all(of spec: JSON) -> Set<HostPort> {
        var ports: Set<HostPort> = []
        for container in (spec["containers"]?.arrayValue ?? []) + (spec["initContainers"]?.arrayValue ?? []) {
            for port in container["ports"]?.arrayValue ?? [] {
                guard let number = port["hostPort"]?.intValue, number > 0 else { continue }
                ports.insert(
                    HostPort(
                        address: port["hostIP"]?.stringValue ?? "0.0.0.0",
                        networkProtocol: port["protocol"]?.stringValue ?? "TCP", port: number))
            }
        }
        return ports
    }

    /// The unspecified address takes the port on every address.
    package func conflicts(with other: HostPort) -> Bool {
        port == other.port && networkProtocol == other.networkProtocol
            && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
    }
}

/// A rule that a pod shall be near, or far from, pods with certain labels.
package struct PodAffinityTerm: Sendable {
    package let selector: LabelSelector?
    package let namespaces: Set<String>
    /// `nil` where the term does not choose namespaces by label.
    package let namespaceSelector: LabelSelector?
    package let topologyKey: String

    package init(_ json: JSON, namespace: String) {
        selector = LabelSelector(member: json["labelSelector"])
        namespaceSelector = LabelSelector(member: json["namespaceSelector"])
        let named = Set(json["namespaces"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        namespaces = named.isEmpty && namespaceSelector == nil ? [namespace] : named
        topologyKey = json["topologyKey"]?.stringValue ?? ""
    }

    /// - Parameter member: `podAffinity` or `podAntiAffinity`.
    package static func required(_ member: String, of pod: Pod) -> [PodAffinityTerm] {
        let terms = pod.spec["affinity"]?[member]?["requiredDuringSchedulingIgnoredDuringExecution"]?.arrayValue ?? []
        return terms.map { PodAffinityTerm($0, namespace: pod.namespace) }
    }

    /// - Parameter namespaceLabels: The labels of the namespaces, by name.
    package func matches(
        labels: [String: String], namespace: String, namespaceLabels: [String: [String: String]]
    ) -> Bool {
        guard let selector, selector.matches(labels) else { return false }
        return namespaces.contains(namespace)
            || namespaceSelector?.matches(namespaceLabels[namespace] ?? [:]) ?? false
    }
}
