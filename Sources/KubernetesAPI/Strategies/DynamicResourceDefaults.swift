import APIMachinery
import JSON

/// Defaults of `resource.k8s.io/v1`.
enum DynamicResourceDefaults {
    static func claim(_ object: inout JSONObject) { object.edit("spec", claimSpec) }

    static func claimTemplate(_ object: inout JSONObject) {
        object.edit("spec") { $0.edit("spec", claimSpec) }
    }

    private static func claimSpec(_ spec: inout JSONObject) {
        spec.edit("devices") { devices in
            devices.editItems(of: "requests") { request in
                request.edit("exactly", deviceRequest)
                request.editItems(of: "firstAvailable", deviceRequest)
            }
        }
    }

    private static func deviceRequest(_ request: inout JSONObject) {
        request.setDefaultIfBlank("allocationMode", "ExactCount")
        if request.string("allocationMode") == "ExactCount" { request.setDefaultIfZero("count", 1) }
        request.editItems(of: "tolerations") { $0.setDefaultIfBlank("operator", "Equal") }
    }
}
