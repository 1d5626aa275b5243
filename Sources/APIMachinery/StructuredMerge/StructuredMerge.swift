public import JSON

/// The versions of a kind, for entries of managers that wrote in another one.
public protocol FieldVersions: Sendable {
    /// The schema of a version; `nil` for one that the kind does not have.
    func schema(of apiVersion: String) -> Schema?
    /// A document in another version.
    func convert(_ document: JSON, from source: String, to target: String) throws -> JSON
}

/// Fields that a manager wants to set and others own.
public struct FieldConflicts: Error, Sendable {
    public struct Conflict: Sendable {
        public var manager: ManagedFields.Identity
        public var fields: FieldSet
    }

    /// In the order of the managers.
    public var conflicts: [Conflict]
}

/// Structured merge (KEP-555): what becomes of a document and of the owners of its fields when a manager writes it.
///
/// Documents are in the version of the request.
struct StructuredMerge {
    let apiVersion: String
    let versions: any FieldVersions
    /// Fields that the request cannot change.
    let filter: FieldFilter?
    /// Whether a schema may be another than the one that the stored sets were written under.
    let reconciles: Bool

    // MARK: Update

    /// Makes a manager that writes a whole document the owner of what it changes, and takes that from all others.
    /// - Parameter spared: a manager of the same version that keeps what it has.
    /// - Returns: what changes.
    @discardableResult
    func update(
        _ old: JSON, to new: JSON, by manager: ManagedFields.Identity, sparing spared: ManagedFields.Identity? = nil,
        _ managed: inout ManagedFields
    ) throws -> Change {
        reconcile(&managed)
        let change = try take(from: &managed, old, new, for: manager, sparing: spared, force: true)
        let owned = managed[manager]?.fields ?? FieldSet()
        let fields = owned.subtracting(change.removed).union(change.written)
        let kept = filter?.apply(to: fields) ?? fields
        let time = managed[manager]?.time
        managed[manager] =
            kept.isEmpty ? nil : .init(manager, apiVersion: apiVersion, time: time, fields: kept)
        return change
    }

    // MARK: Apply

    /// Lays a configuration over a document, takes away what its manager applied before and does no more and nobody else
    /// owns, and makes the manager the owner of what it applies.
    ///
    /// - Returns: `nil` where the document stays as it is.
    /// - Throws: `FieldConflicts` where others own what it changes, unless it is to be forced.
    func apply(
        _ configuration: JSON, to live: JSON, by manager: ManagedFields.Identity, _ managed: inout ManagedFields,
        force: Bool
    ) throws -> JSON? {
        reconcile(&managed)
        guard let schema = versions.schema(of: apiVersion) else { return nil }
        let merged = try schema.merge(live, applying: configuration)
        let last = managed[manager]
        var fields = schema.fieldSet(of: configuration)
        if let filter { fields = filter.apply(to: fields) }
        managed[manager] = .init(manager, apiVersion: apiVersion, time: last?.time, fields: fields)
        let result = try prune(merged, last, fields, managed)
        _ = try take(from: &managed, live, result, for: manager, force: force)
        // Not by a conditional expression: in one of documents `nil` would stand for `null`.
        if result == live { return nil }
        return result
    }

    /// A merged document without what its manager gave up, as far as nobody else owns it.
    private func prune(
        _ merged: JSON, _ last: ManagedFields.Entry?, _ fields: FieldSet, _ managed: ManagedFields
    ) throws -> JSON {
        guard let last, !last.isEmpty, let schema = versions.schema(of: last.apiVersion) else { return merged }
        // The common case: nothing was given up.
        if last.apiVersion == apiVersion, last.isSubset(of: fields) { return merged }
        let converted = try versions.convert(merged, from: apiVersion, to: last.apiVersion)
        let given = last.fields.withDeclaredFields(of: schema)
        var pruned = Versioned(try schema.removing(given, from: converted), last.apiVersion)
        pruned = try keepOwned(in: pruned, of: Versioned(converted, last.apiVersion), managed)
        let rest = try pruned.converted(to: last.apiVersion, versions)
        let remaining = schema.fieldSet(of: rest.document).withDeclaredFields(of: schema)
        let all = schema.fieldSet(of: converted).withDeclaredFields(of: schema)
        // Only what the manager itself had goes; what hangs below it belongs to others, or to nobody.
        let result = try schema.removing(all.subtracting(remaining).intersection(given), from: converted)
        return try versions.convert(result, from: last.apiVersion, to: apiVersion)
    }

    private struct Versioned {
        var document: JSON
        var apiVersion: String

        init(_ document: JSON, _ apiVersion: String) {
            self.document = document
            self.apiVersion = apiVersion
        }

        func converted(to version: String, _ versions: any FieldVersions) throws -> Versioned {
            Versioned(try versions.convert(document, from: apiVersion, to: version), version)
        }
    }

    /// Puts back what someone owns, version by version, beginning with the one that was pruned.
    private func keepOwned(
        in pruned: Versioned, of merged: Versioned, _ managed: ManagedFields
    ) throws -> Versioned {
        var owned: [(version: String, fields: FieldSet)] = []
        for entry in managed.entries {
            if let index = owned.firstIndex(where: { $0.version == entry.apiVersion }) {
                owned[index].fields = owned[index].fields.union(entry.fields)
            } else {
                owned.append((entry.apiVersion, entry.fields))
            }
        }
        if let index = owned.firstIndex(where: { $0.version == pruned.apiVersion }) { owned.swapAt(0, index) }
        var (pruned, merged) = (pruned, merged)
        for (version, fields) in owned {
            guard let schema = versions.schema(of: version) else { continue }
            merged = try merged.converted(to: version, versions)
            pruned = try pruned.converted(to: version, versions)
            let all = schema.fieldSet(of: merged.document).withDeclaredFields(of: schema)
            let kept = schema.fieldSet(of: pruned.document).union(fields).withDeclaredFields(of: schema)
            pruned.document = try schema.removing(all.subtracting(kept), from: merged.document)
        }
        return pruned
    }

    // MARK: Both

    /// What a write changes, in one version.
    struct Change {
        let written: FieldSet
        let removed: FieldSet

        fileprivate init(_ comparison: TypedComparison) {
            written = comparison.written
            removed = comparison.removed
        }

        fileprivate static let none = Change(TypedComparison())
    }

    /// Takes what a write changes from all managers but its own.
    /// - Returns: what it changes, in the version of the request.
    private func take(
        from managed: inout ManagedFields, _ old: JSON, _ new: JSON, for manager: ManagedFields.Identity,
        sparing spared: ManagedFields.Identity? = nil, force: Bool
    ) throws -> Change {
        guard let schema = versions.schema(of: apiVersion) else { return .none }
        let own = Change(try schema.compare(old, to: new).filtered(by: filter))
        managed.removeAll { $0.apiVersion != apiVersion && versions.schema(of: $0.apiVersion) == nil }
        var others: [String: Change] = [:]
        for entry in managed.entries where entry.apiVersion != apiVersion && others[entry.apiVersion] == nil {
            others[entry.apiVersion] = try self.change(in: entry.apiVersion, old, new)
        }
        func change(of entry: ManagedFields.Entry) -> Change? {
            if entry.identity == manager || entry.identity == spared { return nil }
            return entry.apiVersion == apiVersion ? own : others[entry.apiVersion]
        }
        if !force {
            let conflicts = managed.entries.compactMap { entry -> FieldConflicts.Conflict? in
                guard let change = change(of: entry), entry.intersects(change.written) else { return nil }
                return .init(manager: entry.identity, fields: entry.fields.intersection(change.written))
            }
            if !conflicts.isEmpty {
                throw FieldConflicts(conflicts: conflicts.sorted { $0.manager.precedes($1.manager) })
            }
        }
        managed.updateAll { entry in
            guard let change = change(of: entry) else { return }
            if entry.intersects(change.written) { entry.fields = entry.fields.subtracting(change.written) }
            if entry.intersects(change.removed) { entry.fields = entry.fields.subtracting(change.removed) }
        }
        return own
    }

    private func change(in version: String, _ old: JSON, _ new: JSON) throws -> Change {
        guard let schema = versions.schema(of: version) else { return .none }
        let comparison = try schema.compare(
            try versions.convert(old, from: apiVersion, to: version),
            to: try versions.convert(new, from: apiVersion, to: version))
        return Change(comparison.filtered(by: filter))
    }

    private func reconcile(_ managed: inout ManagedFields) {
        guard reconciles else { return }
        managed.updateAll { entry in
            guard let schema = versions.schema(of: entry.apiVersion) else { return }
            if let fields = entry.fields.reconciled(with: schema) { entry.fields = fields }
        }
    }
}

extension ManagedFields.Identity {
    /// The order of managers in messages: that of the JSON texts that Kubernetes knows them by.
    fileprivate func precedes(_ other: ManagedFields.Identity) -> Bool { text.compareBytes(to: other.text) < 0 }

    private var text: String {
        var object: JSON = ["manager": .string(manager), "operation": .string(operation.rawValue)]
        if !version.isEmpty { object["apiVersion"] = .string(version) }
        if !subresource.isEmpty { object["subresource"] = .string(subresource) }
        return object.description
    }
}
