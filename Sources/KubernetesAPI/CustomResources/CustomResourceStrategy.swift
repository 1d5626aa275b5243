public import APIMachinery
public import JSON

/// What the server does with the objects of a custom resource, in one version, by its schema.
public struct CustomResourceStrategy: ComposedStrategy {
    public let base: DefaultStrategy
    private let schema: Schema
    private let scaleRules: ScaleRules?

    /// - Parameters:
    ///   - scalePaths: where objects have what their `Scale` shows, where they have one.
    ///   - schema: read when the first object is written.
    public init(
        isNamespaced: Bool, hasStatus: Bool, selectableFields: [String: SelectableField], scalePaths: ScalePaths?,
        schema: Schema
    ) {
        self.schema = schema
        scaleRules = scalePaths.map { ScaleRules(paths: $0) }
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
        var problems = base.validateUpdate(ofSubresource: name, object, from: old)
        guard let structure else { return problems }
        // The status is held to its own part of the schema, which is a whole there.
        if let status = object["status"], let schema = structure.properties["status"] {
            problems += SchemaValidator.problems(
                with: status, as: schema, at: FieldPath("status"), replacing: old["status"] ?? .null)
        }
        problems += scaleRules?.statusProblems(of: object) ?? []
        problems += listProblems(of: object, replacing: old, structure)
        return problems + Self.unchecked(problems, structure)
    }

    public func warnings(for object: JSON, replacing old: JSON?) -> [String] {
        func finalizers(_ object: JSON?) -> [String] {
            Fields(object ?? [:]).fields("metadata")["finalizers"].items.map(\.text)
        }
        let before = finalizers(old)
        let added = Set(finalizers(object)).subtracting(before).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return added.flatMap { name in
            var problems = NameRules.problemsOfQualifiedName(name)
            if !name.contains("/"), !Self.standard.contains(name) {
                problems.append(
                    "prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"
                )
            }
            return problems.map { "metadata.finalizers: \(FieldError.quoted(name)): \($0)" }
        }
    }

    /// Finalizers that are the server's own.
    private static let standard = ["orphan", "foregroundDeletion", "kubernetes"]

    private func problems(of object: JSON, replacing old: JSON?) -> [FieldError] {
        guard let structure else { return [] }
        var problems = SchemaValidator.problems(with: object, as: structure, replacing: old)
        problems += scaleRules?.problems(of: object) ?? []
        problems += FieldErrors.list { place, errors in
            EmbeddedResourceRules.check(object, structure, at: place, into: &errors)
        }
        problems += listProblems(of: object, replacing: old, structure)
        return problems + Self.unchecked(problems, structure)
    }

    /// Duplicates in lists; an object whose lists were wrong before may stay so.
    private func listProblems(of object: JSON, replacing old: JSON?, _ structure: StructuralSchema) -> [FieldError] {
        var lists: [FieldError] = []
        structure.checkLists(object, into: &lists)
        guard !lists.isEmpty, let old else { return lists }
        var before: [FieldError] = []
        structure.checkLists(old, into: &before)
        return before.isEmpty ? lists : []
    }

    /// Rules written as expressions are only looked at where an object is right in the rest.
    private static func unchecked(_ problems: [FieldError], _ structure: StructuralSchema) -> [FieldError] {
        let blocking: Set<FieldError.Kind> = [.notSupported, .required, .tooLong, .tooMany, .typeInvalid]
        guard structure.hasRules, problems.contains(where: { blocking.contains($0.kind) }) else { return [] }
        var error = FieldError(
            .invalid, .root, value: .null,
            detail: "some validation rules were not checked because the object was invalid; correct the existing "
                + "errors to complete validation")
        error.path = "<nil>"
        return [error]
    }
}
