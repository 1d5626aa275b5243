import APIMachinery
import JSON

/// The kinds of `resource.k8s.io`.
enum DynamicResourceStrategies {
    static let all: [String: any ResourceStrategy] = [
        "ResourceClaim": DefaultStrategy(.namespaced) {
            $0.hasStatus = true
            $0.defaults = DynamicResourceDefaults.claim
            $0.rules = DynamicResourceRules.claim
            $0.updateRules = DynamicResourceRules.keepsSpec
            $0.statusRules = DynamicResourceRules.claimStatus
        },
        "ResourceClaimTemplate": DefaultStrategy(.namespaced) {
            $0.defaults = DynamicResourceDefaults.claimTemplate
            $0.rules = DynamicResourceRules.claimTemplate
            $0.updateRules = DynamicResourceRules.keepsSpec
        },
        "DeviceClass": DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.rules = DynamicResourceRules.deviceClass
        },
        "ResourceSlice": DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.rules = DynamicResourceRules.slice
            $0.updateRules = DynamicResourceRules.keepsSlice
            $0.selectableFields = [
                "spec.nodeName": SelectableField("spec.nodeName"), "spec.driver": SelectableField("spec.driver"),
            ]
        },
    ]
}
