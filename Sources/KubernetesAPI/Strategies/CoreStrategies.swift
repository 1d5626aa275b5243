import APIMachinery
import JSON

/// The kinds of the core group.
enum CoreStrategies {
    static let all: [String: any ResourceStrategy] = [
        "Pod": PodStrategy(),
        "Service": ServiceStrategy(),
        "Namespace": NamespaceStrategy(),
        "Node": node,
        "ConfigMap": configMap,
        "Secret": secret,
        "ServiceAccount": serviceAccount,
        "Endpoints": endpoints,
        "Event": EventStrategy(isStrict: false),
        "LimitRange": limitRange,
        "ResourceQuota": resourceQuota,
        "PersistentVolume": StorageStrategies.volume,
        "PersistentVolumeClaim": StorageStrategies.claim,
        "PodTemplate": podTemplate,
        "ReplicationController": replicationController,
        "ComponentStatus": DefaultStrategy(.cluster),
    ]

    static let node = DefaultStrategy(.cluster) {
        // A node brings its status along when it registers.
        $0.hasStatus = true
        $0.keepsStatusOfNew = true
        $0.preparation = dropConfiguration
        $0.updatePreparation = { node, _ in dropConfiguration(&node) }
        $0.statusPreparation = { node, _ in dropConfiguration(&node) }
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
        $0.defaults = CoreDefaults.node
        $0.rules = CoreRules.node
        $0.warn = SmallKindWarnings.node
        $0.updateRules = CoreRules.keepsNode
        $0.statusRules = CoreRules.keepsNode
        $0.selectableFields = ["spec.unschedulable": SelectableField("spec.unschedulable", missing: "false")]
    }

    /// Takes out the configuration that nodes were once given by the API.
    @Sendable private static func dropConfiguration(_ node: inout JSONObject) {
        node.edit("spec") { $0["configSource"] = nil }
        node.edit("status") { $0["config"] = nil }
    }

    static let configMap = DefaultStrategy(.namespaced) {
        $0.rules = CoreRules.configMap
        $0.updateRules = CoreRules.keepsConfigMap
        $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
    }

    static let secret = DefaultStrategy(.namespaced) {
        $0.defaults = CoreDefaults.secret
        $0.rules = SecretRules.check
        $0.updateRules = CoreRules.keepsSecret
        $0.selectableFields = ["type": SelectableField("type")]
        $0.warn = { secret, _ in SecretWarnings.warnings(of: Fields(secret)) }
        $0.updatePreparation = { secret, old in
            if secret.isBlank("type") { secret.take("type", from: old) }
        }
        $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
    }

    static let serviceAccount = DefaultStrategy(.namespaced) {
        // Only the names of secrets are kept.
        $0.preparation = keepSecretNames
        $0.updatePreparation = { account, _ in keepSecretNames(&account) }
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .rules]
    }

    private static func keepSecretNames(_ account: inout JSONObject) {
        account.editItems(of: "secrets") { secret in
            secret = secret["name"].map { ["name": $0] } ?? [:]
        }
    }

    static let endpoints = DefaultStrategy(.namespaced) {
        $0.allowsCreationOnUpdate = true
        $0.defaults = CoreDefaults.endpoints
        $0.rules = CoreRules.endpoints
        $0.warn = SmallKindWarnings.endpoints
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .rules]
    }

    static let eventFields = [
        "involvedObject.kind": SelectableField("involvedObject.kind"),
        "involvedObject.namespace": SelectableField("involvedObject.namespace"),
        "involvedObject.name": SelectableField("involvedObject.name"),
        "involvedObject.uid": SelectableField("involvedObject.uid"),
        "involvedObject.apiVersion": SelectableField("involvedObject.apiVersion"),
        "involvedObject.resourceVersion": SelectableField("involvedObject.resourceVersion"),
        "involvedObject.fieldPath": SelectableField("involvedObject.fieldPath"),
        "reason": SelectableField("reason"),
        "reportingComponent": SelectableField("reportingComponent"),
        "source": SelectableField("source.component", otherwise: "reportingComponent"),
        "type": SelectableField("type"),
    ]

    static let limitRange = DefaultStrategy(.namespaced) {
        $0.allowsCreationOnUpdate = true
        $0.defaults = CoreDefaults.limitRange
        $0.rules = LimitRules.check
        $0.updateSteps = [.metadataCreation, .rules]
    }

    static let resourceQuota = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.rules = QuotaRules.check
        $0.updateRules = QuotaRules.keepsScopes
        $0.statusRules = QuotaRules.status
        $0.updateSteps = [.metadataUpdate, .rules, .updateRules]
    }

    static let podTemplate = DefaultStrategy(.namespaced) {
        $0.generation = .counted
        $0.defaults = WorkloadDefaults.podTemplate
        $0.rules = WorkloadRules.podTemplate
        $0.warn = WorkloadWarnings.template(at: ["template"], named: false)
    }

    static let replicationController = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.defaultPropagationPolicy = "orphan"
        $0.defaults = WorkloadDefaults.replicationController
        $0.rules = WorkloadRules.replicationController
        $0.warn = WorkloadWarnings.template(at: ["spec", "template"], named: true)
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .rules]
        $0.statusRules = WorkloadRules.replicaCounts([
            "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration",
        ])
        $0.selectableFields = ["status.replicas": SelectableField("status.replicas", missing: "0")]
    }
}
