public import JSON

/// The strategy that serves any kind: a few options, and the rules that a kind adds to them.
///
/// Status is dropped on creation, kept on an update, and all that a write to the `status` subresource may change; a
/// generation counts the changes of everything but metadata and status. A kind sets what differs:
///
///     DefaultStrategy(.namespaced) {
///         $0.hasStatus = true
///         $0.generation = .counted
///         $0.defaults = WorkloadDefaults.deployment
///     }
public struct DefaultStrategy: ResourceStrategy {
    public enum Scope: Sendable, Hashable {
        case namespaced, cluster
    }

    /// What the server does with `metadata.generation`.
    public enum Generation: Sendable, Hashable {
        /// Nothing: it stays what the first writer set.
        case ignored
        /// 1 for a new object.
        case setOnCreation
        /// 1 for a new object, one more with each change of anything but metadata and status.
        case counted
        /// As `counted`, from what the creator set.
        case countedFromUpdates
        /// As `counted`, and one more with changes of a map of the metadata (`annotations`, `labels`) too.
        case countedWith(metadata: String)
    }

    /// What of the metadata a write to `status` may not change.
    public enum KeptMetadata: Sendable, Hashable {
        case nothing
        case members([String])
        /// All but `managedFields` and what a compare-and-set needs.
        case everything
    }

    /// A part of the validation of an update.
    public enum UpdateStep: Sendable, Hashable {
        case metadataUpdate, updateRules, metadataCreation, rules
    }

    package typealias Change = @Sendable (inout JSONObject) -> Void
    package typealias UpdateChange = @Sendable (_ object: inout JSONObject, _ old: JSONObject) -> Void
    package typealias Rules = @Sendable (_ object: Fields, _ errors: inout FieldErrors) -> Void
    package typealias UpdateRules = @Sendable (_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) -> Void

    public var scope: Scope
    public var nameClass: NameClass = .subdomain
    public var hasStatus = false
    /// Whether the creator may set the status, as that of a node.
    public var keepsStatusOfNew = false
    public var generation: Generation = .ignored
    /// Whether a change of `status` counts as one of the object, as in a custom resource without that subresource.
    public var countsStatus = false
    public var metadataKeptByStatus: KeptMetadata = .nothing
    /// Whether finalizers without a prefix must be Kubernetes' own, as for the built-in kinds.
    public var restrictsFinalizers = true
    public var allowsCreationOnUpdate = false
    public var allowsUnconditionalUpdate = true
    public var defaultPropagationPolicy = "background"
    /// The selectable fields by their label.
    public var selectableFields: [String: SelectableField] = [:]
    /// The order in which an update is looked at, after the metadata rules that hold for every kind.
    public var updateSteps: [UpdateStep] = [.metadataUpdate, .rules, .updateRules]

    /// What writes of subresources, and under the empty name of the object itself, cannot change, where it does not follow
    /// from the other options.
    public var unchangeableFields: [String: FieldFilter] = [:]

    package var defaults: Change?
    package var preparation: Change?
    package var updatePreparation: UpdateChange?
    /// A change to `status` by its subresource, after spec and metadata were put back.
    package var statusPreparation: UpdateChange?
    /// Rules of new objects and of updates.
    package var rules: Rules?
    /// Rules of new objects alone.
    package var creationRules: Rules?
    package var updateRules: UpdateRules?
    package var statusRules: UpdateRules?
    package var warn: (@Sendable (_ object: JSONObject, _ old: JSONObject?) -> [String])?

    public init(_ scope: Scope, _ configure: (inout DefaultStrategy) -> Void = { _ in }) {
        self.scope = scope
        configure(&self)
        if unchangeableFields["status"] == nil { unchangeableFields["status"] = FieldFilter(excluding: keptByStatus) }
    }

    public func applyDefaults(to object: inout JSON) {
        if let defaults { object.edit(defaults) }
    }

    public func prepareForCreation(_ object: inout JSON) {
        object.edit { object in
            if hasStatus, !keepsStatusOfNew { object["status"] = nil }
            switch generation {
            case .ignored, .countedFromUpdates: break
            case .setOnCreation, .counted, .countedWith:
                object.editCreating("metadata") { $0["generation"] = 1 }
            }
            preparation?(&object)
        }
    }

    public func prepareForUpdate(_ object: inout JSON, from old: JSON) {
        guard case .object(let old) = old else { return }
        object.edit { object in
            if hasStatus { object.take("status", from: old) }
            updatePreparation?(&object, old)
            countGeneration(of: &object, from: old)
        }
    }

    public func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {
        guard name == "status", case .object(let old) = old else { return }
        object.edit { object in
            object.keepAll(but: ["status", "metadata", "apiVersion", "kind"], from: old)
            keepMetadata(of: &object, from: old)
            statusPreparation?(&object, old)
        }
    }

    private func keepMetadata(of object: inout JSONObject, from old: JSONObject) {
        let stored = old.object("metadata")
        switch metadataKeptByStatus {
        case .nothing: return
        case .members(let names):
            object.edit("metadata") { metadata in
                for name in names { metadata.take(name, from: stored) }
            }
        case .everything:
            object.edit("metadata") { metadata in
                metadata.keepAll(but: ["managedFields", "resourceVersion", "uid"], from: stored ?? [:])
            }
        }
    }

    /// Counts a change of anything but metadata and status, where the kind counts them.
    package func countGeneration(of object: inout JSONObject, from old: JSONObject) {
        switch generation {
        case .ignored, .setOnCreation: return
        case .counted, .countedFromUpdates, .countedWith: break
        }
        let stored = old.object("metadata")
        let uncounted = ["metadata", "apiVersion", "kind"] + (countsStatus ? [] : ["status"])
        var hasChanged = object.differs(from: old, but: uncounted)
        if case .countedWith(let name) = generation, !hasChanged {
            hasChanged = object.object("metadata")?.object(name) ?? [:] != stored?.object(name) ?? [:]
        }
        guard hasChanged else { return }
        let (next, overflows) = (stored?.int("generation") ?? 0).addingReportingOverflow(1)
        object.editCreating("metadata") { $0["generation"] = .int(overflows ? .max : next) }
    }

    public func validateCreation(_ object: JSON) -> [FieldError] {
        FieldErrors.list { place, errors in
            let fields = Fields(object, at: place)
            checkNewMetadata(fields, into: &errors)
            rules?(fields, &errors)
            creationRules?(fields, &errors)
        }
    }

    private func checkNewMetadata(_ object: Fields, into errors: inout FieldErrors) {
        MetadataRules.checkCreation(
            object, isNamespaced: scope == .namespaced, restrictsFinalizers: restrictsFinalizers, into: &errors
        ) { problemsOfName($0, isPrefix: $1) }
    }

    public func validateUpdate(_ object: JSON, from old: JSON) -> [FieldError] {
        FieldErrors.list { place, errors in
            checkUpdate(Fields(object, at: place), from: Fields(old, at: place), into: &errors)
        }
    }

    private func checkUpdate(_ object: Fields, from old: Fields, into errors: inout FieldErrors) {
        let hasSoundMetadata = checkAnyUpdate(object, from: old, into: &errors)
        for step in updateSteps {
            switch step {
            case .metadataUpdate:
                checkMetadataUpdate(object, from: old, isSound: hasSoundMetadata, into: &errors)
            case .metadataCreation: checkNewMetadata(object, into: &errors)
            case .rules: rules?(object, &errors)
            case .updateRules: updateRules?(object, old, &errors)
            }
        }
    }

    public func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        FieldErrors.list { place, errors in
            let (fields, stored) = (Fields(object, at: place), Fields(old, at: place))
            let hasSoundMetadata = checkAnyUpdate(fields, from: stored, into: &errors)
            checkMetadataUpdate(fields, from: stored, isSound: hasSoundMetadata, into: &errors)
            if name == "status" { statusRules?(fields, stored, &errors) }
        }
    }

    /// What is asked of the metadata of every object that is updated, before its kind is (`rest.validateCommonFields`).
    /// - Returns: whether there was nothing wrong.
    private func checkAnyUpdate(_ object: Fields, from old: Fields, into errors: inout FieldErrors) -> Bool {
        var update = FieldErrors()
        MetadataRules.checkUpdate(object, from: old, restrictsFinalizers: false, into: &update)
        if update.count == 0 {
            // Then most of what is asked of a new object holds too: of the rest, the name and the namespace are those that
            // were right when it was made.
            MetadataRules.checkFinalizers(of: object, into: &errors)
        } else {
            MetadataRules.checkCreation(
                object, isNamespaced: scope == .namespaced, restrictsFinalizers: false, into: &errors
            ) { NameRules.problemsOfPathSegment($0, isPrefix: $1) }
            for error in update.list { errors.add(error) }
        }
        return errors.count == 0
    }

    /// The same rules as the kind's own, whose errors come twice in Kubernetes: where there are none they need no second
    /// look.
    private func checkMetadataUpdate(
        _ object: Fields, from old: Fields, isSound: Bool, into errors: inout FieldErrors
    ) {
        guard isSound else {
            return MetadataRules.checkUpdate(
                object, from: old, restrictsFinalizers: restrictsFinalizers, into: &errors)
        }
        if restrictsFinalizers { MetadataRules.checkFinalizerNames(of: object, into: &errors) }
    }

    public func warnings(for object: JSON, replacing old: JSON?) -> [String] {
        guard let warn, case .object(let object) = object else { return [] }
        return warn(object, old?.objectValue)
    }

    public func canonicalize(_ object: inout JSON) {}

    public func selectableFields(of object: JSON) -> [String: String] {
        guard !selectableFields.isEmpty else { return [:] }
        let object = object.objectValue ?? [:]
        return selectableFields.mapValues { $0.value(in: object) }
    }

    public func gracePeriodSeconds(deleting object: JSON, requested: Int64?) -> Int64? { nil }

    private static let statusFields = FieldFilter(excluding: FieldSet([.field("status")]))

    /// What a write of the status cannot change.
    private var keptByStatus: FieldSet {
        var fields = FieldSet([.field("spec")])
        switch metadataKeptByStatus {
        case .nothing: break
        case .members(let names): for name in names { fields.insert([.field("metadata"), .field(name)]) }
        case .everything: fields.insert([.field("metadata")])
        }
        return fields
    }

    public func unchangeableFields(for subresource: String?) -> FieldFilter? {
        if let filter = unchangeableFields[subresource ?? ""] { return filter }
        return hasStatus ? Self.statusFields : nil
    }

    public func problemsOfName(_ name: String, isPrefix: Bool) -> [String] {
        nameClass.problems(of: name, isPrefix: isPrefix)
    }
}

extension JSONObject {
    /// Makes every member what it is in `other`, but for those named.
    package mutating func keepAll(but names: [String], from other: JSONObject) {
        var kept = JSONObject(minimumCapacity: other.count)
        for member in other {
            guard names.contains(member.key) else {
                kept[member.key] = member.value
                continue
            }
            if let value = self[member.key] { kept[member.key] = value }
        }
        for name in names where kept[name] == nil { kept.take(name, from: self) }
        self = kept
    }

    /// Whether any member but those named is another one than in `other`; a missing member is as good as an empty
    /// object.
    package func differs(from other: JSONObject, but names: [String]) -> Bool {
        func differs(_ key: String) -> Bool {
            let empty = JSON.object([:])
            return !names.contains(key) && (self[key] ?? empty) != (other[key] ?? empty)
        }
        return keys.contains(where: differs) || other.keys.contains { index(of: $0) == nil && differs($0) }
    }
}
