import APIMachinery
import JSON

/// The kinds of `admissionregistration.k8s.io`.
enum AdmissionStrategies {
    static let all: [String: any ResourceStrategy] = [
        "ValidatingWebhookConfiguration": strategy {
            $0.defaults = AdmissionDefaults.validatingWebhooks
            $0.rules = WebhookRules.validating
        },
        "MutatingWebhookConfiguration": strategy {
            $0.defaults = AdmissionDefaults.mutatingWebhooks
            $0.rules = WebhookRules.mutating
        },
        "ValidatingAdmissionPolicy": strategy {
            $0.hasStatus = true
            $0.defaults = AdmissionDefaults.policy
            $0.rules = AdmissionPolicyRules.validating
            $0.statusRules = AdmissionPolicyRules.status
        },
        "ValidatingAdmissionPolicyBinding": strategy {
            $0.defaults = AdmissionDefaults.binding
            $0.rules = AdmissionPolicyRules.validatingBinding
        },
        "MutatingAdmissionPolicy": strategy {
            $0.defaults = AdmissionDefaults.policy
            $0.rules = AdmissionPolicyRules.mutating
        },
        "MutatingAdmissionPolicyBinding": strategy {
            $0.defaults = AdmissionDefaults.binding
            $0.rules = AdmissionPolicyRules.mutatingBinding
        },
    ]

    private static func strategy(_ configure: (inout DefaultStrategy) -> Void) -> DefaultStrategy {
        DefaultStrategy(.cluster) {
            $0.generation = .counted
            $0.allowsUnconditionalUpdate = false
            $0.restrictsFinalizers = false
            // What these may say is asked anew; that they are updates is not.
            $0.updateSteps = [.metadataCreation, .rules]
            configure(&$0)
        }
    }
}
