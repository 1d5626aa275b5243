public import JSON

/// Everything the server knows of a resource, built-in or custom: what the registry holds and every verb works from.
public final class ResourceDefinition: Sendable {
    public struct Names: Sendable, Hashable {
        public var plural: String
        public var singular: String
        public var kind: String
        public var listKind: String
        public var shortNames: [String]
        public var categories: [String]

        public init(
            plural: String, singular: String, kind: String, listKind: String, shortNames: [String] = [],
            categories: [String] = []
        ) {
            self.plural = plural
            self.singular = singular
            self.kind = kind
            self.listKind = listKind
            self.shortNames = shortNames
            self.categories = categories
        }
    }

    public let group: String
    public let names: Names
    public let isNamespaced: Bool
    /// In the order of discovery, the preferred one first.
    public let versions: [ResourceVersion]
    /// The name of the version that objects are stored in.
    public let storageVersion: String
    public let strategy: any ResourceStrategy
    /// What the members of a list look like: a built-in kind's items go without `kind` and `apiVersion`, a custom one's
    /// keep them.
    public let isCustom: Bool
    /// The collection in the store; two resources that are views of one (as the two groups of events) share it.
    public let storageGroupResource: GroupResource
    /// The group and version that objects are stored in: the definition's own, or that of the resource it is a view of.
    public let storageGroupVersion: GroupVersion
    /// The schema of objects as they are stored.
    public let storageSchema: Schema
    private let converter: (any ResourceConverter)?
    /// Objects last written before this revision are brought into the form of `storageSchema` when they are read.
    public let schemaRevision: Revision
    /// Whether the resource is about to go with its definition, and takes no new objects.
    public let isTerminating: Bool
    /// Differs between any two definitions that documents about the API may show differently; empty for what came with
    /// the program.
    public let fingerprint: String

    /// - Parameters:
    ///   - storageGroupVersion, storageSchema: of a view's storage; else the definition's own storage version.
    ///   - converter: for a resource with more than one version, or with another's storage.
    public init(
        group: String, names: Names, isNamespaced: Bool, versions: [ResourceVersion], storageVersion: String,
        strategy: any ResourceStrategy, isCustom: Bool, storageGroupResource: GroupResource? = nil,
        storageGroupVersion: GroupVersion? = nil, storageSchema: Schema? = nil,
        converter: (any ResourceConverter)? = nil, schemaRevision: Revision = .zero,
        isTerminating: Bool = false, fingerprint: String = ""
    ) {
        self.schemaRevision = schemaRevision
        self.isTerminating = isTerminating
        self.fingerprint = fingerprint
        self.group = group
        self.names = names
        self.isNamespaced = isNamespaced
        self.versions = versions
        self.storageVersion = storageVersion
        self.strategy = strategy
        self.isCustom = isCustom
        self.storageGroupResource = storageGroupResource ?? GroupResource(group: group, resource: names.plural)
        self.storageGroupVersion = storageGroupVersion ?? GroupVersion(group: group, version: storageVersion)
        self.storageSchema =
            storageSchema ?? versions.first { $0.name == storageVersion }?.schema ?? versions.first?.schema ?? .any
        self.converter = converter
    }

    public var groupResource: GroupResource { GroupResource(group: group, resource: names.plural) }
    public var groupKind: GroupKind { GroupKind(group: group, kind: names.kind) }

    public func version(named name: String) -> ResourceVersion? { versions.first { $0.name == name } }

    /// An object in another version of the resource.
    ///
    /// - Parameters:
    ///   - source, target: values of `apiVersion`; a definition knows those of its versions and of its storage.
    /// - Returns: the object with its `apiVersion` changed, canonical if it was.
    /// - Throws: what the converter throws.
    public func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        guard source != target else { return object }
        if let converter { return try converter.convert(object, from: source, to: target) }
        var object = object
        object["apiVersion"] = .string(target)
        return object
    }

    /// The name that a selectable field of any version has in the storage version.
    public func storedFieldName(_ name: String) -> String { converter?.storedFieldName(name) ?? name }
}

/// Turns objects of a resource from one version into another, without loss where both can say the same.
public protocol ResourceConverter: Sendable {
    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON

    /// The name that a selectable field has in the storage version.
    func storedFieldName(_ name: String) -> String
}

extension ResourceConverter {
    public func storedFieldName(_ name: String) -> String { name }
}

/// A resource in one of its served versions.
public final class ResourceVersion: Sendable {
    public let name: String
    public let schema: Schema
    public let verbs: Set<Verb>
    public let subresources: [Subresource]
    public let columns: [TableColumn]
    /// Fields that a field selector may name, beside `metadata.name` and `metadata.namespace`.
    public let selectableFields: Set<String>
    /// How a selector by another field is refused.
    public let unknownFieldWording: UnknownFieldWording
    public let storageVersionHash: String?
    /// Sent with every answer (`Warning: 299`), for a deprecated version.
    public let deprecationWarning: String?
    /// Whether a delete answers with the object's last state, as some kinds do, and not with a `Status`.
    public let deletionReturnsObject: Bool
    /// The schema of a custom resource as its definition has it, read when a document is made of it.
    public let publishedSchema: (@Sendable () -> JSON)?
    /// What the kind does with objects that come in this version, where it is another than the definition's.
    public let strategy: (any ResourceStrategy)?
    /// Conditions of an object's row in a table, as the finished pods have.
    public let rowConditions: (@Sendable (JSON) -> [JSON])?
    /// Cells of an object's row beyond those of the columns.
    public let extraCells: (@Sendable (_ object: JSON, _ now: Int64) -> [JSON])?

    public init(
        name: String, schema: Schema, verbs: Set<Verb>, subresources: [Subresource], columns: [TableColumn],
        selectableFields: Set<String>, storageVersionHash: String?, deprecationWarning: String? = nil,
        deletionReturnsObject: Bool = false, unknownFieldWording: UnknownFieldWording = .listingNames,
        strategy: (any ResourceStrategy)? = nil, publishedSchema: (@Sendable () -> JSON)? = nil,
        rowConditions: (@Sendable (JSON) -> [JSON])? = nil,
        extraCells: (@Sendable (_ object: JSON, _ now: Int64) -> [JSON])? = nil
    ) {
        self.strategy = strategy
        self.publishedSchema = publishedSchema
        self.rowConditions = rowConditions
        self.extraCells = extraCells
        self.name = name
        self.schema = schema
        self.verbs = verbs
        self.subresources = subresources
        self.columns = columns
        self.selectableFields = selectableFields
        self.unknownFieldWording = unknownFieldWording
        self.storageVersionHash = storageVersionHash
        self.deprecationWarning = deprecationWarning
        self.deletionReturnsObject = deletionReturnsObject
    }

    public func subresource(named name: String) -> Subresource? { subresources.first { $0.name == name } }
}

/// How the kinds say that a field cannot be selected by; each has a function of its own in Kubernetes, with its own text.
public enum UnknownFieldWording: Sendable, Hashable {
    /// `"x" is not a known field selector: only "metadata.name", "metadata.namespace"`
    case listingNames
    /// `field label not supported: x`
    case bare
    /// `field label "x" not supported for Job`
    case quoted(subject: String)
    /// `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: x`
    case prefixed(subject: String)

    public func message(for field: String) -> String {
        switch self {
        case .listingNames: "\"\(field)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        case .bare: "field label not supported: \(field)"
        case .quoted(let subject): "field label \"\(field)\" not supported for \(subject)"
        case .prefixed(let subject): "field label not supported for \(subject): \(field)"
        }
    }
}

/// The verbs of the API, as discovery and authorization name them.
public enum Verb: String, Sendable, Hashable, CaseIterable {
    case get, list, watch, create, update, patch, delete, deletecollection
}

/// A part of a resource with an address and a kind of its own: `status`, `scale`, `pods/binding`.
public struct Subresource: Sendable {
    public var name: String
    public var kind: GroupVersionKind
    public var verbs: Set<Verb>
    /// The schema of `kind`, where it is not the resource's own.
    public var schema: Schema?
    /// What a table shows of `kind`, where it is not the resource's own.
    public var columns: [TableColumn]?
    /// HTTP methods of a subresource that connects to a node (`exec`, `log`, `proxy`), else empty.
    public var connectMethods: [String]
    /// Where a custom resource has what its `Scale` shows.
    public var scalePaths: ScalePaths?

    public init(
        name: String, kind: GroupVersionKind, verbs: Set<Verb>, schema: Schema? = nil, columns: [TableColumn]? = nil,
        connectMethods: [String] = [], scalePaths: ScalePaths? = nil
    ) {
        self.scalePaths = scalePaths
        self.columns = columns
        self.name = name
        self.kind = kind
        self.verbs = verbs
        self.schema = schema
        self.connectMethods = connectMethods
    }
}

/// A column of a `Table` answer, and how its cell is made of an object.
public struct TableColumn: Sendable {
    public var name: String
    public var type: String
    public var format: String
    public var description: String
    public var priority: Int
    /// The cell of an object, at a time in seconds of the epoch (ages are relative to it).
    public var cell: @Sendable (_ object: JSON, _ now: Int64) -> JSON

    public init(
        name: String, type: String, format: String = "", description: String, priority: Int = 0,
        cell: @escaping @Sendable (_ object: JSON, _ now: Int64) -> JSON
    ) {
        self.name = name
        self.type = type
        self.format = format
        self.description = description
        self.priority = priority
        self.cell = cell
    }
}
