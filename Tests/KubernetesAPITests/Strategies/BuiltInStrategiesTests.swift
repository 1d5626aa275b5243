import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct BuiltInStrategiesTests {
    @Test func everyStoredKindHasAStrategyOfItsOwn() {
        var asked: [GroupKind] = []
        let definitions = BuiltInResources.definitions {
            asked.append($0)
            return BuiltInStrategies.strategy(for: $0)
        }
        let stored = definitions.filter { $0.versions.contains { $0.verbs.contains(.get) } }
        for definition in stored {
            #expect(BuiltInStrategies.strategy(ofBuiltIn: definition.groupKind) != nil, "\(definition.groupKind)")
        }
        #expect(stored.count > 50)
    }

    @Test func scopesAreThoseOfTheResources() {
        for definition in BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:)) {
            let named: JSON = ["metadata": ["name": "a"]]
            let needsNamespace = definition.strategy.validateCreation(named).contains {
                $0.path == "metadata.namespace"
            }
            #expect(needsNamespace == definition.isNamespaced, "\(definition.groupKind)")
        }
    }

    /// No client's object may stop the process: whatever has the wrong shape is taken as missing.
    @Test func oddShapesAreNoTrap() {
        let odd: [JSON] = [
            .null, 1, "x", [], [:], [["x"]], ["spec": 5], ["spec": ["template": [1], "containers": "x"]],
        ]
        for definition in BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:)) {
            for value in odd {
                var object = value
                definition.strategy.applyDefaults(to: &object)
                definition.strategy.prepareForCreation(&object)
                _ = definition.strategy.validateCreation(object)
                definition.strategy.prepareForUpdate(&object, from: value)
                _ = definition.strategy.validateUpdate(object, from: value)
                _ = definition.strategy.selectableFields(of: object)
            }
        }
    }
}
