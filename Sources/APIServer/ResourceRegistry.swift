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
    /// What was found out of objects that were stored before the schema was what it is; `nil` where there are none.
    let olderObjects: OlderObjects?

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
        olderObjects = definition.schemaRevision == .zero ? nil : OlderObjects()
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
}

/// The resources that a server serves now, built-in and custom alike. Reading it takes one short lock.
public final class ResourceRegistry: Sendable {
    /// One state of the registry. Never changes. The next state shares every group that is the same.
    public final class Contents: Sendable {
        private let groups: [String: ServedGroup]
        /// The names of the groups: those of the program in the order of registration, then custom ones by name.
        private let groupNames: [String]

        init(definitions: [ResourceDefinition]) {
            var names: [String] = []
            let byGroup = Dictionary(grouping: definitions, by: \.group)
            for definition in definitions where names.last != definition.group && !names.contains(definition.group) {
                names.append(definition.group)
            }
            let groups = byGroup.mapValues { ServedGroup(definitions: $0) }
            self.groups = groups
            groupNames =
                names.filter { groups[$0]?.isBuiltIn == true }
                + names.filter { groups[$0]?.isBuiltIn != true }
                .sorted()
        }

        /// The state that follows `previous` with these changes; what they cost hangs on their groups, whatever else there
        /// is.
        fileprivate init(_ previous: Contents, changes: [GroupResource: ResourceDefinition?]) {
            var groups = previous.groups
            var names = previous.groupNames
            for (name, changes) in Dictionary(grouping: changes, by: \.key.group) {
                let group = groups[name]
                let definitions = Self.definitions(group?.definitions ?? [], changes: changes)
                groups[name] = definitions.isEmpty ? nil : ServedGroup(definitions: definitions, previous: group)
                if group == nil, let added = groups[name] {
                    names.insert(name, at: Self.place(of: added, among: names, groups))
                } else if definitions.isEmpty, let index = names.firstIndex(of: name) {
                    names.remove(at: index)
                }
            }
            self.groups = groups
            groupNames = names
        }

        private static func definitions(
            _ before: [ResourceDefinition], changes: [(key: GroupResource, value: ResourceDefinition?)]
        ) -> [ResourceDefinition] {
            var changes = Dictionary(uniqueKeysWithValues: changes.map { ($0.key, $0.value) })
            let kept = before.compactMap { changes.removeValue(forKey: $0.groupResource) ?? $0 }
            let added = changes.values.compactMap { $0 }
            return kept + added.sorted { $0.names.plural < $1.names.plural }
        }

        /// Where a new group goes.
        private static func place(
            of group: ServedGroup, among names: [String], _ groups: [String: ServedGroup]
        ) -> Int {
            var low = 0
            var high = names.count
            while low < high {
                let middle = (low + high) / 2
                let isBefore =
                    groups[names[middle]]?.isBuiltIn == true || (!group.isBuiltIn && names[middle] < group.name)
                if isBefore { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// In the order of discovery: those of the program first.
        var allGroups: some Sequence<ServedGroup> { groupNames.lazy.compactMap { self.groups[$0] } }

        func group(named name: String) -> ServedGroup? { groups[name] }

        /// By group, in the order of discovery.
        public var definitions: [ResourceDefinition] { allGroups.flatMap(\.definitions) }

        public func resource(_ groupVersion: GroupVersion, _ plural: String) -> ServedResource? {
            groups[groupVersion.group]?.resource(groupVersion.version, plural)
        }

        public func serves(_ groupVersion: GroupVersion) -> Bool {
            groups[groupVersion.group]?.versions.contains(groupVersion.version) == true
        }
        public func serves(group: String) -> Bool { groups[group] != nil }
        /// Whether a group has resources that came with the server.
        func hasBuiltIn(group: String) -> Bool { groups[group]?.isBuiltIn == true }
        public func resource(of kind: GroupVersionKind) -> ServedResource? {
            groups[kind.group]?.resource(ofKind: kind.kind, in: kind.version)
        }
        /// The resource in the version that its objects are stored in.
        public func storageResource(_ resource: GroupResource) -> ServedResource? {
            guard let definition = groups[resource.group]?.definition(of: resource.resource) else { return nil }
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
        // The old state may be the last to hold what is taken away: it goes outside the lock.
        let old = state.withLock { contents in
            let old = contents
            contents = Contents(contents, changes: changes)
            return old
        }
        withExtendedLifetime(old) {}
    }
}
