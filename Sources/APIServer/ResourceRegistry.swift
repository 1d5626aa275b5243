public import APIMachinery
import JSON
public import Storage
import Synchronization

/// A resource in a version, as the server serves it: its definition with what every request would else compute anew.
public final class ServedResource: Sendable {
    public let definition: ResourceDefinition
    public let version: ResourceVersion
    /// The collection in the store.
    public let key: ResourceKey
    /// `{"kind":"Pod","apiVersion":"v1",`: how the bytes of every object of this version begin.
    public let typeMetaPrefix: [UInt8]
    /// The same of the version that objects are stored in.
    let storageTypeMetaPrefix: [UInt8]
    /// Whether the stored bytes are what this version sends.
    public let isStorageVersion: Bool
    /// `apiVersion` of its documents.
    let apiVersion: String

    public init(definition: ResourceDefinition, version: ResourceVersion) {
        self.definition = definition
        self.version = version
        let stored = definition.storageGroupResource
        key = ResourceKey(group: stored.group, resource: stored.resource)
        let groupVersion = GroupVersion(group: definition.group, version: version.name)
        apiVersion = groupVersion.description
        typeMetaPrefix = Self.typeMetaPrefix(definition.names.kind, groupVersion)
        storageTypeMetaPrefix = Self.typeMetaPrefix(definition.names.kind, definition.storageGroupVersion)
        isStorageVersion = version.name == definition.storageVersion && stored == definition.groupResource
    }

    private static func typeMetaPrefix(_ kind: String, _ groupVersion: GroupVersion) -> [UInt8] {
        Array("{\"kind\":\"\(kind)\",\"apiVersion\":\"\(groupVersion)\",".utf8)
    }

    public var groupVersion: GroupVersion { GroupVersion(group: definition.group, version: version.name) }
    public var groupResource: GroupResource { definition.groupResource }
    public var kind: GroupVersionKind {
        GroupVersionKind(group: definition.group, version: version.name, kind: definition.names.kind)
    }
    public var strategy: any ResourceStrategy { version.strategy ?? definition.strategy }
    /// Whether what is stored may have to be brought into the form of a newer schema.
    var mayHoldOldForms: Bool { definition.schemaRevision != .zero }
}

/// The resources that a server serves now, built-in and custom alike. Reading it takes one short lock.
public final class ResourceRegistry: Sendable {
    /// One state of the registry. Never changes.
    public final class Contents: Sendable {
        /// By group, in the order of registration.
        public let definitions: [ResourceDefinition]
        private let served: [GroupVersion: [String: ServedResource]]
        private let kinds: [GroupVersionKind: ServedResource]

        /// - Parameter previous: what was served before, of which all that is the same is taken over.
        init(definitions: [ResourceDefinition], previous: Contents? = nil) {
            self.definitions = definitions
            var served: [GroupVersion: [String: ServedResource]] = [:]
            var kinds: [GroupVersionKind: ServedResource] = [:]
            for definition in definitions {
                for version in definition.versions {
                    let groupVersion = GroupVersion(group: definition.group, version: version.name)
                    let known = previous?.served[groupVersion]?[definition.names.plural]
                    let resource =
                        known?.definition === definition
                        ? known ?? ServedResource(definition: definition, version: version)
                        : ServedResource(definition: definition, version: version)
                    served[resource.groupVersion, default: [:]][definition.names.plural] = resource
                    kinds[resource.kind] = resource
                }
            }
            self.served = served
            self.kinds = kinds
        }

        public func resource(_ groupVersion: GroupVersion, _ plural: String) -> ServedResource? {
            served[groupVersion]?[plural]
        }

        public func serves(_ groupVersion: GroupVersion) -> Bool { served[groupVersion] != nil }
        public func serves(group: String) -> Bool { served.keys.contains { $0.group == group } }
        /// Whether a group has resources that came with the server.
        func hasBuiltIn(group: String) -> Bool { definitions.contains { $0.group == group && !$0.isCustom } }
        public func resource(of kind: GroupVersionKind) -> ServedResource? { kinds[kind] }
        /// The resource in the version that its objects are stored in.
        public func storageResource(_ resource: GroupResource) -> ServedResource? {
            guard let definition = definitions.first(where: { $0.groupResource == resource }) else { return nil }
            return self.resource(
                GroupVersion(group: definition.group, version: definition.storageVersion), definition.names.plural)
        }
    }

    private let state: Mutex<Contents>

    public init(_ definitions: [ResourceDefinition]) {
        state = Mutex(Contents(definitions: definitions))
    }

    public var contents: Contents { state.withLock { $0 } }

    /// Puts a definition in the place of the one with the same group and plural name, or adds it.
    public func register(_ definition: ResourceDefinition) {
        replace([definition.groupResource: definition])
    }

    public func unregister(_ resource: GroupResource) { replace([resource: nil]) }

    /// Puts many definitions in place at once; `nil` takes one away.
    public func replace(_ changes: [GroupResource: ResourceDefinition?]) {
        state.withLock { contents in
            var changes = changes
            var definitions = contents.definitions.compactMap { definition in
                changes.removeValue(forKey: definition.groupResource) ?? definition
            }
            definitions += changes.values.compactMap { $0 }
            contents = Contents(definitions: definitions, previous: contents)
        }
    }
}
