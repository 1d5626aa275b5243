import APIMachinery
import JSON

extension APIServer {
    /// PATCH with a configuration: what it says is to be so, and stays the business of its manager (server-side apply).
    ///
    /// An object that is not there is made, unless the request is about one of its subresources.
    func apply(
        _ body: [UInt8], _ options: WriteOptions, to resource: ServedResource, _ context: RequestContext,
        subresource: String?
    ) async throws -> Answer {
        let configuration = try AppliedConfiguration(body)
        let writer = ObjectWriter(self, resource, context, isDryRun: options.isDryRun, subresource: subresource)
        let name = context.info.name ?? ""
        let plan = UpdatePlan(allowsCreation: subresource == nil, ownership: .asGiven) { current in
            if current == nil, subresource != nil { throw writer.notFound(name) }
            let proposal = try self.proposal(applying: configuration, to: current, options, writer)
            try Self.checkNamespace(of: proposal, in: context, of: resource)
            try Self.checkName(of: proposal, in: context)
            return proposal
        }
        let (result, wasCreated) = try await writer.update(name, plan)
        return try answer(with: result, of: resource, in: context, status: wasCreated ? 201 : 200)
    }

    /// The object that an apply asks for, in the storage version and with its managers.
    private func proposal(
        applying configuration: AppliedConfiguration, to current: JSON?, _ options: WriteOptions,
        _ writer: ObjectWriter
    ) throws -> JSON {
        let resource = writer.resource
        let live = try current.map(resource.servedDocument)
        var managed = ManagedFields(current?["metadata"]?["managedFields"], isStored: true) ?? ManagedFields()
        let applied = try writer.fieldManagement.apply(
            configuration, to: live, of: resource.kind, resource.version.schema, &managed, force: options.force)
        for warning in try configuration.checkText(options.fieldValidation) { writer.context.warn(warning) }
        var proposal = current ?? [:]
        if var document = applied {
            try configuration.canonicalize(&document, resource.version.schema)
            proposal = try storageDocument(document, of: resource)
        }
        proposal.updateMetadata { $0[.managedFields] = managed.json }
        return proposal
    }
}

extension FieldManagement {
    /// Applies a configuration to a document, with the answers of Kubernetes for what stands against it.
    func apply(
        _ configuration: AppliedConfiguration, to live: JSON?, of kind: GroupVersionKind, _ schema: Schema,
        _ managed: inout ManagedFields, force: Bool
    ) throws -> JSON? {
        try configuration.check(against: kind, schema)
        do {
            return try apply(configuration.document, to: live, &managed, force: force)
        } catch let conflicts as FieldConflicts {
            throw APIStatus(conflicts)
        } catch let error as TypedValueError {
            throw APIStatus.unclassified("failed to merge config: " + error.description)
        }
    }
}

extension AppliedConfiguration {
    /// Brings a merged document into the form of its kind.
    /// - Throws: 500, as Kubernetes answers, where a value has not the form of its field.
    func canonicalize(_ document: inout JSON, _ schema: Schema) throws(APIStatus) {
        do {
            _ = try schema.canonicalize(&document, keepsEmpty: true)
        } catch {
            throw .unclassified("failed to convert new object (\(name)) to proper version: \(error.message)")
        }
    }
}
