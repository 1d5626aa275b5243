import APIMachinery
import JSON

/// The kinds of `networking.k8s.io` and `discovery.k8s.io`.
enum NetworkingStrategies {
    static let all: [String: any ResourceStrategy] = [
        "Ingress": ingress,
        "IngressClass": ingressClass,
        "NetworkPolicy": networkPolicy,
        "IPAddress": ipAddress,
        "ServiceCIDR": serviceCIDR,
    ]

    static let ingress = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.rules = NetworkRules.ingress
        $0.creationRules = NetworkRules.newIngress
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .rules]
        $0.statusRules = NetworkRules.ingressStatus
        $0.warn = { ingress, old in
            let annotation = ingress.value(at: ["metadata", "annotations", NetworkRules.classAnnotation])
            let isNamed = ingress.object("spec")?.has("ingressClassName") ?? false
            guard old == nil, annotation != nil, !isNamed else { return [] }
            return [
                "annotation \"\(NetworkRules.classAnnotation)\" is deprecated, please use 'spec.ingressClassName' instead"
            ]
        }
    }

    static let ingressClass = DefaultStrategy(.cluster) {
        $0.generation = .counted
        $0.defaults = NetworkingDefaults.ingressClass
        $0.rules = NetworkRules.ingressClass
        $0.updateRules = NetworkRules.keepsController
        $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
    }

    static let networkPolicy = DefaultStrategy(.namespaced) {
        $0.generation = .counted
        $0.defaults = NetworkingDefaults.networkPolicy
        $0.rules = NetworkRules.policy
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .rules]
        $0.warn = SmallKindWarnings.networkPolicy
    }

    static let ipAddress = DefaultStrategy(.cluster) {
        // The name is the address, and checked as such.
        $0.nameClass = .anything
        $0.rules = AddressRules.address
        $0.updateRules = AddressRules.keepsParent
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
    }

    static let serviceCIDR = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.rules = AddressRules.range
        $0.updateRules = AddressRules.keepsRange
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
    }

    static let endpointSlice = DefaultStrategy(.namespaced) {
        $0.generation = .countedWith(metadata: "labels")
        $0.preparation = dropTopology
        $0.updatePreparation = { slice, old in
            if slice["endpoints"] != old["endpoints"] { dropTopology(&slice) }
        }
        $0.defaults = NetworkingDefaults.endpointSlice
        $0.rules = NetworkRules.endpointSlice
        $0.warn = SmallKindWarnings.endpointSlice
        $0.updateRules = NetworkRules.keepsAddressType
        $0.updateSteps = [.metadataCreation, .rules, .updateRules]
    }

    /// Takes out the topology of endpoints, which only the version before the first stable one can set.
    @Sendable private static func dropTopology(_ slice: inout JSONObject) {
        slice.editItems(of: "endpoints") { $0["deprecatedTopology"] = nil }
    }
}
