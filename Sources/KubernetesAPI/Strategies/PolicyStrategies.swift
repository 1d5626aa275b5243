import APIMachinery
import JSON

/// Disruption budgets and autoscalers.
enum PolicyStrategies {
    static let disruptionBudget = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.nameClass = .pathSegment
        $0.generation = .counted
        $0.allowsUnconditionalUpdate = false
    }

    static let autoscaler = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.defaults = AutoscalingDefaults.autoscaler
    }
}
