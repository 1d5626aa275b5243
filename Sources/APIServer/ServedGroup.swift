public import APIMachinery
import Synchronization

/// The resources of one group, as the server serves them. Never changes: a group with another definition is a new one.
public final class ServedGroup: Sendable {
    public let name: String
    /// In the order of registration.
    public let definitions: [ResourceDefinition]
    /// In the order of preference.
    public let versions: [String]
    /// Whether resources of the program are among them.
    public let isBuiltIn: Bool
    private let served: [String: [String: ServedResource]]
    private let kinds: [String: [String: ServedResource]]
    private let encodedDiscovery = AtomicLazyReference<EncodedDiscovery>()

    /// - Parameter previous: the group as it was, of which all that is the same is taken over.
    init(definitions: [ResourceDefinition], previous: ServedGroup? = nil) {
        self.definitions = definitions
        name = definitions.first?.group ?? ""
        isBuiltIn = definitions.contains { !$0.isCustom }
        var served: [String: [String: ServedResource]] = [:]
        var kinds: [String: [String: ServedResource]] = [:]
        for definition in definitions {
            let plural = definition.names.plural
            for version in definition.versions {
                let known = previous?.served[version.name]?[plural]
                let resource =
                    known?.definition === definition
                    ? known ?? ServedResource(definition: definition, version: version)
                    : ServedResource(definition: definition, version: version)
                served[version.name, default: [:]][plural] = resource
                kinds[version.name, default: [:]][definition.names.kind] = resource
            }
        }
        self.served = served
        self.kinds = kinds
        versions = served.keys.sorted(by: VersionOrder.precedes)
    }

    func resource(_ version: String, _ plural: String) -> ServedResource? { served[version]?[plural] }

    func resource(ofKind kind: String, in version: String) -> ServedResource? { kinds[version]?[kind] }

    func definition(of plural: String) -> ResourceDefinition? { definitions.first { $0.names.plural == plural } }

    /// The definitions that have a version, with it, by their plural names.
    func resources(in version: String) -> [(ResourceDefinition, ResourceVersion)] {
        definitions.compactMap { definition in definition.version(named: version).map { (definition, $0) } }
            .sorted { $0.0.names.plural.utf8.lexicographicallyPrecedes($1.0.names.plural.utf8) }
    }

    /// The group's part of the discovery document of all groups in JSON, made by `encode` when first asked for.
    func discovery(encodedBy encode: () -> [UInt8]) -> [UInt8] {
        (encodedDiscovery.load() ?? encodedDiscovery.storeIfNil(EncodedDiscovery(bytes: encode()))).bytes
    }

    private final class EncodedDiscovery: Sendable {
        let bytes: [UInt8]
        init(bytes: [UInt8]) { self.bytes = bytes }
    }
}
