public import JSON
import Synchronization

/// One node of a custom resource's schema (`JSONSchemaProps` of apiextensions.k8s.io/v1), read once from its document.
///
/// It drives pruning, defaulting, validation and apply of custom objects. Immutable.
public final class StructuralSchema: Sendable {
    /// `additionalProperties`: a schema, or whether there may be any.
    public enum Additional: Sendable {
        case schema(StructuralSchema)
        case any(Bool)
    }

    public let type: String
    public let format: String
    public let isNullable: Bool
    public let preservesUnknownFields: Bool
    public let isEmbeddedResource: Bool
    public let isIntOrString: Bool
    public let listType: Field.ListType
    public let listMapKeys: [String]
    public let isAtomicMap: Bool
    public let defaultValue: JSON?
    public let properties: [String: StructuralSchema]
    public let additional: Additional?
    public let items: StructuralSchema?
    /// Whether there are rules written as expressions (`x-kubernetes-validations`) here or within.
    public let hasRules: Bool
    /// Whether lists here or within are sets, or go by keys.
    let hasListRules: Bool
    /// Whether this is the schema of a whole object of some kind, or there is one within, beside the resource itself.
    public let hasEmbeddedResources: Bool
    /// Whether nothing is said of what is within.
    let isLeaf: Bool
    /// `items` as a schema like any other.
    let itemsSchema: Schema?
    /// The keywords that only validation looks at; `nil` where there are none.
    let keywords: ValidationKeywords?
    /// The type of `metadata`, at the root of a resource and of embedded ones.
    let metadata: Schema?
    private let lazyShape = AtomicLazyReference<ObjectShape>()

    /// - Parameters:
    ///   - document: a `JSONSchemaProps`; what is of the wrong type in it counts as left out.
    ///   - metadata: the schema of `ObjectMeta`.
    ///   - isRoot: whether this is a resource's own schema, and not one within.
    public init(_ document: JSON, metadata: Schema, isRoot: Bool = false) {
        type = document["type"]?.stringValue ?? ""
        format = Self.checkedFormat(document)
        isNullable = document["nullable"] == true
        preservesUnknownFields = document["x-kubernetes-preserve-unknown-fields"] == true
        isEmbeddedResource = document["x-kubernetes-embedded-resource"] == true
        isIntOrString = document["x-kubernetes-int-or-string"] == true
        listType = document["x-kubernetes-list-type"]?.stringValue.flatMap(Field.ListType.init) ?? .atomic
        listMapKeys = (document["x-kubernetes-list-map-keys"]?.arrayValue ?? []).compactMap(\.stringValue)
        isAtomicMap = document["x-kubernetes-map-type"] == "atomic"
        defaultValue = document["default"]
        var properties: [String: StructuralSchema] = [:]
        for member in document["properties"]?.objectValue ?? [:] {
            properties[member.key] = StructuralSchema(member.value, metadata: metadata)
        }
        self.properties = properties
        additional =
            switch document["additionalProperties"] {
            case .bool(let allows)?: .any(allows)
            case .object(let schema)?: .schema(StructuralSchema(.object(schema), metadata: metadata))
            default: nil
            }
        items = document["items"].flatMap { $0.isNull ? nil : StructuralSchema($0, metadata: metadata) }
        keywords = ValidationKeywords(document, metadata: metadata)
        var parts = Array(properties.values)
        if let items { parts.append(items) }
        if case .schema(let schema)? = additional { parts.append(schema) }
        hasRules =
            document["x-kubernetes-validations"]?.arrayValue?.isEmpty == false || parts.contains(where: \.hasRules)
        hasListRules = listType != .atomic || parts.contains(where: \.hasListRules)
        hasEmbeddedResources = isEmbeddedResource || parts.contains(where: \.hasEmbeddedResources)
        isLeaf = parts.isEmpty
        itemsSchema = items.map { Schema(.structural($0)) }
        self.metadata = isRoot || isEmbeddedResource ? metadata : nil
    }

    /// The format, as far as it says something: Kubernetes passes over formats of text that it does not check.
    private static func checkedFormat(_ document: JSON) -> String {
        let format = document["format"]?.stringValue ?? ""
        let isNumber = document["type"] == "integer" || document["type"] == "number"
        return isNumber || SchemaFormat.isKnown(format) ? format : ""
    }

    /// The schema of a member; `nil` where nothing is said of it.
    public func member(_ name: String) -> StructuralSchema? {
        if let property = properties[name] { return property }
        if case .schema(let schema)? = additional { return schema }
        return nil
    }

    /// The fields as apply takes them apart, made when first asked for.
    var shape: ObjectShape { lazyShape.load() ?? lazyShape.storeIfNil(makeShape()) }

    private func makeShape() -> ObjectShape {
        var fields = properties.sorted { $0.key < $1.key }.prefix(Self.maximumShapeFields).map { name, property in
            Field(name, Schema(.structural(property)), omission: .whenZero, isPointer: true, details: property.details)
        }
        if let metadata {
            fields.removeAll { ["metadata", "apiVersion", "kind"].contains($0.name) }
            fields.append(Field("apiVersion", .string, omission: .whenZero))
            fields.append(Field("kind", .string, omission: .whenZero))
            fields.append(Field("metadata", metadata, omission: .whenZero))
        }
        var values: Schema?
        if case .schema(let schema)? = additional { values = Schema(.structural(schema)) }
        if case .any(true)? = additional { values = .any }
        return ObjectShape(
            name: "", fields: fields, mapType: isAtomicMap ? .atomic : .granular, additional: values,
            preservesUnknownFields: preservesUnknownFields)
    }

    /// What an `ObjectShape` can number.
    private static let maximumShapeFields = 30_000

    /// What the field that holds a value of this schema says of it.
    var details: Field.Details {
        var details = Field.Details()
        details.defaultValue = defaultValue
        details.listType = listType
        details.listMapKeys = listMapKeys
        details.mapType = isAtomicMap ? .atomic : nil
        return details
    }
}
