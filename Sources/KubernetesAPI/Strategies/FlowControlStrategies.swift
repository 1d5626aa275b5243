import APIMachinery
import JSON

/// The kinds of `flowcontrol.apiserver.k8s.io`.
enum FlowControlStrategies {
    static let all: [String: any ResourceStrategy] = [
        "FlowSchema": flowSchema,
        "PriorityLevelConfiguration": priorityLevel,
    ]

    static let flowSchema = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.metadataKeptByStatus = .everything
        $0.defaults = SmallKindDefaults.flowSchema
        $0.rules = FlowControlRules.flowSchema
        $0.statusRules = FlowControlRules.status
    }

    static let priorityLevel = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.metadataKeptByStatus = .everything
        $0.defaults = SmallKindDefaults.priorityLevel
        $0.rules = FlowControlRules.priorityLevel
        $0.statusRules = FlowControlRules.status
    }
}
