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
            $0.updateSteps = [.metadataCreation, .metadataUpdate, .updateRules]
            $0.statusRules = ClaimStatusRules.check
        },
        "ResourceClaimTemplate": DefaultStrategy(.namespaced) {
            $0.defaults = DynamicResourceDefaults.claimTemplate
            $0.rules = DynamicResourceRules.claimTemplate
            $0.updateRules = DynamicResourceRules.keepsSpec
            $0.updateSteps = [.metadataUpdate, .updateRules]
        },
        "DeviceClass": DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.rules = DynamicResourceRules.deviceClass
            $0.updateSteps = [.metadataCreation, .metadataUpdate, .rules]
        },
        "ResourceSlice": DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.rules = ResourceSliceRules.slice
            $0.updateRules = ResourceSliceRules.keepsSlice
            $0.selectableFields = [
                "spec.nodeName": SelectableField("spec.nodeName"), "spec.driver": SelectableField("spec.driver"),
            ]
        },
    ]
}
