import APIMachinery
import JSON
import KubernetesAPI
import Logging
import PKI
import Storage

/// Keeps the registry as the stored `CustomResourceDefinition`s have it: accepts their names, serves what is
/// established, and removes the objects of those that go.
///
/// Belongs to one task. Parsed definitions are not kept, only what a comparison with the others needs.
struct CustomResourceController {
    private struct Known {
        var uid: String
        var revision: Revision
        var generation: Int64
        var schemaRevision: Revision
        var accepted: JSON
        var resource: GroupResource
        var isServed = false
        var isTerminating = false
        /// Whether others have names that it wants.
        var hasConflict = false
        /// Whether there is something to do for it: always, until it was seen to.
        var isWaiting = true
        /// Where its document is read again; replaced by that of a newer revision.
        var source: DefinitionSource
    }

    private let server: APIServer
    private var known: [String: Known] = [:]
    /// The names that are given away, by group.
    private var names: [String: DefinitionNames] = [:]
    /// Resources whose watches still go by what a definition said before; they end, and clients begin anew.
    private var outdated: [GroupResource] = []

    init(_ server: APIServer) { self.server = server }

    static let key = ResourceKey(
        group: DefinitionDeletion.resource.group, resource: DefinitionDeletion.resource.resource)

    /// Sees to the definitions that have changed, and to what else changes by that.
    /// - Parameter changed: their names.
    /// - Returns: whether something is left to do that no change of a definition will tell of.
    mutating func synchronize(_ changed: Set<String>) async throws -> Bool {
        let snapshot = server.storage.snapshot
        var changes: [GroupResource: ResourceDefinition?] = [:]
        for name in changed where snapshot[ObjectKey(resource: Self.key, path: name)] == nil {
            forget(name, &changes)
        }
        var pending: [(name: String, outline: JSON)] = []
        for name in changed.union(waiting).sorted() {
            guard let object = snapshot[ObjectKey(resource: Self.key, path: name)],
                known[name].map({ $0.isWaiting || $0.revision != object.revision }) ?? true
            else { continue }
            let definition = try JSON(parsing: object.bytes)
            if let entry = known[name], entry.uid != definition.metadataText("uid") { forget(name, &changes) }
            note(definition, object, &changes)
            pending.append((name, Self.outline(of: definition)))
        }
        var steps: [(name: String, step: Step)] = []
        for (name, outline) in pending {
            if let step = nextStep(for: outline, name, &changes) {
                steps.append((name, step))
            } else {
                known[name]?.isWaiting = false
            }
        }
        publish(changes)
        try await carryOut(steps)
        return !waiting.isEmpty
    }

    /// A definition without its versions, which are nearly all of it: at a start there are as many as there are.
    private static func outline(of definition: JSON) -> JSON {
        guard var spec = definition["spec"]?.objectValue else { return definition }
        spec["versions"] = nil
        var outline = definition
        outline["spec"] = .object(spec)
        return outline
    }

    private var waiting: Set<String> { Set(known.lazy.filter(\.value.isWaiting).map(\.key)) }

    private mutating func forget(_ name: String, _ changes: inout [GroupResource: ResourceDefinition?]) {
        guard let entry = known.removeValue(forKey: name) else { return }
        changes[entry.resource] = .some(nil)
        outdated.append(entry.resource)
        setAccepted([:], of: name, in: entry.resource.group, before: entry.accepted)
        // Its names are free for others now.
        for (other, sibling) in known where sibling.hasConflict && sibling.resource.group == entry.resource.group {
            known[other]?.isWaiting = true
        }
    }

    private mutating func setAccepted(_ accepted: JSON, of name: String, in group: String, before: JSON) {
        names[group, default: DefinitionNames()].give(accepted, to: name, before: before)
        if names[group]?.isEmpty == true { names[group] = nil }
    }

    /// Serves what has changed, and lets go of what was kept for what is gone.
    private mutating func publish(_ changes: [GroupResource: ResourceDefinition?]) {
        guard !changes.isEmpty else { return }
        let before = server.registry.contents
        server.registry.replace(changes)
        // Whoever begins a watch from now on finds what is served now.
        for resource in outdated {
            server.watchHub.endAll(of: ResourceKey(group: resource.group, resource: resource.resource))
        }
        outdated = []
        let isOnlyAdding = changes.keys.allSatisfy {
            before.group(named: $0.group)?.definition(of: $0.resource) == nil
        }
        if !isOnlyAdding { server.forgetUnserved() }
    }

    /// Takes in what a definition says, and what it serves now.
    private mutating func note(
        _ definition: JSON, _ object: StoredObject, _ changes: inout [GroupResource: ResourceDefinition?]
    ) {
        let name = object.key.path
        let before = known[name]
        let generation = definition["metadata"]?["generation"]?.intValue ?? 1
        let spec = definition["spec"] ?? [:]
        let group = spec["group"]?.stringValue ?? ""
        var entry = Known(
            uid: definition.metadataText("uid"), revision: object.revision, generation: generation,
            schemaRevision: schemaRevision(of: definition, object, generation: generation, before),
            accepted: definition["status"]?["acceptedNames"] ?? [:],
            resource: GroupResource(group: group, resource: spec["names"]?["plural"]?.stringValue ?? ""),
            source: before?.source ?? DefinitionSource(object))
        setAccepted(entry.accepted, of: name, in: group, before: before?.accepted ?? [:])
        entry.isServed = definition.isDefinitionConditionTrue("Established")
        entry.isTerminating = definition.isDefinitionConditionTrue("Terminating")
        // A deletion that waits for the finalizer makes a new generation of the same specification.
        let isSame =
            before.map {
                $0.isServed && $0.accepted == entry.accepted
                    && ($0.generation == generation || $0.source.document["spec"] == definition["spec"])
            } ?? false
        if !isSame { entry.source = DefinitionSource(object) } else { entry.source.object = object }
        known[name] = entry
        if let before, before.isServed, !isSame { outdated.append(entry.resource) }
        if entry.isServed, !isSame || entry.isTerminating != before?.isTerminating {
            serve(definition, name, &changes)
        }
    }

    private mutating func serve(
        _ definition: JSON, _ name: String, _ changes: inout [GroupResource: ResourceDefinition?]
    ) {
        guard let entry = known[name] else { return }
        known[name]?.isServed = true
        let source = entry.source
        changes[entry.resource] = .some(
            CustomResources.definition(
                of: definition, schemaRevision: entry.schemaRevision, storageVersionHash: Self.storageVersionHash
            ) { source.document })
    }

    /// The revision before which objects may have been stored in another form than the definition has now.
    private func schemaRevision(
        of definition: JSON, _ object: StoredObject, generation: Int64, _ before: Known?
    ) -> Revision {
        // After a restart nobody knows what the earlier generations were.
        guard let before else { return generation > 1 ? object.revision : .zero }
        guard before.generation != generation else { return before.schemaRevision }
        let isSameForm = StoredForm(of: before.source.document) == StoredForm(of: definition)
        return isSameForm ? before.schemaRevision : object.revision
    }

    private static func storageVersionHash(_ kind: GroupVersionKind) -> String? {
        let text = "\(kind.group)/\(kind.version)/\(kind.kind)"
        return (try? SHA256Digest.digest(of: Array(text.utf8)))?.prefix(8).base64
    }

    // MARK: What the server does for a definition

    /// What the server does for a definition.
    private enum Step: Sendable {
        case writeStatus(JSON)
        /// Removes the objects, and then the definition itself.
        case finish(isEstablished: Bool)
    }

    /// - Parameter definition: without its versions.
    private mutating func nextStep(
        for definition: JSON, _ name: String, _ changes: inout [GroupResource: ResourceDefinition?]
    ) -> Step? {
        guard let entry = known[name] else { return nil }
        if MetadataFields(of: definition).isBeingDeleted {
            guard MetadataFields(of: definition).finalizers.contains(DefinitionDeletion.finalizer) else { return nil }
            return .finish(isEstablished: definition.isDefinitionConditionTrue("Established"))
        }
        let group = entry.resource.group
        let requested = definition["spec"]?["names"] ?? [:]
        let accepted = definition["status"]?["acceptedNames"] ?? [:]
        let verdict = (names[group] ?? DefinitionNames()).judge(requested, accepted: accepted, of: name)
        var wanted = definition
        wanted.noteApproval(at: now)
        Self.settle(&wanted, verdict, at: now)
        // Others have to see it before what it was given is stored.
        setAccepted(verdict.accepted, of: name, in: group, before: entry.accepted)
        known[name]?.accepted = verdict.accepted
        known[name]?.hasConflict = verdict.conflict != nil
        let status = wanted["status"] ?? [:]
        if status == definition["status"] { return nil }
        // Whoever reads that it is established finds it served.
        if !entry.isServed, wanted.isDefinitionConditionTrue("Established") {
            var definition = entry.source.document
            definition["status"] = status
            serve(definition, name, &changes)
        }
        return .writeStatus(status)
    }

    /// Carries out all at once, so that the store takes the writes together.
    private mutating func carryOut(_ steps: [(name: String, step: Step)]) async throws {
        let controller = self
        try await withThrowingTaskGroup(of: (String, Bool).self) { group in
            for (name, step) in steps { group.addTask { (name, try await controller.carryOut(step, name)) } }
            for try await (name, isWaiting) in group { known[name]?.isWaiting = isWaiting }
        }
    }

    /// - Returns: whether something is left to do.
    private func carryOut(_ step: Step, _ name: String) async throws -> Bool {
        switch step {
        case .writeStatus(let status):
            try await update(name) { current in
                current["acceptedNames"] = status["acceptedNames"]
                current["conditions"] = status["conditions"]
            }
            return false
        case .finish(let isEstablished): return try await finish(name, isEstablished: isEstablished)
        }
    }

    private var now: KubernetesTime { server.environment.currentTime }

    /// Writes the verdict about a definition's names into its status.
    private static func settle(_ definition: inout JSON, _ verdict: DefinitionNames.Verdict, at time: KubernetesTime) {
        var status = definition["status"] ?? [:]
        var accepted = verdict.accepted
        // What nobody was given is empty.
        for member in ["plural", "kind"] where accepted[member] == nil { accepted[member] = "" }
        status["acceptedNames"] = accepted
        definition["status"] = status
        if let conflict = verdict.conflict {
            definition.setDefinitionCondition(
                "NamesAccepted", isTrue: false, reason: conflict.reason, message: conflict.message, at: time)
        } else {
            definition.setDefinitionCondition(
                "NamesAccepted", isTrue: true, reason: "NoConflicts", message: "no conflicts found", at: time)
        }
        // What has been served once goes on to be.
        if definition.isDefinitionConditionTrue("Established") { return }
        if verdict.conflict == nil {
            definition.setDefinitionCondition(
                "Established", isTrue: true, reason: "InitialNamesAccepted",
                message: "the initial names have been accepted", at: time)
        } else {
            definition.setDefinitionCondition(
                "Established", isTrue: false, reason: "NotAccepted", message: "not all names are accepted", at: time)
        }
    }

    /// Changes a definition's status as the server itself, by the path of every other write.
    private func update(_ name: String, _ change: @escaping @Sendable (inout JSON) -> Void) async throws {
        let writer = try definitionWriter(subresource: "status")
        let plan = UpdatePlan { current in
            guard var current else { throw writer.notFound(name) }
            var status = current["status"] ?? [:]
            change(&status)
            current["status"] = status
            return current
        }
        do {
            _ = try await writer.update(name, plan)
        } catch let error as APIStatus where error.code == 404 {
            // It has gone meanwhile.
        }
    }

    private func definitionWriter(subresource: String?) throws -> ObjectWriter {
        let version = GroupVersion(group: DefinitionDeletion.resource.group, version: "v1")
        guard let resource = server.registry.contents.resource(version, DefinitionDeletion.resource.resource) else {
            throw APIStatus.internalError("custom resources cannot be defined")
        }
        let context = RequestContext(updateOf: resource, subresource: subresource, by: .server)
        return ObjectWriter(server, resource, context, isDryRun: false, subresource: subresource)
    }

    // MARK: The end of a definition

    /// Removes the objects of a definition that is being deleted, and lets it go once they are gone.
    /// - Returns: whether some are still there.
    private func finish(_ name: String, isEstablished: Bool) async throws -> Bool {
        guard let entry = known[name] else { return false }
        var condition = DefinitionDeletion.neverEstablished
        if isEstablished {
            try await setCondition(DefinitionDeletion.inProgress, of: name)
            // No object is removed before no new one is taken.
            guard entry.isTerminating else { return true }
            let resource =
                server.registry.contents.storageOrServed(entry.resource) ?? Self.unserved(entry.source.document)
            if let resource, try await !removeObjects(of: resource) { return true }
            condition = DefinitionDeletion.completed
        }
        try await setCondition(condition, of: name)
        let writer = try definitionWriter(subresource: nil)
        let plan = UpdatePlan { current in
            guard var current else { throw writer.notFound(name) }
            current.updateMetadata { $0.finalizers.removeAll { $0 == DefinitionDeletion.finalizer } }
            return current
        }
        do {
            _ = try await writer.update(name, plan)
        } catch let error as APIStatus where error.code == 404 {
            // It has gone meanwhile.
        }
        return false
    }

    private func setCondition(_ condition: DefinitionDeletion.Condition, of name: String) async throws {
        try await update(name) { [now] status in
            var definition: JSON = ["status": status]
            definition.set(condition, at: now)
            status = definition["status"] ?? [:]
        }
    }

    /// The resource of a definition that serves no version, for the server alone.
    private static func unserved(_ definition: JSON) -> ServedResource? {
        var definition = definition
        let versions = (definition["spec"]?["versions"]?.arrayValue ?? []).map { version in
            var version = version
            version["served"] = version["storage"]
            return version
        }
        definition["spec"]?["versions"] = .array(versions)
        let document = definition
        guard
            let resource = CustomResources.definition(
                of: document, schemaRevision: .zero, storageVersionHash: { _ in nil }, document: { document }),
            let version = resource.versions.first
        else { return nil }
        return ServedResource(definition: resource, version: version)
    }

    /// - Returns: whether all are gone.
    private func removeObjects(of resource: ServedResource) async throws -> Bool {
        for object in server.storage.snapshot.objects(in: resource.key) {
            let namespace = resource.definition.isNamespaced ? object.key.namespace : nil
            let context = RequestContext(creationOf: resource, in: namespace, by: .server)
            do {
                _ = try await ObjectWriter(server, resource, context, isDryRun: false)
                    .delete(object.key.name, DeleteOptions())
            } catch let error as APIStatus where error.code == 404 {
                // Gone already.
            }
        }
        var isEmpty = true
        server.storage.snapshot.forEach(in: resource.key, prefix: "") { _ in
            isEmpty = false
            return false
        }
        return isEmpty
    }
}

extension ResourceRegistry.Contents {
    /// A resource in the version that is stored, or, where that is not served, in any other.
    fileprivate func storageOrServed(_ resource: GroupResource) -> ServedResource? {
        if let stored = storageResource(resource) { return stored }
        guard let definition = group(named: resource.group)?.definition(of: resource.resource),
            let version = definition.versions.first
        else { return nil }
        return self.resource(GroupVersion(group: definition.group, version: version.name), definition.names.plural)
    }
}

extension Sequence<UInt8> {
    /// Base64 (RFC 4648), with padding.
    fileprivate var base64: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        let bytes = Array(self)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<Swift.min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for index in 0..<3 { bits = bits << 8 | UInt32(start + index < part.endIndex ? part[start + index] : 0) }
            for index in 0..<4 {
                let isPadding = index > part.count
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
