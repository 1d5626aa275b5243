package import APIMachinery
package import JSON

/// The strategy of namespaces.
package struct NamespaceStrategy: ComposedStrategy {
    package static let finalizer = "kubernetes"

    package let base = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.nameClass = .label
        $0.defaults = CoreDefaults.namespace
        $0.rules = CoreRules.namespace
        $0.statusRules = CoreRules.namespaceStatus
        $0.preparation = { namespace in
            namespace["status"] = ["phase": "Active"]
            namespace.editCreating("spec") { spec in
                let finalizers = spec.items("finalizers")
                let own = JSON.string(NamespaceStrategy.finalizer)
                if !finalizers.contains(own) { spec["finalizers"] = .array(finalizers + [own]) }
            }
        }
        // What keeps a namespace from going is changed by its `finalize` subresource alone.
        $0.updatePreparation = { namespace, old in
            namespace.editCreating("spec") { $0.take("finalizers", from: old.object("spec")) }
        }
        $0.selectableFields = [
            "status.phase": SelectableField("status.phase"), "name": SelectableField("metadata.name"),
        ]
        $0.updateSteps = [.metadataCreation, .rules, .metadataUpdate, .updateRules]
    }

    package init() {}

    package func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {
        guard name == "finalize" else {
            return base.prepareForUpdate(ofSubresource: name, &object, from: old)
        }
        object.edit { $0.take("status", from: old.objectValue) }
    }

    package func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        let errors = base.validateUpdate(ofSubresource: name, object, from: old)
        guard name == "finalize" else { return errors }
        var own = FieldErrors()
        CoreRules.finalizedNamespace(Fields(object), &own)
        return errors + own.list
    }

    package func canonicalize(_ object: inout JSON) { object.edit(CoreDefaults.labelNamespace) }
}
