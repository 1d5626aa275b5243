import APIMachinery
import JSON

/// Defaults of `admissionregistration.k8s.io/v1`.
enum AdmissionDefaults {
    /// Seconds that a webhook has to answer.
    static let timeoutSeconds: Int64 = 10
    static let webhookPort: Int64 = 443

    static func validatingWebhooks(_ object: inout JSONObject) { object.editItems(of: "webhooks", webhook) }

    static func mutatingWebhooks(_ object: inout JSONObject) {
        object.editItems(of: "webhooks") { hook in
            webhook(&hook)
            hook.setDefault("reinvocationPolicy", "Never")
        }
    }

    static func policy(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.setDefault("failurePolicy", "Fail")
            spec.edit("matchConstraints", matchResources)
        }
    }

    static func binding(_ object: inout JSONObject) {
        object.edit("spec") { $0.edit("matchResources", matchResources) }
    }

    private static func webhook(_ hook: inout JSONObject) {
        hook.setDefault("failurePolicy", "Fail")
        matching(&hook)
        hook.setDefault("timeoutSeconds", .int(timeoutSeconds))
        hook.editItems(of: "rules") { $0.setDefault("scope", "*") }
        hook.edit("clientConfig") { configuration in
            configuration.edit("service") { $0.setDefault("port", .int(webhookPort)) }
        }
    }

    private static func matchResources(_ resources: inout JSONObject) {
        matching(&resources)
        for list in ["resourceRules", "excludeResourceRules"] {
            resources.editItems(of: list) { $0.setDefault("scope", "*") }
        }
    }

    private static func matching(_ owner: inout JSONObject) {
        owner.setDefault("matchPolicy", "Equivalent")
        owner.setDefault("namespaceSelector", [:])
        owner.setDefault("objectSelector", [:])
    }
}
