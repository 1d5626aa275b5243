import APIMachinery
import JSON

/// The kinds of `apps`.
enum AppsStrategies {
    static let all: [String: any ResourceStrategy] = [
        "Deployment": deployment,
        "ReplicaSet": replicaSet,
        "StatefulSet": statefulSet,
        "DaemonSet": daemonSet,
        "ControllerRevision": controllerRevision,
    ]

    static let deployment = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .countedWith(metadata: "annotations")
        $0.metadataKeptByStatus = .members(["labels"])
        $0.defaults = WorkloadDefaults.deployment
        $0.rules = WorkloadRules.deployment
        $0.warn = WorkloadWarnings.template(at: ["spec", "template"], named: true)
        $0.updateRules = WorkloadRules.keepsSelector
        $0.statusRules = WorkloadRules.replicaCounts([
            "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
            "unavailableReplicas", "terminatingReplicas", "collisionCount",
        ])
    }

    static let replicaSet = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.defaults = WorkloadDefaults.replicaSet
        $0.rules = WorkloadRules.replicaSet
        $0.warn = WorkloadWarnings.template(at: ["spec", "template"], named: true)
        $0.updateRules = WorkloadRules.keepsSelector
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .rules, .updateRules]
        $0.statusRules = WorkloadRules.replicaCounts([
            "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas",
            "observedGeneration",
        ])
        $0.selectableFields = ["status.replicas": SelectableField("status.replicas", missing: "0")]
    }

    static let statefulSet = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.nameClass = .label
        $0.generation = .counted
        $0.defaults = WorkloadDefaults.statefulSet
        $0.rules = StatefulSetRules.check
        $0.warn = SmallKindWarnings.statefulSet
        $0.updateRules = StatefulSetRules.update
        $0.statusRules = WorkloadRules.replicaCounts(
            [
                "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
                "observedGeneration", "collisionCount",
            ], ready: "status.readyReplicas")
    }

    static let daemonSet = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.defaults = { set in
            WorkloadDefaults.daemonSet(&set)
            // The version without the count has it as an annotation, which is always there.
            if set.value(at: ["metadata", "annotations", templateGenerationAnnotation]) == nil {
                setTemplateGeneration(0, of: &set)
            }
        }
        $0.rules = WorkloadRules.daemonSet
        $0.warn = WorkloadWarnings.template(at: ["spec", "template"], named: false)
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .rules, .updateRules]
        $0.updateRules = WorkloadRules.keepsSelector
        $0.statusRules = WorkloadRules.counts([
            "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
            "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
        ])
        $0.preparation = { setTemplateGeneration(1, of: &$0) }
        $0.updatePreparation = { set, old in
            let (spec, stored) = (set.object("spec"), old.object("spec"))
            let text = old.value(at: ["metadata", "annotations", templateGenerationAnnotation])?.stringValue ?? ""
            let generation = Int64(text) ?? 0
            let hasChanged = spec?["template"] != stored?["template"]
            setTemplateGeneration(hasChanged && generation < .max ? generation + 1 : generation, of: &set)
        }
    }

    /// Where `apps/v1` keeps the count of a daemon set's templates, which was a field of its spec once.
    private static let templateGenerationAnnotation = "deprecated.daemonset.template.generation"

    private static func setTemplateGeneration(_ generation: Int64, of set: inout JSONObject) {
        set.editCreating("metadata") { metadata in
            metadata.editCreating("annotations") { $0[templateGenerationAnnotation] = .string(String(generation)) }
        }
    }

    static let controllerRevision = DefaultStrategy(.namespaced) {
        $0.creationRules = WorkloadRules.newControllerRevision
        $0.updateRules = WorkloadRules.keepsData
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .updateRules]
    }
}
