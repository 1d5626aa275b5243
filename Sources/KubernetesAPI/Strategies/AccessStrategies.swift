import APIMachinery
import JSON

/// The kinds of `rbac.authorization.k8s.io`.
enum AccessStrategies {
    static let rbac: [String: any ResourceStrategy] = [
        "Role": role(.namespaced),
        "ClusterRole": role(.cluster),
        "RoleBinding": binding(.namespaced),
        "ClusterRoleBinding": binding(.cluster),
    ]

    private static func role(_ scope: DefaultStrategy.Scope) -> DefaultStrategy {
        DefaultStrategy(scope) {
            $0.nameClass = .pathSegment
            $0.allowsCreationOnUpdate = true
            $0.rules = scope == .namespaced ? AccessRules.role : AccessRules.clusterRole
            $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate]
        }
    }

    private static func binding(_ scope: DefaultStrategy.Scope) -> DefaultStrategy {
        DefaultStrategy(scope) {
            $0.nameClass = .pathSegment
            $0.allowsCreationOnUpdate = true
            $0.defaults = SmallKindDefaults.roleBinding
            $0.rules = scope == .namespaced ? AccessRules.roleBinding : AccessRules.clusterRoleBinding
            $0.updateRules = AccessRules.keepsRole
            $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
        }
    }
}
