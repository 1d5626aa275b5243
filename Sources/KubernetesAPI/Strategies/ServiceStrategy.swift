package import APIMachinery
import JSON

/// The strategy of services. Addresses and node ports are given by `ServiceAllocator`.
package struct ServiceStrategy: ComposedStrategy {
    package let base = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        $0.nameClass = .label
        $0.allowsCreationOnUpdate = true
        $0.defaults = ServiceDefaults.service
        $0.preparation = { $0.edit("spec", ServiceFields.normalizeNew) }
        $0.updatePreparation = { service, old in
            service.edit("spec") { ServiceFields.normalize(&$0, from: old.object("spec") ?? [:]) }
            guard service.object("spec")?.string("type") != "LoadBalancer" else { return }
            service.edit("status") { $0["loadBalancer"] = [:] }
        }
        $0.rules = ServiceRules.service
        $0.updateRules = ServiceRules.update
        $0.statusRules = ServiceRules.status
        $0.warn = ServiceWarnings.warnings
        $0.selectableFields = [
            "spec.clusterIP": SelectableField("spec.clusterIP"), "spec.type": SelectableField("spec.type"),
        ]
        $0.updateSteps = [.metadataUpdate, .updateRules, .metadataCreation, .rules]
    }

    package init() {}
}
