import APIMachinery
import JSON

/// The kinds of `resource.k8s.io`. What may stand in them is not checked beyond metadata and schema yet.
enum DynamicResourceStrategies {
    static let all: [String: any ResourceStrategy] = [
        "ResourceClaim": DefaultStrategy(.namespaced) {
            $0.hasStatus = true
            $0.defaults = DynamicResourceDefaults.claim
        },
        "ResourceClaimTemplate": DefaultStrategy(.namespaced) {
            $0.defaults = DynamicResourceDefaults.claimTemplate
        },
        "DeviceClass": DefaultStrategy(.cluster) { $0.generation = .counted },
        "ResourceSlice": DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.selectableFields = [
                "spec.nodeName": SelectableField("spec.nodeName"), "spec.driver": SelectableField("spec.driver"),
            ]
        },
    ]
}
