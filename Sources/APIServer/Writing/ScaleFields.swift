import APIMachinery
import JSON

/// Who owns the number of replicas, while it is changed by way of an object's `Scale`: what the object's managers own of it
/// is seen as theirs of the scale, and what a write of the scale makes of that goes back to the object.
struct ScaleFields {
    /// Where a `Scale` has the number.
    private static let replicas: [PathElement] = [.field("spec"), .field("replicas")]

    /// Where the object has it.
    private let place: [PathElement]
    private let isCustom: Bool
    private let object: ManagedFields
    private var scale: ManagedFields
    private let management: FieldManagement
    private let kind: GroupVersionKind
    private let writer: ObjectWriter

    init(of object: JSON, _ subresource: Subresource, _ writer: ObjectWriter) {
        self.writer = writer
        isCustom = subresource.scalePaths != nil
        place = subresource.scalePaths.map { $0.specReplicas.map { .field($0) } } ?? Self.replicas
        kind = subresource.kind
        self.object = ManagedFields(object["metadata"]?["managedFields"], isStored: true) ?? ManagedFields()
        management = writer.fieldManagement(of: subresource)
        scale = ManagedFields()
        for entry in self.object.entries where versions.schema(of: entry.apiVersion) != nil {
            guard entry.fields.contains(place[...]) else { continue }
            let identity = seen(entry.identity)
            scale[identity] = .init(
                identity, apiVersion: management.apiVersion, time: entry.time, fields: FieldSet(Self.replicas))
        }
    }

    private var versions: ResourceFieldVersions {
        ResourceFieldVersions(resource: writer.resource, contents: writer.server.registry.contents)
    }

    /// A manager of the object as one of the scale.
    private func seen(_ identity: ManagedFields.Identity) -> ManagedFields.Identity {
        ManagedFields.Identity(
            manager: identity.manager, operation: identity.operation, apiVersion: kind.groupVersion.description,
            subresource: identity.subresource)
    }

    mutating func update(_ current: JSON, to proposal: JSON) throws {
        // Kubernetes cannot take the scale of a custom resource apart: nobody comes to own what is set by way of it.
        if isCustom { return scale = ManagedFields() }
        do {
            try management.update(current, to: proposal, &scale)
        } catch is TypedValueError {
            scale = ManagedFields()
        }
    }

    mutating func apply(
        _ configuration: AppliedConfiguration, to current: JSON, _ schema: Schema, force: Bool
    ) throws -> JSON? {
        if isCustom { throw unreadable(current) }
        return try management.apply(configuration, to: current, of: kind, schema, &scale, force: force)
    }

    /// Nor can it apply to one.
    private func unreadable(_ current: JSON) -> APIStatus {
        let names = scale.isEmpty ? "/" : current.metadataText("namespace") + "/" + current.metadataText("name")
        let problem =
            "failed to convert live object (\(names); \(kind.groupVersion), Kind=\(kind.kind)) to proper version: request "
            + "to convert CR to an invalid group/version: \(kind.groupVersion)"
        return .unclassified(scale.isEmpty ? "failed to create manager for existing fields: \(problem)" : problem)
    }

    /// The managers of the object, once the scale is written.
    var parent: ManagedFields {
        var result = ManagedFields()
        var rest = scale
        for var entry in object.entries where versions.schema(of: entry.apiVersion) != nil {
            if entry.fields.contains(place[...]) {
                if rest[entry.identity] != nil {
                    rest[entry.identity] = nil
                } else {
                    entry.fields = entry.fields.subtracting(FieldSet(place))
                }
            }
            if !entry.fields.isEmpty { result[entry.identity] = entry }
        }
        let apiVersion = writer.resource.apiVersion
        for entry in rest.entries where entry.fields.contains(Self.replicas[...]) {
            // No time is told of what came by way of a scale.
            result[entry.identity] = .init(entry.identity, apiVersion: apiVersion, fields: FieldSet(place))
        }
        return result
    }
}
