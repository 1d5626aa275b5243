import APIMachinery
import JSON

/// Leases, runtime classes and priority classes.
enum SchedulingStrategies {
    static let lease = DefaultStrategy(.namespaced) {
        $0.allowsCreationOnUpdate = true
        $0.allowsUnconditionalUpdate = false
    }

    static let runtimeClass = DefaultStrategy(.cluster) {
        $0.allowsCreationOnUpdate = true
        $0.allowsUnconditionalUpdate = false
    }

    static let priorityClass = DefaultStrategy(.cluster) {
        $0.generation = .setOnCreation
        $0.defaults = SmallKindDefaults.priorityClass
    }
}
