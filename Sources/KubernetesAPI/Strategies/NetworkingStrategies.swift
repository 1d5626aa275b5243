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
    }

    static let ingressClass = DefaultStrategy(.cluster) {
        $0.generation = .counted
        $0.defaults = NetworkingDefaults.ingressClass
    }

    static let networkPolicy = DefaultStrategy(.namespaced) {
        $0.generation = .counted
        $0.defaults = NetworkingDefaults.networkPolicy
    }

    static let ipAddress = DefaultStrategy(.cluster)

    static let serviceCIDR = DefaultStrategy(.cluster) { $0.hasStatus = true }

    static let endpointSlice = DefaultStrategy(.namespaced) {
        $0.generation = .counted
        $0.defaults = NetworkingDefaults.endpointSlice
    }
}
