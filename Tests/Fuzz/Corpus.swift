import APIMachinery
import JSON
import KubernetesAPI
import TestSupport

/// A kind that the server serves, in one version: every built-in one, and custom ones with schemas made at random.
struct CorpusKind {
    var definition: ResourceDefinition
    var version: ResourceVersion
    /// The schema of a custom kind, as its definition has it.
    var customSchema: JSON?

    var kind: GroupVersionKind {
        GroupVersionKind(group: definition.group, version: version.name, kind: definition.names.kind)
    }

    static let all: [CorpusKind] = BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
        .flatMap { definition in definition.versions.map { CorpusKind(definition: definition, version: $0) } }

    /// A built-in kind, or now and then a custom one.
    static func any(_ random: inout SeededGenerator) -> CorpusKind {
        if random.chance(oneIn: 6), let custom = custom(&random) { return custom }
        return random.pick(all)
    }

    /// - Returns: `nil` where the schema that was made is none that a resource can have.
    private static func custom(_ random: inout SeededGenerator) -> CorpusKind? {
        let schema = RandomSchema.root(&random)
        let definition = RandomSchema.definition(plural: "widgets", schema: schema)
        let resource = CustomResources.definition(
            of: definition, schemaRevision: .zero, storageVersionHash: { _ in nil }, document: { definition })
        guard let resource, let version = resource.versions.first else { return nil }
        return CorpusKind(definition: resource, version: version, customSchema: schema)
    }

    func object(_ random: inout SeededGenerator, name: String = "a") -> JSON {
        if let customSchema { return RandomSchema.object(of: kind, customSchema, name: name, &random) }
        return RandomObject.make(kind, version.schema, name: name, budget: random.pick([20, 60, 200]), using: &random)
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
