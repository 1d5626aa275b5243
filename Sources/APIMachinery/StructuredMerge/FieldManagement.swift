public import JSON

/// What a write of one manager makes of `metadata.managedFields` (API concepts, "Server-Side Apply"; KEP-555).
///
/// Documents are canonical, with their defaults, and in the version of the request; `managedFields` within them is not
/// looked at.
public struct FieldManagement: Sendable {
    /// The name of who writes; empty where nothing tells.
    public var manager: String
    public var apiVersion: String
    /// Empty for the object as a whole.
    public var subresource: String
    /// RFC 3339 in whole seconds.
    public var time: String
    /// Fields that the write cannot change.
    public var filter: FieldFilter?
    public var versions: any FieldVersions
    /// Whether stored sets may have been written under another schema, or by a client's hand.
    public var reconciles: Bool

    public init(
        manager: String, apiVersion: String, subresource: String, time: String, filter: FieldFilter?,
        versions: any FieldVersions, reconciles: Bool
    ) {
        self.manager = manager
        self.apiVersion = apiVersion
        self.subresource = subresource
        self.time = time
        self.filter = filter
        self.versions = versions
        self.reconciles = reconciles
    }

    /// Entries of updates that an object has at most; the oldest become one.
    static let maximumUpdateEntries = 10
    /// Who stands for the updates of which only the fields are kept.
    static let oldUpdatesManager = "ancient-changes"
    /// Who owns what an object had before it was first applied.
    static let beforeFirstApplyManager = "before-first-apply"
    static let unknownManager = "unknown"

    /// Fields that everyone may write and nobody owns.
    private static let unowned = FieldSet(
        [.field("apiVersion")], [.field("kind")], [.field("metadata")],
        [.field("metadata"), .field("name")], [.field("metadata"), .field("namespace")],
        [.field("metadata"), .field("creationTimestamp")], [.field("metadata"), .field("selfLink")],
        [.field("metadata"), .field("uid")], [.field("metadata"), .field("clusterName")],
        [.field("metadata"), .field("generation")], [.field("metadata"), .field("managedFields")],
        [.field("metadata"), .field("resourceVersion")])

    private var merge: StructuredMerge {
        StructuredMerge(apiVersion: apiVersion, versions: versions, filter: filter, reconciles: reconciles)
    }

    // MARK: Update

    /// Notes a create, an update or a patch.
    /// - Parameters:
    ///   - old: `nil` for a new object.
    ///   - managed: as it was, or as the request gives it.
    /// - Throws: where the lists of a document cannot be taken apart.
    public func update(_ old: JSON?, to new: JSON, _ managed: inout ManagedFields) throws {
        // An object whose managers were forgotten has none until it is applied.
        if managed.isEmpty, old != nil { return }
        try track(old, to: new, as: manager, &managed)
    }

    private func track(_ old: JSON?, to new: JSON, as manager: String, _ managed: inout ManagedFields) throws {
        let identity = identity(manager, .update)
        let current = ManagedFields.Identity(manager: "", operation: .update, apiVersion: "", subresource: "")
        let change = try merge.update(old ?? emptyObject, to: new, by: current, sparing: identity, &managed)
        strip(current, &managed)
        let taken = managed[current]?.fields ?? FieldSet()
        managed[current] = nil
        var entry = managed[identity] ?? .init(identity, apiVersion: apiVersion, fields: FieldSet())
        entry.renew(removing: change.removed, written: change.written, adding: taken)
        if !taken.isEmpty { entry.time = time }
        managed[identity] = entry.isEmpty ? nil : entry
        capUpdates(&managed)
    }

    private var emptyObject: JSON { versions.schema(of: apiVersion)?.zeroValue ?? [:] }

    private func identity(_ manager: String, _ operation: ManagedFields.Operation) -> ManagedFields.Identity {
        ManagedFields.Identity(
            manager: manager.isEmpty ? Self.unknownManager : manager, operation: operation, apiVersion: apiVersion,
            subresource: subresource)
    }

    private func strip(_ identity: ManagedFields.Identity, _ managed: inout ManagedFields) {
        guard var entry = managed[identity] else { return }
        entry.fields = entry.fields.subtracting(Self.unowned)
        managed[identity] = entry.isEmpty ? nil : entry
    }

    /// Puts the oldest updates of a version together until there are few enough.
    private func capUpdates(_ managed: inout ManagedFields) {
        var updates = managed.entries.filter { $0.identity.operation == .update }
        guard updates.count > Self.maximumUpdateEntries else { return }
        var excess = updates.count - Self.maximumUpdateEntries
        updates.sort { ($0.time ?? "", $0.identity.manager) < ($1.time ?? "", $1.identity.manager) }
        var firstOfVersion: [String: ManagedFields.Identity] = [:]
        for entry in updates where excess > 0 {
            guard let first = firstOfVersion[entry.apiVersion] else {
                firstOfVersion[entry.apiVersion] = entry.identity
                continue
            }
            let bucket = ManagedFields.Identity(
                manager: Self.oldUpdatesManager, operation: .update, apiVersion: entry.apiVersion, subresource: "")
            if managed[bucket] == nil, let fields = managed[first]?.fields {
                managed[first] = nil
                managed[bucket] = .init(bucket, apiVersion: entry.apiVersion, fields: fields)
            }
            let collected = managed[bucket]?.fields ?? FieldSet()
            managed[entry.identity] = nil
            managed[bucket] = .init(
                bucket, apiVersion: entry.apiVersion, time: entry.time, fields: collected.union(entry.fields))
            excess -= 1
        }
    }

    // MARK: Apply

    /// Applies a configuration.
    /// - Parameters:
    ///   - configuration: without `problems(ofApplied:)`.
    ///   - live: `nil` for an object that is made.
    /// - Returns: the object that is to be, in no special form; `nil` where it stays as it is.
    /// - Throws: `FieldConflicts` where others own what it changes, unless `force` is set.
    public func apply(
        _ configuration: JSON, to live: JSON?, _ managed: inout ManagedFields, force: Bool
    ) throws -> JSON? {
        let before = managed
        do {
            return try applyOnce(configuration, to: live, &managed, force: force)
        } catch let conflicts as FieldConflicts {
            guard let live, let allowed = fieldsOfLastApplied(live) else { throw conflicts }
            let rest = conflicts.conflicts.compactMap { conflict -> FieldConflicts.Conflict? in
                let fields = conflict.fields.subtracting(allowed)
                return fields.isEmpty ? nil : .init(manager: conflict.manager, fields: fields)
            }
            if !rest.isEmpty { throw FieldConflicts(conflicts: rest) }
            managed = before
            return try applyOnce(configuration, to: live, &managed, force: true)
        }
    }

    private func applyOnce(
        _ configuration: JSON, to live: JSON?, _ managed: inout ManagedFields, force: Bool
    ) throws -> JSON? {
        if managed.isEmpty, let live {
            try track(nil, to: live, as: Self.beforeFirstApplyManager, &managed)
        }
        let identity = identity(manager, .apply)
        let last = managed[identity]
        let result = try merge.apply(configuration, to: live ?? emptyObject, by: identity, &managed, force: force)
        strip(identity, &managed)
        if var entry = managed[identity] {
            if let last { entry.share(last) }
            if result != nil { entry.time = time }
            managed[identity] = entry
        }
        guard var object = result ?? live else { return nil }
        let isRenewed = LastApplied.renew(in: &object, from: configuration, by: manager)
        if result == nil, !isRenewed { return nil }
        return object
    }

    /// What a client-side apply has set and nobody has changed since, which the server-side apply of the same client may
    /// take over.
    private func fieldsOfLastApplied(_ live: JSON) -> FieldSet? {
        guard manager == LastApplied.manager, let schema = versions.schema(of: apiVersion),
            let configuration = LastApplied.configuration(of: live, in: apiVersion),
            schema.problems(ofApplied: configuration).isEmpty,
            let comparison = try? schema.compare(configuration, to: live)
        else { return nil }
        return schema.fieldSet(of: configuration).subtracting(comparison.written).subtracting(comparison.removed)
    }
}
