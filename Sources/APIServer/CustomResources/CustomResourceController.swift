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
        var revision: Revision
        var generation: Int64
        var schemaRevision: Revision
        var group: String
        var accepted: JSON
        var resource: GroupResource
        var isServed = false
        var isTerminating = false
        /// Whether there is something to do for it that waits for others.
        var isWaiting = false
    }

    private let server: APIServer
    private var known: [String: Known] = [:]
    /// Collections whose watches still go by what a definition said before; they end, and clients begin anew.
    private var outdated: [ResourceKey] = []

    init(_ server: APIServer) { self.server = server }

    private static let key = ResourceKey(
        group: DefinitionDeletion.resource.group, resource: DefinitionDeletion.resource.resource)

    /// Sees to every definition that has changed.
    /// - Returns: whether something is left to do that no change of a definition will tell of.
    mutating func synchronize() async throws -> Bool {
        let snapshot = server.storage.snapshot
        var stored: [StoredObject] = []
        snapshot.forEach(in: Self.key, prefix: "") { object in
            stored.append(object)
            return true
        }
        var changes: [GroupResource: ResourceDefinition?] = [:]
        forgetRemoved(stored, &changes)
        var pending: [(StoredObject, JSON)] = []
        for object in stored
        where known[object.key.path]?.revision != object.revision || known[object.key.path]?.isWaiting == true {
            let definition = try JSON(parsing: object.bytes)
            note(definition, object, &changes)
            pending.append((object, definition))
        }
        if !changes.isEmpty { server.registry.replace(changes) }
        for resource in outdated { server.watchHub.endAll(of: resource) }
        outdated = []
        var isWaiting = false
        for (object, definition) in pending {
            isWaiting = try await act(on: definition, object) || isWaiting
        }
        return isWaiting
    }

    private mutating func forgetRemoved(_ stored: [StoredObject], _ changes: inout [GroupResource: ResourceDefinition?])
    {
        let names = Set(stored.map(\.key.path))
        for (name, entry) in known where !names.contains(name) {
            changes[entry.resource] = .some(nil)
            outdated.append(ResourceKey(group: entry.resource.group, resource: entry.resource.resource))
            known[name] = nil
            // Its names are free for others now.
            for other in known.keys where known[other]?.group == entry.group { known[other]?.isWaiting = true }
        }
    }

    /// Takes in what a definition says, and what it serves now.
    private mutating func note(
        _ definition: JSON, _ object: StoredObject, _ changes: inout [GroupResource: ResourceDefinition?]
    ) {
        let name = object.key.path
        let before = known[name]
        let generation = definition["metadata"]?["generation"]?.intValue ?? 1
        let spec = definition["spec"] ?? [:]
        var schemaRevision = before?.schemaRevision ?? (generation > 1 ? object.revision : .zero)
        if let before, before.generation != generation { schemaRevision = object.revision }
        var entry = Known(
            revision: object.revision, generation: generation, schemaRevision: schemaRevision,
            group: spec["group"]?.stringValue ?? "", accepted: definition["status"]?["acceptedNames"] ?? [:],
            resource: GroupResource(
                group: spec["group"]?.stringValue ?? "", resource: spec["names"]?["plural"]?.stringValue ?? ""))
        entry.isServed = definition.isDefinitionConditionTrue("Established")
        entry.isTerminating = definition.isDefinitionConditionTrue("Terminating")
        let isSame = before.map { $0.isServed && $0.generation == generation && $0.accepted == entry.accepted } ?? false
        if let before, before.isServed, !isSame {
            outdated.append(ResourceKey(group: entry.resource.group, resource: entry.resource.resource))
        }
        if entry.isServed, !isSame || entry.isTerminating != before?.isTerminating {
            changes[entry.resource] = .some(
                CustomResources.definition(
                    of: definition, schemaRevision: schemaRevision, storageVersionHash: Self.storageVersionHash
                ) { (try? JSON(parsing: object.bytes)) ?? [:] })
        }
        known[name] = entry
    }

    private static func storageVersionHash(_ kind: GroupVersionKind) -> String? {
        let text = "\(kind.group)/\(kind.version)/\(kind.kind)"
        return (try? SHA256Digest.digest(of: Array(text.utf8)))?.prefix(8).base64
    }

    // MARK: What the server does for a definition

    private mutating func act(on definition: JSON, _ object: StoredObject) async throws -> Bool {
        let name = object.key.path
        if MetadataFields(of: definition).isBeingDeleted {
            guard MetadataFields(of: definition).finalizers.contains(DefinitionDeletion.finalizer) else { return false }
            return try await finish(definition, name)
        }
        known[name]?.isWaiting = false
        var names = DefinitionNames()
        for (other, entry) in known where other != name && entry.group == known[name]?.group {
            names.take(entry.accepted)
        }
        let requested = definition["spec"]?["names"] ?? [:]
        let accepted = definition["status"]?["acceptedNames"] ?? [:]
        let verdict = names.judge(requested, accepted: accepted)
        var wanted = definition
        wanted.noteApproval(at: now)
        Self.settle(&wanted, verdict, at: now)
        // Others have to see it before what it was given is stored.
        known[name]?.accepted = verdict.accepted
        let wantedStatus = wanted["status"] ?? [:]
        if wantedStatus == definition["status"] { return false }
        try await update(name) { current in
            var status = current["status"] ?? [:]
            status["acceptedNames"] = wantedStatus["acceptedNames"]
            status["conditions"] = wantedStatus["conditions"]
            return status
        }
        return false
    }

    private var now: KubernetesTime { KubernetesTime(epochNanoseconds: server.environment.now()).wholeSeconds }

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

    /// Writes a definition's status as the server itself, by the path of every other write.
    private func update(_ name: String, _ status: @escaping (JSON) -> JSON) async throws {
        let writer = try definitionWriter(subresource: "status")
        let plan = UpdatePlan { current in
            guard var current else { throw writer.notFound(name) }
            current["status"] = status(current)
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
    private mutating func finish(_ definition: JSON, _ name: String) async throws -> Bool {
        guard let entry = known[name] else { return false }
        let isEstablished = definition.isDefinitionConditionTrue("Established")
        var condition = DefinitionDeletion.neverEstablished
        if isEstablished {
            try await setCondition(DefinitionDeletion.inProgress, of: name)
            let resource = server.registry.contents.storageOrServed(entry.resource) ?? Self.unserved(definition)
            if let resource, try await !removeObjects(of: resource) {
                known[name]?.isWaiting = true
                return true
            }
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
        try await update(name) { [now] current in
            var current = current
            current.set(condition, at: now)
            return current["status"] ?? [:]
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
        var objects: [StoredObject] = []
        server.storage.snapshot.forEach(in: resource.key, prefix: "") { object in
            objects.append(object)
            return true
        }
        for object in objects {
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
        guard let definition = definitions.first(where: { $0.groupResource == resource }),
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
