package import APIMachinery
import JSON

/// The strategy of services. Addresses and node ports are given by the allocator.
package struct ServiceStrategy: ComposedStrategy {
    package let base = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.nameClass = .label
        $0.allowsCreationOnUpdate = true
        $0.defaults = ServiceDefaults.service
        $0.selectableFields = [
            "spec.clusterIP": SelectableField("spec.clusterIP"), "spec.type": SelectableField("spec.type"),
        ]
        $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
    }

    package init() {}
}
