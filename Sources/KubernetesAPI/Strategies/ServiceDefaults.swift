import APIMachinery
import JSON

/// Defaults of a Service (`SetDefaults_Service`); addresses and ports are the allocator's.
enum ServiceDefaults {
    /// Seconds for which a client stays with its endpoint: three hours.
    static let affinityTimeoutSeconds: Int64 = 10800

    static func service(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            sessionAffinity(&spec)
            spec.setDefaultIfBlank("type", "ClusterIP")
            spec.editItems(of: "ports") { port in
                port.setDefaultIfBlank("protocol", "TCP")
                if port["targetPort"] == nil || port["targetPort"] == 0 || port["targetPort"] == "" {
                    port.take("targetPort", from: ["targetPort": port["port"] ?? 0])
                }
            }
            trafficPolicies(&spec)
        }
        if object.object("spec")?.string("type") == "LoadBalancer" { ingressModes(&object) }
    }

    private static func sessionAffinity(_ spec: inout JSONObject) {
        spec.setDefaultIfBlank("sessionAffinity", "None")
        switch spec.string("sessionAffinity") {
        case "None": spec["sessionAffinityConfig"] = nil
        case "ClientIP":
            spec.editCreating("sessionAffinityConfig") { configuration in
                configuration.editCreating("clientIP") { clientIP in
                    clientIP.setDefault("timeoutSeconds", .int(affinityTimeoutSeconds))
                }
            }
        default: return
        }
    }

    private static func trafficPolicies(_ spec: inout JSONObject) {
        let type = spec.string("type") ?? ""
        let isExternal =
            type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP" && !spec.items("externalIPs").isEmpty
        if isExternal { spec.setDefaultIfBlank("externalTrafficPolicy", "Cluster") }
        if ["ClusterIP", "NodePort", "LoadBalancer"].contains(type) {
            spec.setDefault("internalTrafficPolicy", "Cluster")
        }
        if type == "LoadBalancer" { spec.setDefault("allocateLoadBalancerNodePorts", true) }
    }

    private static func ingressModes(_ object: inout JSONObject) {
        object.edit("status") { status in
            status.edit("loadBalancer") { balancer in
                balancer.editItems(of: "ingress") { ingress in
                    if !ingress.isBlank("ip") { ingress.setDefault("ipMode", "VIP") }
                }
            }
        }
    }
}
