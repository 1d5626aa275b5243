import APIMachinery
import JSON
import Storage

/// Where a kind has what its `Scale` shows.
struct ScaleMapping: Sendable {
    var paths = ScalePaths(specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"])
    /// Reads the selector of the pods, as text.
    var selector: @Sendable (JSON) throws -> String

    /// `spec.selector` is a `LabelSelector`.
    static let structured = ScaleMapping { (object: JSON) in
        (try? LabelSelector(structured: object["spec"]?["selector"]))?.description ?? ""
    }

    /// `spec.selector` is a map of labels.
    static let map = ScaleMapping { (object: JSON) in
        var labels: [String: String] = [:]
        for member in object["spec"]?["selector"]?.objectValue?.members ?? [] {
            labels[member.key] = member.value.stringValue ?? ""
        }
        return (try? LabelSelector(matchLabels: labels))?.description ?? ""
    }

    /// Whether it is the scale of a custom resource: the object may lack what it shows, or have something else there, and
    /// the object's own rules say how many replicas there may be.
    var isCustom = false

    static func of(_ resource: ServedResource, _ subresource: Subresource) -> ScaleMapping {
        if let paths = subresource.scalePaths { return custom(paths) }
        return resource.groupResource == GroupResource(group: "", resource: "replicationcontrollers")
            ? .map : .structured
    }

    private static func custom(_ paths: ScalePaths) -> ScaleMapping {
        var mapping = ScaleMapping { object in
            guard let selector = paths.selector else { return "" }
            return try ScalePaths.text(at: selector, in: object).scaleValue() ?? ""
        }
        mapping.paths = paths
        mapping.isCustom = true
        return mapping
    }

    /// The `Scale` of an object.
    /// - Throws: 500 where something else stands in the place of what it shows.
    func scale(of object: JSON, kind: GroupVersionKind) throws -> JSON {
        let before = MetadataFields(of: object)
        var metadata = MetadataFields(of: .null)
        for field in [MetadataFields.Field.name, .namespace, .uid, .resourceVersion, .creationTimestamp] {
            metadata[field] = before[field]
        }
        var spec: JSON = [:]
        if let replicas = try count(at: paths.specReplicas, in: object), replicas != 0 {
            spec["replicas"] = .int(replicas)
        }
        var status: JSON = ["replicas": .int(try count(at: paths.statusReplicas, in: object) ?? 0)]
        let selector = try selector(object)
        if !selector.isEmpty { status["selector"] = .string(selector) }
        return [
            "kind": .string(kind.kind), "apiVersion": .string(kind.groupVersion.description), "metadata": metadata.json,
            "spec": spec, "status": status,
        ]
    }

    /// - Throws: 500 where a custom object does not say how many replicas it is to have.
    func checkHasReplicas(_ object: JSON) throws {
        guard isCustom, try count(at: paths.specReplicas, in: object) == nil else { return }
        throw APIStatus.internalError(
            "the spec replicas field \"\(ScalePaths.text(of: paths.specReplicas))\" does not exist")
    }

    private func count(at path: [String], in object: JSON) throws -> Int64? {
        if isCustom { return try ScalePaths.count(at: path, in: object).scaleValue() }
        return object.objectValue?.value(at: path)?.intValue
    }

    /// The object with the number of replicas, and the version, that a `Scale` asks for.
    func object(_ object: JSON, scaledTo scale: JSON) -> JSON {
        var object = object
        object.set(.int(scale["spec"]?["replicas"]?.intValue ?? 0), at: paths.specReplicas[...])
        // A scale without a version is one of whatever is there.
        let version = scale.metadataText("resourceVersion")
        if !version.isEmpty { object.updateMetadata { $0[text: .resourceVersion] = version } }
        return object
    }
}

extension APIServer {
    /// `scale`: the number of replicas, and nothing else (autoscaling/v1 `Scale`).
    func scale(
        _ verb: Verb, of resource: ServedResource, _ subresource: Subresource, _ context: RequestContext
    ) async throws -> Answer {
        let mapping = ScaleMapping.of(resource, subresource)
        switch verb {
        case .get:
            let writer = ObjectWriter(self, resource, context, isDryRun: true)
            let name = context.info.name ?? ""
            guard let object = storage.snapshot[writer.key(name)] else { throw writer.notFound(name) }
            let document = try resource.decode(object)
            let scale = try mapping.scale(of: document, kind: subresource.kind)
            try mapping.checkHasReplicas(document)
            return try answer(with: scale, of: resource, subresource, in: context, status: 200)
        case .update: return try await putScale(mapping, of: resource, subresource, context)
        case .patch: return try await patchScale(mapping, of: resource, subresource, context)
        case .create, .delete, .deletecollection, .list, .watch: throw APIStatus.methodNotAllowed
        }
    }

    private func putScale(
        _ mapping: ScaleMapping, of resource: ServedResource, _ subresource: Subresource, _ context: RequestContext
    ) async throws -> Answer {
        let (request, options) = try await readUpdate(context)
        let decoder = ObjectDecoder(
            expected: subresource.kind, schema: subresource.schema ?? resource.version.schema,
            validation: options.fieldValidation, contents: registry.contents)
        let decoded = try Self.decode(request, by: decoder, mapping)
        for warning in decoded.warnings { context.warn(warning) }
        try Self.checkNamespace(of: decoded.document, in: context, of: resource)
        try Self.checkName(of: decoded.document, in: context)
        return try await writeScale(mapping, of: resource, subresource, options, context) { current, fields in
            try fields.update(current, to: decoded.document)
            return decoded.document
        }
    }

    private static func decode(
        _ request: WriteRequest, by decoder: ObjectDecoder, _ mapping: ScaleMapping
    ) throws -> ObjectDecoder.Decoded {
        do {
            return try decoder.decode(request.body, as: request.codec)
        } catch {
            // Kubernetes reads what is no scale as an object of the custom resource, and finds no way from there.
            guard mapping.isCustom, error.message.hasSuffix("unknown conversion") else { throw error }
            throw APIStatus.badRequest(
                "no kind is registered for the type v1.Scale in scheme \"pkg/apiserver/customresource_handler.go:781\"")
        }
    }

    private func patchScale(
        _ mapping: ScaleMapping, of resource: ServedResource, _ subresource: Subresource, _ context: RequestContext
    ) async throws -> Answer {
        let (body, options) = try await readPatch(resource, context)
        let schema = subresource.schema ?? resource.version.schema
        let configuration: AppliedConfiguration?
        if case .configuration(let bytes) = body {
            configuration = try AppliedConfiguration(bytes)
        } else {
            configuration = nil
        }
        return try await writeScale(mapping, of: resource, subresource, options, context) { current, fields in
            var scale = current
            if let configuration {
                if let applied = try fields.apply(configuration, to: current, schema, force: options.force) {
                    scale = applied
                    try configuration.canonicalize(&scale, schema)
                }
                for warning in try configuration.checkText(options.fieldValidation) { context.warn(warning) }
            } else if case .patch(let patch) = body {
                let patched = try patch.apply(to: current, of: subresource.kind, schema)
                for warning in patched.warnings { context.warn(warning) }
                scale = patched.document
                try fields.update(current, to: scale)
            }
            try Self.checkName(of: scale, in: context)
            return scale
        }
    }

    /// - Parameter propose: the scale that is wanted, from the one that is there; notes who comes to own it.
    private func writeScale(
        _ mapping: ScaleMapping, of resource: ServedResource, _ subresource: Subresource, _ options: WriteOptions,
        _ context: RequestContext, _ propose: @escaping (_ current: JSON, inout ScaleFields) throws -> JSON
    ) async throws -> Answer {
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun)
        let name = context.info.name ?? ""
        let plan = UpdatePlan(ownership: .asGiven) { current in
            guard let current else { throw writer.notFound(name) }
            var fields = ScaleFields(of: current, subresource, writer)
            let scale = try propose(try mapping.scale(of: current, kind: subresource.kind), &fields)
            if !mapping.isCustom { try Self.validate(scale, of: subresource.kind) }
            let uid = scale.metadataText("uid")
            if !uid.isEmpty, uid != current.metadataText("uid") {
                throw APIStatus.conflict(
                    GroupResource(
                        group: resource.groupResource.group, resource: resource.groupResource.resource + "/scale"),
                    name: name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(current.metadataText("uid"))"
                )
            }
            var object = mapping.object(current, scaledTo: scale)
            object.updateMetadata { $0[.managedFields] = fields.parent.json }
            return object
        }
        let (result, _) = try await writer.update(name, plan)
        let scale = try mapping.scale(of: try result.document(of: resource), kind: subresource.kind)
        return try answer(with: scale, of: resource, subresource, in: context, status: 200)
    }

    private static func validate(_ scale: JSON, of kind: GroupVersionKind) throws(APIStatus) {
        let replicas = scale["spec"]?["replicas"]?.intValue ?? 0
        guard replicas < 0 else { return }
        throw .invalid(
            kind.groupKind, name: scale.metadataText("name"),
            [.invalid(FieldPath("spec", "replicas"), .int(replicas), "must be greater than or equal to 0")])
    }
}

extension Result where Failure == ScalePaths.AccessError {
    /// The value, or, where something else stands in its place, 500 without a reason.
    fileprivate func scaleValue() throws -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let error): throw APIStatus.unclassified(error.message)
        }
    }
}

extension JSON {
    /// Sets a member deep inside, making the objects on the way.
    fileprivate mutating func set(_ value: JSON, at path: ArraySlice<String>) {
        guard let first = path.first else {
            self = value
            return
        }
        var member = self[first] ?? .null
        member.set(value, at: path.dropFirst())
        self[first] = member
    }
}
