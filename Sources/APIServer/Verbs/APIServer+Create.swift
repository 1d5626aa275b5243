import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    /// POST to a collection: a new object, or an answer to a kind that is never stored.
    func create(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let request = try await WriteRequest(context)
        let options = try WriteOptions(context.query, for: .create)
        var document = try decode(request, as: resource, options, in: context)
        if let review = TransientKinds.handler(of: resource.kind) {
            try Self.checkNamespace(of: document, in: context, of: resource)
            ObjectWriter(self, resource, context, isDryRun: options.isDryRun)
                .trackFields(of: &document, replacing: nil)
            let answer = try await review.answer(document, self, context)
            let isStatus = answer["kind"] == "Status"
            return try self.answer(with: answer, of: isStatus ? nil : resource, in: context, status: 201)
        }
        document.updateMetadata { Self.wipeSystemMetadata(of: &$0) }
        try Self.checkNamespace(of: document, in: context, of: resource)
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun)
        let result = try await writer.create(try storageDocument(consume document, of: resource))
        return try answer(with: result, of: resource, in: context, status: 201)
    }

    // MARK: Steps that the verbs share

    /// The body as a document of the resource, in the version of the request, canonical.
    func decode(
        _ request: WriteRequest, as resource: ServedResource, _ options: WriteOptions, in context: RequestContext
    ) throws -> JSON {
        let decoded = try decoder(of: resource, options.fieldValidation).decode(request.body, as: request.codec)
        for warning in decoded.warnings { context.warn(warning) }
        return decoded.document
    }

    func decoder(of resource: ServedResource, _ validation: FieldValidation) -> ObjectDecoder {
        ObjectDecoder(
            expected: resource.kind, schema: resource.version.schema, validation: validation,
            contents: registry.contents)
    }

    /// A canonical document in the version that is stored, with its defaults.
    func storageDocument(_ document: consuming JSON, of resource: ServedResource) throws -> JSON {
        var stored = try resource.storageDocument(document)
        resource.strategy.applyDefaults(to: &stored)
        return stored
    }

    /// Drops what a client cannot set on creation, before anyone looks at the object.
    private static func wipeSystemMetadata(of metadata: inout MetadataFields) {
        for field in [
            MetadataFields.Field.uid, .creationTimestamp, .deletionTimestamp, .deletionGracePeriodSeconds, .selfLink,
        ] {
            metadata[field] = nil
        }
    }

    /// - Throws: 400 where the body names another namespace than the address.
    static func checkNamespace(
        of document: JSON, in context: RequestContext, of resource: ServedResource
    ) throws(APIStatus) {
        guard resource.definition.isNamespaced else { return }
        let given = document.metadataText("namespace")
        guard given.isEmpty || given == context.info.namespace ?? "" else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
    }

    /// - Throws: 400 where the body names another object than the address, or none.
    static func checkName(of document: JSON, in context: RequestContext) throws(APIStatus) {
        let name = context.info.name ?? ""
        let given = document.metadataText("name")
        if given.isEmpty {
            throw .badRequest(
                "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
        }
        if given != name {
            throw .badRequest("the name of the object (\(given)) does not match the name on the URL (\(name))")
        }
    }
}

/// The body of a write, whole, and how to read it.
struct WriteRequest {
    var codec: BodyCodec
    var body: [UInt8]
}

extension WriteRequest {
    /// - Throws: 415 before the body is read, 413 where it is too large.
    init(_ context: RequestContext) async throws {
        codec = try BodyCodec(contentType: context.request.headers["content-type"])
        body = try await RequestBody.read(context)
    }
}
