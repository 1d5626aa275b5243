import APIMachinery
import JSON

/// What writers of services are told (`pkg/api/service/warnings.go`).
enum ServiceWarnings {
    private static let topologyHints = "service.kubernetes.io/topology-aware-hints"
    private static let topologyMode = "service.kubernetes.io/topology-mode"

    static func warnings(_ service: JSONObject, _ old: JSONObject?) -> [String] {
        let fields = Fields(service)
        let spec = fields.fields("spec")
        var list: [String] = []
        if fields.fields("metadata")["annotations"].value?[topologyHints] != nil {
            list.append("annotation \(topologyHints) is deprecated, please use \(topologyMode) instead")
        }
        list += spec["clusterIPs"].items.compactMap(IPWarnings.address)
        let type = spec["type"].text
        let isHeadless = type == "ClusterIP" && spec["clusterIP"].text == "None"
        if isHeadless { headless(spec, &list) }
        list += spec["externalIPs"].items.compactMap(IPWarnings.address)
        if !spec["externalIPs"].isEmpty, !isHeadless, type != "ExternalName" {
            list.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
        }
        if let warning = IPWarnings.address(spec["loadBalancerIP"]) { list.append(warning) }
        // The path is spelt with a small letter here.
        list += spec["loadBalancerSourceRanges"].items.compactMap(IPWarnings.block)
        if type == "ExternalName", !spec["externalIPs"].isEmpty {
            list.append("spec.externalIPs is ignored when spec.type is \"ExternalName\"")
        }
        if type != "ExternalName", !spec["externalName"].isEmpty {
            list.append("spec.externalName is ignored when spec.type is not \"ExternalName\"")
        }
        if spec["trafficDistribution"].text == "PreferClose" {
            list.append("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"")
        }
        return list
    }

    private static func headless(_ spec: Fields, _ list: inout [String]) {
        if !spec["loadBalancerIP"].isEmpty { list.append("spec.loadBalancerIP is ignored for headless services") }
        if !spec["externalIPs"].isEmpty { list.append("spec.externalIPs is ignored for headless services") }
        if !["", "None"].contains(spec["sessionAffinity"].text) {
            list.append("spec.SessionAffinity is ignored for headless services")
        }
    }
}
