import APIMachinery
import JSON

/// The kinds that add to the API: `apiextensions.k8s.io` and `apiregistration.k8s.io`.
enum ExtensionStrategies {
    static let customResourceDefinition = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.generation = .counted
        $0.metadataKeptByStatus = .everything
        $0.restrictsFinalizers = false
        $0.allowsUnconditionalUpdate = false
        $0.defaults = ExtensionDefaults.customResourceDefinition
        $0.preparation = storeVersion
        $0.updatePreparation = { definition, _ in storeVersion(&definition) }
        $0.rules = DefinitionRules.check
        $0.creationRules = DefinitionRules.checkCreation
        $0.updateRules = DefinitionRules.checkUpdate
        $0.statusRules = DefinitionRules.checkStatus
        $0.warn = DefinitionWarnings.unknownFormats
    }

    /// Notes the version that objects are stored in from now on.
    private static func storeVersion(_ definition: inout JSONObject) {
        guard let version = ExtensionDefaults.storageVersion(of: definition) else { return }
        definition.editCreating("status") { status in
            let stored = status.items("storedVersions")
            if !stored.contains(version) { status["storedVersions"] = .array(stored + [version]) }
        }
    }

    static let apiService = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        $0.restrictsFinalizers = false
        $0.allowsUnconditionalUpdate = false
        $0.defaults = ExtensionDefaults.apiService
        $0.nameClass = .pathSegment
        $0.rules = APIServiceRules.check
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .rules]
        $0.statusRules = APIServiceRules.status
    }
}
