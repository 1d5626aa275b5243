import APIMachinery
import JSON

/// Leases, runtime classes and priority classes.
enum SchedulingStrategies {
    static let lease = DefaultStrategy(.namespaced) {
        $0.allowsCreationOnUpdate = true
        $0.allowsUnconditionalUpdate = false
        $0.rules = PolicyRules.lease
        $0.restrictsFinalizers = false
    }

    static let runtimeClass = DefaultStrategy(.cluster) {
        $0.allowsCreationOnUpdate = true
        $0.allowsUnconditionalUpdate = false
        $0.rules = PolicyRules.runtimeClass
        $0.warn = SmallKindWarnings.runtimeClass
        $0.updateRules = PolicyRules.keepsHandler
        $0.updateSteps = [.metadataUpdate, .updateRules]
    }

    static let priorityClass = DefaultStrategy(.cluster) {
        $0.generation = .setOnCreation
        $0.defaults = SmallKindDefaults.priorityClass
        $0.rules = PolicyRules.priorityClass
        $0.updateRules = PolicyRules.keepsPriority
        $0.updateSteps = [.metadataUpdate, .updateRules]
    }
}
