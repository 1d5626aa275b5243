import APIMachinery
import JSON

/// Defaults of RBAC's, scheduling's and API Priority and Fairness's kinds.
enum SmallKindDefaults {
    static let rbacGroup: JSON = "rbac.authorization.k8s.io"

    /// A RoleBinding or a ClusterRoleBinding.
    static func roleBinding(_ object: inout JSONObject) {
        object.edit("roleRef") { $0.setDefaultIfBlank("apiGroup", rbacGroup) }
        object.editItems(of: "subjects") { subject in
            let kind = subject.string("kind")
            if kind == "User" || kind == "Group" { subject.setDefaultIfBlank("apiGroup", rbacGroup) }
        }
    }

    static func priorityClass(_ object: inout JSONObject) {
        object.setDefault("preemptionPolicy", "PreemptLowerPriority")
    }

    static func flowSchema(_ object: inout JSONObject) {
        object.edit("spec") { $0.setDefaultIfZero("matchingPrecedence", 1000) }
    }

    static func priorityLevel(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.edit("exempt") { exempt in
                exempt.setDefault("nominalConcurrencyShares", 0)
                exempt.setDefault("lendablePercent", 0)
            }
            spec.edit("limited") { limited in
                limited.setDefault("nominalConcurrencyShares", 30)
                limited.setDefault("lendablePercent", 0)
                limited.edit("limitResponse") { response in
                    response.edit("queuing") { queuing in
                        queuing.setDefaultIfZero("handSize", 8)
                        queuing.setDefaultIfZero("queues", 64)
                        queuing.setDefaultIfZero("queueLengthLimit", 50)
                    }
                }
            }
        }
    }
}
