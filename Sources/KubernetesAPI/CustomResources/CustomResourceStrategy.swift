public import APIMachinery
public import JSON

/// What the server does with the objects of a custom resource, in one version, by its schema.
public struct CustomResourceStrategy: ComposedStrategy {
    public let base: DefaultStrategy
    private let schema: Schema

    /// - Parameter schema: read when the first object is written.
    public init(
        isNamespaced: Bool, hasStatus: Bool, selectableFields: [String: SelectableField], schema: Schema
    ) {
        self.schema = schema
        base = DefaultStrategy(isNamespaced ? .namespaced : .cluster) {
            $0.hasStatus = hasStatus
            $0.countsStatus = !hasStatus
            $0.generation = .counted
            $0.metadataKeptByStatus = .everything
            $0.restrictsFinalizers = false
            $0.allowsUnconditionalUpdate = false
            $0.selectableFields = selectableFields
        }
    }

    private var structure: StructuralSchema? {
        if case .structural(let structure) = schema.form { structure } else { nil }
    }

    public func applyDefaults(to object: inout JSON) { structure?.applyDefaults(to: &object) }

    public func validateCreation(_ object: JSON) -> [FieldError] {
        base.validateCreation(object) + problems(of: object, replacing: nil)
    }

    public func validateUpdate(_ object: JSON, from old: JSON) -> [FieldError] {
        base.validateUpdate(object, from: old) + problems(of: object, replacing: old)
    }

    public func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        base.validateUpdate(ofSubresource: name, object, from: old) + problems(of: object, replacing: old)
    }

    public func warnings(for object: JSON, replacing old: JSON?) -> [String] {
        func finalizers(_ object: JSON?) -> [String] {
            Fields(object ?? [:]).fields("metadata")["finalizers"].items.map(\.text)
        }
        let before = finalizers(old)
        return finalizers(object).filter { !$0.contains("/") && !before.contains($0) && !Self.standard.contains($0) }
            .map { name in
                "metadata.finalizers: \"\(name)\": prefer a domain-qualified finalizer name to avoid accidental "
                    + "conflicts with other finalizer writers"
            }
    }

    /// Finalizers that are the server's own.
    private static let standard = ["orphan", "foregroundDeletion"]

    private func problems(of object: JSON, replacing old: JSON?) -> [FieldError] {
        guard let structure else { return [] }
        var validator = SchemaValidator()
        validator.check(object, as: structure, replacing: old)
        var lists: [FieldError] = []
        structure.checkLists(object, into: &lists)
        if !lists.isEmpty, let old {
            // An object whose lists were wrong before may stay so.
            var before: [FieldError] = []
            structure.checkLists(old, into: &before)
            if !before.isEmpty { lists = [] }
        }
        var embedded = FieldErrors()
        EmbeddedResourceRules.check(object, structure, at: .root, into: &embedded)
        return validator.errors + embedded.list + lists
    }
}
