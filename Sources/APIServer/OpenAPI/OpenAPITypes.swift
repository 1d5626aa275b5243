import APIMachinery
import JSON
import KubernetesAPI

/// Writes types as the schemas of an OpenAPI document (structural facts from `openapi/`, extensions as in
/// kube-openapi's documentation: `x-kubernetes-list-type` and its kin).
struct OpenAPITypes {
    let version: OpenAPIVersion
    /// The group and version whose document it is, to which the kinds of shared types are limited; `nil` for all.
    let groupVersion: GroupVersion?

    // MARK: Names

    /// Types of the meta group that have a form of their own in JSON, and are still referred to by name.
    static func scalarName(_ form: Schema.Form) -> String? {
        switch form {
        case .quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity"
        case .time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
        case .microTime: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"
        case .duration: "io.k8s.apimachinery.pkg.apis.meta.v1.Duration"
        case .intOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
        case .rawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension"
        case .fieldsV1: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1"
        case .any: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"
        default: nil
        }
    }

    /// The name by which other types refer to a type; `nil` where it is written out in its place.
    static func referenceName(of schema: Schema) -> String? {
        switch schema.form {
        case .object, .schema: schema.name
        default: scalarName(schema.form)
        }
    }

    /// Types that exist in OpenAPI alone.
    static let patch = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"
    static let versionInfo = "io.k8s.apimachinery.pkg.version.Info"

    /// Adds to `names` all the types that are needed to read the type `name`, itself too.
    static func collect(_ name: String, into names: inout Set<String>) {
        guard names.insert(name).inserted, let schema = TypeLibrary.builtIn.schema(named: name) else { return }
        collect(schema, into: &names)
    }

    /// Adds the types that a schema refers to.
    static func collect(_ schema: Schema, into names: inout Set<String>) {
        switch schema.form {
        case .array(let items), .map(let items): collectReference(items, into: &names)
        case .schema(let props, _): collectReference(props, into: &names)
        case .object(let shape):
            for field in shape.fields { collectReference(field.schema, into: &names) }
            if let additional = shape.additional { collectReference(additional, into: &names) }
        default: break
        }
    }

    private static func collectReference(_ schema: Schema, into names: inout Set<String>) {
        if let name = referenceName(of: schema) { return collect(name, into: &names) }
        collect(schema, into: &names)
    }

    // MARK: Definitions

    /// The schema that stands under a type's name.
    func definition(of name: String) -> JSON {
        switch name {
        case Self.patch: return ["type": "object"]
        case Self.versionInfo: return Self.versionInfoDefinition
        default: break
        }
        guard let schema = TypeLibrary.builtIn.schema(named: name) else { return ["type": "object"] }
        var definition: JSONObject
        switch schema.form {
        case .object(let shape):
            definition = object(shape, descriptions: TypeLibrary.builtIn.descriptions(ofFieldsOf: name))
        case .quantity:
            definition = version == .v2 ? ["type": "string"] : Self.either("string", "number")
        case .intOrString:
            definition = version == .v2 ? ["type": "string"] : Self.either("integer", "string")
            definition["format"] = "int-or-string"
        case .time, .microTime: definition = ["type": "string", "format": "date-time"]
        case .duration: definition = ["type": "string"]
        case .rawExtension, .fieldsV1: definition = ["type": "object"]
        // Any value at all, which an empty schema says.
        case .any, .schema: definition = [:]
        default: definition = value(schema)
        }
        if let text = TypeLibrary.builtIn.description(ofType: name) { definition["description"] = .string(text) }
        let kinds = kinds(of: name)
        if !kinds.isEmpty { definition["x-kubernetes-group-version-kind"] = .array(kinds) }
        return .object(definition)
    }

    private static func either(_ one: JSON, _ other: JSON) -> JSONObject {
        ["oneOf": [["type": one], ["type": other]]]
    }

    private static let versionInfoDefinition: JSON = [
        "type": "object",
        "required": [
            "major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler",
            "platform",
        ],
        "properties": .object(
            JSONObject(
                uniqueMembers: ServerVersion.facts.map { .init(key: $0.name, value: ["type": "string"]) })),
    ]

    /// `x-kubernetes-group-version-kind` of a type. Types that every group has (`DeleteOptions`) name only the groups
    /// that the document is about.
    private func kinds(of name: String) -> [JSON] {
        TypeLibrary.builtIn.kinds(of: name).filter { kind in
            guard let groupVersion else { return true }
            return kind.groupVersion == groupVersion || kind.groupVersion == GroupVersion(group: "", version: "v1")
                || !name.hasPrefix("io.k8s.apimachinery.")
        }.map(Self.json)
    }

    static func json(_ kind: GroupVersionKind) -> JSON {
        ["group": .string(kind.group), "kind": .string(kind.kind), "version": .string(kind.version)]
    }

    /// An object's fields, written out.
    /// - Parameter descriptions: sentences on the fields, by name.
    func object(_ shape: ObjectShape, descriptions: [String: String] = [:]) -> JSONObject {
        var object: JSONObject = ["type": "object"]
        let required = shape.fields.filter(\.details.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        if !shape.fields.isEmpty {
            object["properties"] = .object(
                JSONObject(
                    uniqueMembers: shape.fields.map { field in
                        .init(key: field.name, value: .object(property(field, description: descriptions[field.name])))
                    }))
        }
        if let additional = shape.additional { object["additionalProperties"] = .object(value(additional)) }
        if shape.preservesUnknownFields { object["x-kubernetes-preserve-unknown-fields"] = true }
        if shape.mapType == .atomic { object["x-kubernetes-map-type"] = "atomic" }
        let unions = shape.unions.map(Self.union)
        if !unions.isEmpty { object["x-kubernetes-unions"] = .array(unions) }
        return object
    }

    private static func union(_ union: ObjectShape.Union) -> JSON {
        var json: JSONObject = [:]
        if let discriminator = union.discriminator { json["discriminator"] = .string(discriminator) }
        let members = union.members.sorted { $0.key < $1.key }
        json["fields-to-discriminateBy"] = .object(
            JSONObject(uniqueMembers: members.map { .init(key: $0.key, value: .string($0.value)) }))
        return .object(json)
    }

    // MARK: Properties

    private func property(_ field: Field, description: String?) -> JSONObject {
        let details = field.details
        var property = value(field.schema, itemEnumeration: details.itemEnumeration)
        if let description { property["description"] = .string(description) }
        // The old document carries no defaults.
        if version == .v3, let defaultValue = details.defaultValue { property["default"] = defaultValue }
        if !details.enumeration.isEmpty {
            property["enum"] = .array(details.enumeration.sorted().map(JSON.string))
        }
        if !details.listMapKeys.isEmpty {
            property["x-kubernetes-list-map-keys"] = .array(details.listMapKeys.map(JSON.string))
        }
        if let listType = details.listType { property["x-kubernetes-list-type"] = .string(listType.rawValue) }
        if let mapType = details.mapType { property["x-kubernetes-map-type"] = .string(mapType.rawValue) }
        if let key = details.patchMergeKey { property["x-kubernetes-patch-merge-key"] = .string(key) }
        let strategy = details.patchStrategy.words
        if !strategy.isEmpty { property["x-kubernetes-patch-strategy"] = .string(strategy.joined(separator: ",")) }
        return asSiblings(property)
    }

    /// OpenAPI 3 reads nothing that stands beside `$ref`, so what is beside it goes around.
    private func asSiblings(_ schema: JSONObject) -> JSONObject {
        guard version == .v3, schema.count > 1, let reference = schema["$ref"] else { return schema }
        var wrapped = schema
        wrapped.removeValue(forKey: "$ref")
        wrapped["allOf"] = [["$ref": reference]]
        return wrapped
    }

    /// The schema of a value where it stands.
    func value(_ schema: Schema, itemEnumeration: [String] = []) -> JSONObject {
        if let name = Self.referenceName(of: schema) { return ["$ref": .string(version.referencePrefix + name)] }
        switch schema.form {
        case .string: return ["type": "string"]
        case .int32: return ["type": "integer", "format": "int32"]
        case .int64: return ["type": "integer", "format": "int64"]
        case .number: return ["type": "number", "format": "double"]
        case .boolean: return ["type": "boolean"]
        case .bytes: return ["type": "string", "format": "byte"]
        case .array(let items):
            var item = item(items)
            if !itemEnumeration.isEmpty { item["enum"] = .array(itemEnumeration.sorted().map(JSON.string)) }
            return ["type": "array", "items": .object(item)]
        case .map(let values): return ["type": "object", "additionalProperties": .object(item(values))]
        case .object(let shape): return object(shape)
        default: return ["type": "object"]
        }
    }

    /// A list's item or a map's value, which has the default that its Go type has.
    private func item(_ schema: Schema) -> JSONObject {
        var item = value(schema)
        guard version == .v3 else { return item }
        switch schema.form {
        case .string: item["default"] = ""
        case .int32, .int64, .number: item["default"] = 0
        case .boolean: item["default"] = false
        case .object: item["default"] = [:]
        default: break
        }
        return asSiblings(item)
    }
}

extension Field.PatchStrategy {
    /// As the tag of the Go field has it.
    fileprivate var words: [String] {
        var words: [String] = []
        if contains(.replace) { words.append("replace") }
        if contains(.merge) { words.append("merge") }
        if contains(.retainKeys) { words.append("retainKeys") }
        return words
    }
}
