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
        if ServiceFields.isHeadless(spec.members) { headless(spec, &list) }
        list += spec["externalIPs"].items.compactMap(IPWarnings.address)
        if let warning = IPWarnings.address(spec["loadBalancerIP"]) { list.append(warning) }
        // The path is spelt with a small letter here.
        list += spec["loadBalancerSourceRanges"].items.compactMap(IPWarnings.block)
        if !spec["externalIPs"].isEmpty {
            list.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
        }
        if spec["type"].text == "ExternalName", spec["sessionAffinity"].text == "ClientIP" {
            list.append("spec.sessionAffinity is ignored when spec.type is \"ExternalName\"")
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
