import APIMachinery
import JSON

/// What the fields of a service's spec have to do with one another.
///
/// `clusterIP` is the first of `clusterIPs`; what a type does not need goes when a service leaves the type, unless its
/// writer changed it in the same breath; what the server gave stays when a writer leaves it out.
enum ServiceFields {
    static func type(_ spec: JSONObject) -> String { spec.string("type") ?? "" }
    static func needsClusterIP(_ spec: JSONObject) -> Bool { isProxied(type(spec)) }
    static func needsNodePorts(_ spec: JSONObject) -> Bool { isNodePorted(type(spec)) }
    static func isHeadless(_ spec: JSONObject) -> Bool {
        let addresses = spec.items("clusterIPs")
        return addresses.isEmpty ? spec.string("clusterIP") == "None" : addresses == ["None"]
    }
    static func needsHealthCheckNodePort(_ spec: JSONObject) -> Bool {
        type(spec) == "LoadBalancer" && spec.string("externalTrafficPolicy") == "Local"
    }
    /// Whether clients beyond the cluster reach it through the nodes.
    static func isExternal(_ spec: JSONObject) -> Bool {
        needsNodePorts(spec) || type(spec) == "ClusterIP" && !spec.items("externalIPs").isEmpty
    }

    private static func isProxied(_ type: String) -> Bool {
        type == "ClusterIP" || type == "NodePort" || type == "LoadBalancer"
    }
    private static func isNodePorted(_ type: String) -> Bool { type == "NodePort" || type == "LoadBalancer" }

    /// Fills in the list of addresses of a new service.
    static func normalizeNew(_ spec: inout JSONObject) {
        if !spec.isBlank("clusterIP"), spec.items("clusterIPs").isEmpty {
            spec["clusterIPs"] = .array([spec["clusterIP"] ?? ""])
        }
    }

    /// Keeps, mirrors and drops for an update.
    static func normalize(_ spec: inout JSONObject, from old: JSONObject) {
        keepAllocated(in: &spec, from: old)
        mirrorClusterIPs(in: &spec, from: old)
        dropUnneeded(from: &spec, old: old)
    }

    private static func keepAllocated(in spec: inout JSONObject, from old: JSONObject) {
        if needsClusterIP(old), needsClusterIP(spec) {
            if spec.isBlank("clusterIP") { spec.take("clusterIP", from: old) }
            if spec.items("clusterIPs").isEmpty, spec["clusterIP"] == old["clusterIP"] {
                spec.take("clusterIPs", from: old)
            }
        }
        if needsNodePorts(old), needsNodePorts(spec) { keepNodePorts(in: &spec, from: old) }
        if needsHealthCheckNodePort(old), needsHealthCheckNodePort(spec), (spec.int("healthCheckNodePort") ?? 0) == 0 {
            spec.take("healthCheckNodePort", from: old)
        }
    }

    /// A port that leaves its node port out has the one that the port of its name had, unless another one took it.
    private static func keepNodePorts(in spec: inout JSONObject, from old: JSONObject) {
        let used = Set(spec.items("ports").compactMap { $0["nodePort"]?.intValue })
        var stored: [String: Int64] = [:]
        for port in old.items("ports") {
            stored[port["name"]?.stringValue ?? ""] = port["nodePort"]?.intValue ?? 0
        }
        spec.editItems(of: "ports") { port in
            guard let number = stored[port.string("name") ?? ""], number != 0, !used.contains(number) else { return }
            port.setDefaultIfZero("nodePort", number)
        }
    }

    private static func mirrorClusterIPs(in spec: inout JSONObject, from old: JSONObject) {
        if spec.items("clusterIPs").isEmpty, !spec.isBlank("clusterIP") { return normalizeNew(&spec) }
        guard spec["clusterIP"] != old["clusterIP"], spec["clusterIPs"] == old["clusterIPs"] else { return }
        spec["clusterIPs"] = spec.isBlank("clusterIP") ? nil : .array([spec["clusterIP"] ?? ""])
    }

    private static func dropUnneeded(from spec: inout JSONObject, old: JSONObject) {
        func drop(_ names: String..., unless isNeeded: (JSONObject) -> Bool) {
            guard isNeeded(old), !isNeeded(spec) else { return }
            for name in names where spec[name] == old[name] { spec[name] = nil }
        }
        drop(
            "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", unless: needsClusterIP)
        drop("healthCheckNodePort", unless: needsHealthCheckNodePort)
        drop("allocateLoadBalancerNodePorts", "loadBalancerClass") { type($0) == "LoadBalancer" }
        drop("externalTrafficPolicy", unless: isExternal)
        let nodePorts = { (spec: JSONObject) in spec.items("ports").map { $0["nodePort"] } }
        if needsNodePorts(old), !needsNodePorts(spec), nodePorts(spec) == nodePorts(old) {
            spec.editItems(of: "ports") { $0["nodePort"] = nil }
        }
    }
}
