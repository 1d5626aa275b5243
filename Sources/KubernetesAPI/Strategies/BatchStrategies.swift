import APIMachinery
import JSON

/// The kinds of `batch`.
enum BatchStrategies {
    static let all: [String: any ResourceStrategy] = ["Job": job, "CronJob": cronJob]

    static let job = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.defaultPropagationPolicy = "orphan"
        $0.defaults = WorkloadDefaults.job
        $0.preparation = JobSelector.generate
        $0.rules = JobRules.job
        $0.warn = SmallKindWarnings.job
        $0.updateRules = JobRules.update
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
        $0.statusRules = JobStatusRules.check
        $0.selectableFields = ["status.successful": SelectableField("status.succeeded", missing: "0")]
    }

    static let cronJob = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.defaults = WorkloadDefaults.cronJob
        $0.rules = CronRules.cronJob
        $0.warn = SmallKindWarnings.cronJob
        $0.creationRules = CronRules.newCronJob
    }
}
