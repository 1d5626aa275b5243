import APIMachinery
import JSON
import KubernetesAPI
import TestSupport

/// Every kind that the server serves, in every version.
struct CorpusKind {
    var definition: ResourceDefinition
    var version: ResourceVersion

    var kind: GroupVersionKind {
        GroupVersionKind(group: definition.group, version: version.name, kind: definition.names.kind)
    }

    static let all: [CorpusKind] = BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
        .flatMap { definition in definition.versions.map { CorpusKind(definition: definition, version: $0) } }

    func object(_ random: inout SeededGenerator, name: String = "a") -> JSON {
        RandomObject.make(kind, version.schema, name: name, budget: random.pick([20, 60, 200]), using: &random)
    }

    /// An object of the kind as it is stored, however odd: decoded and brought into canonical form.
    /// - Returns: `nil` where the change is one that the decoder refuses.
    func canonicalObject(_ random: inout SeededGenerator, _ note: FuzzNote) -> JSON? {
        var object = object(&random)
        if !random.chance(oneIn: 4) { object = object.mutated(using: &random) }
        note.input(object.encoded)
        do {
            _ = try version.schema.canonicalize(&object)
            return object
        } catch {
            return nil
        }
    }
}
