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
        return validator.errors + lists
    }
}
