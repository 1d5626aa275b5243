import APIMachinery
import JSON

/// Defaults of `networking.k8s.io/v1` and `discovery.k8s.io/v1`.
enum NetworkingDefaults {
    static func networkPolicy(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            for direction in ["ingress", "egress"] {
                spec.editItems(of: direction) { rule in
                    rule.editItems(of: "ports") { $0.setDefault("protocol", "TCP") }
                }
            }
            guard spec.items("policyTypes").isEmpty else { return }
            spec["policyTypes"] = spec.items("egress").isEmpty ? ["Ingress"] : ["Ingress", "Egress"]
        }
    }

    static func ingressClass(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.edit("parameters") { $0.setDefault("scope", "Cluster") }
        }
    }

    static func endpointSlice(_ object: inout JSONObject) {
        object.editItems(of: "ports") { port in
            port.setDefault("name", "")
            port.setDefault("protocol", "TCP")
        }
    }
}
