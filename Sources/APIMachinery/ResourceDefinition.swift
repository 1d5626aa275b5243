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
    /// Turns a document of one of the versions into another, which is named; `nil` where the versions differ in
    /// `apiVersion` only.
    public let converter: (@Sendable (_ document: JSON, _ version: String) throws -> JSON)?

    public init(
        group: String, names: Names, isNamespaced: Bool, versions: [ResourceVersion], storageVersion: String,
        strategy: any ResourceStrategy, isCustom: Bool, storageGroupResource: GroupResource? = nil,
        converter: (@Sendable (_ document: JSON, _ version: String) throws -> JSON)? = nil
    ) {
        self.converter = converter
        self.group = group
        self.names = names
        self.isNamespaced = isNamespaced
        self.versions = versions
        self.storageVersion = storageVersion
        self.strategy = strategy
        self.isCustom = isCustom
        self.storageGroupResource = storageGroupResource ?? GroupResource(group: group, resource: names.plural)
    }

    public var groupResource: GroupResource { GroupResource(group: group, resource: names.plural) }
    public var groupKind: GroupKind { GroupKind(group: group, kind: names.kind) }

    public func version(named name: String) -> ResourceVersion? { versions.first { $0.name == name } }

    /// A document of any of the versions in the version that is named.
    public func convert(_ document: JSON, toVersion name: String) throws -> JSON {
        if let converter { return try converter(document, name) }
        var document = document
        document["kind"] = .string(names.kind)
        document["apiVersion"] = .string(GroupVersion(group: group, version: name).description)
        return document
    }
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
    public let storageVersionHash: String?
    /// Sent with every answer (`Warning: 299`), for a deprecated version.
    public let deprecationWarning: String?
    /// Whether a delete answers with the object's last state, as some kinds do, and not with a `Status`.
    public let deletionReturnsObject: Bool
    /// Conditions of an object's row in a table, as the finished pods have.
    public let rowConditions: (@Sendable (JSON) -> [JSON])?

    public init(
        name: String, schema: Schema, verbs: Set<Verb>, subresources: [Subresource], columns: [TableColumn],
        selectableFields: Set<String>, storageVersionHash: String?, deprecationWarning: String? = nil,
        deletionReturnsObject: Bool = false, rowConditions: (@Sendable (JSON) -> [JSON])? = nil
    ) {
        self.rowConditions = rowConditions
        self.name = name
        self.schema = schema
        self.verbs = verbs
        self.subresources = subresources
        self.columns = columns
        self.selectableFields = selectableFields
        self.storageVersionHash = storageVersionHash
        self.deprecationWarning = deprecationWarning
        self.deletionReturnsObject = deletionReturnsObject
    }

    public func subresource(named name: String) -> Subresource? { subresources.first { $0.name == name } }
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
    /// HTTP methods of a subresource that connects to a node (`exec`, `log`, `proxy`), else empty.
    public var connectMethods: [String]

    public init(
        name: String, kind: GroupVersionKind, verbs: Set<Verb>, schema: Schema? = nil, connectMethods: [String] = []
    ) {
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
