import APIMachinery
import JSON

/// Disruption budgets and autoscalers.
enum PolicyStrategies {
    static let disruptionBudget = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.nameClass = .pathSegment
        $0.generation = .counted
        $0.allowsUnconditionalUpdate = false
        $0.restrictsFinalizers = false
        $0.rules = PolicyRules.budget
        $0.updateSteps = [.rules]
        $0.statusRules = { budget, old, errors in
            ConditionRules.check(budget.fields("status")["conditions"], &errors)
            WorkloadRules.counts(["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])(
                budget, old, &errors)
        }
    }

    static let autoscaler = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.defaults = AutoscalingDefaults.autoscaler
        $0.creationRules = AutoscalerRules.new
        $0.updateRules = AutoscalerRules.update
        $0.statusRules = WorkloadRules.counts(["currentReplicas", "desiredReplicas"])
    }
}
