import APIMachinery
import JSON

/// The kinds of `admissionregistration.k8s.io`.
enum AdmissionStrategies {
    static let all: [String: any ResourceStrategy] = [
        "ValidatingWebhookConfiguration": strategy { $0.defaults = AdmissionDefaults.validatingWebhooks },
        "MutatingWebhookConfiguration": strategy { $0.defaults = AdmissionDefaults.mutatingWebhooks },
        "ValidatingAdmissionPolicy": strategy {
            $0.hasStatus = true
            $0.defaults = AdmissionDefaults.policy
        },
        "ValidatingAdmissionPolicyBinding": strategy { $0.defaults = AdmissionDefaults.binding },
        "MutatingAdmissionPolicy": strategy { $0.defaults = AdmissionDefaults.policy },
        "MutatingAdmissionPolicyBinding": strategy { $0.defaults = AdmissionDefaults.binding },
    ]

    private static func strategy(_ configure: (inout DefaultStrategy) -> Void) -> DefaultStrategy {
        DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.allowsUnconditionalUpdate = false
            $0.restrictsFinalizers = false
            configure(&$0)
        }
    }
}
