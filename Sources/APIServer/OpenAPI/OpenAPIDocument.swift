import APIMachinery
import JSON
import KubernetesAPI

/// What an OpenAPI document holds, as names; each path and type is written only when the document is, one after the
/// other, so that a document of some MiB never stands in memory as a tree.
struct OpenAPIDocument {
    let version: OpenAPIVersion
    let paths: [OpenAPIPath]
    private let types: OpenAPITypes
    /// Types that custom resources define, by name.
    private var customTypes: [String: CustomType] = [:]
    /// All types in the order in which they are written.
    let typeNames: [String]

    private struct CustomType {
        var definition: ResourceDefinition
        var version: ResourceVersion
        var isList: Bool
    }

    private init(version: OpenAPIVersion, groupVersion: GroupVersion?, paths: [OpenAPIPath], contents: [Served]) {
        self.version = version
        self.paths = paths.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        types = OpenAPITypes(version: version, groupVersion: groupVersion)
        for (definition, version) in contents where definition.isCustom {
            for isList in [false, true] {
                let name =
                    isList
                    ? OpenAPIPaths.listTypeName(of: definition, version)
                    : OpenAPIPaths.typeName(of: definition, version)
                customTypes[name] = CustomType(definition: definition, version: version, isList: isList)
            }
        }
        var names: Set<String> = []
        for path in paths {
            for operation in path.operations {
                for name in operation.typeNames { OpenAPITypes.collect(name, into: &names) }
            }
        }
        for type in customTypes.values {
            OpenAPITypes.collect(OpenAPIPaths.meta + (type.isList ? "ListMeta" : "ObjectMeta"), into: &names)
        }
        // What a watch sends is part of every version with resources.
        if !contents.isEmpty { OpenAPITypes.collect(OpenAPIPaths.meta + "WatchEvent", into: &names) }
        typeNames = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private typealias Served = (ResourceDefinition, ResourceVersion)

    // MARK: Which documents there are

    /// The document of a version of a group.
    static func version(_ version: String, of group: ServedGroup) -> OpenAPIDocument {
        let groupVersion = GroupVersion(group: group.name, version: version)
        let served = group.resources(in: version)
        return OpenAPIDocument(
            version: .v3, groupVersion: groupVersion, paths: paths(of: groupVersion, served), contents: served)
    }

    private static func paths(of groupVersion: GroupVersion, _ served: [Served]) -> [OpenAPIPath] {
        let paths = OpenAPIPaths(groupVersion)
        return [paths.versionPath] + served.flatMap { paths.paths(of: $0.0, $0.1) }
    }

    /// A document of one path that belongs to no version: that of a group, of all groups, of the program's version.
    static func single(_ path: OpenAPIPath) -> OpenAPIDocument {
        OpenAPIDocument(version: .v3, groupVersion: nil, paths: [path], contents: [])
    }

    /// Everything in one, by the old form.
    /// - Parameter others: paths that belong to no group.
    static func whole(_ contents: ResourceRegistry.Contents, others: [OpenAPIPath] = []) -> OpenAPIDocument {
        var paths = [OpenAPIPaths.groupsPath, OpenAPIPaths.versionInfoPath] + others
        var all: [Served] = []
        for group in contents.allGroups {
            paths.append(OpenAPIPaths.groupPath(group.name))
            for version in group.versions {
                let served = group.resources(in: version)
                paths += self.paths(of: GroupVersion(group: group.name, version: version), served)
                all += served
            }
        }
        return OpenAPIDocument(version: .v2, groupVersion: nil, paths: paths, contents: all)
    }

    // MARK: Parts

    static let info: JSON = ["title": "Kubernetes", "version": .string(ServerVersion.gitVersion)]

    static let bearerToken: JSON = [
        "type": "apiKey", "description": "Bearer Token authentication", "name": "authorization", "in": "header",
    ]

    /// The parameters of all paths, once each, by the names that the old form refers to them.
    var sharedParameters: [(name: String, parameter: OpenAPIParameter)] {
        var all: [String: OpenAPIParameter] = [:]
        for path in paths {
            for parameter in path.parameters + path.operations.flatMap(\.parameters) {
                all[parameter.sharedName] = parameter
            }
        }
        return all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
    }

    /// The names of all types, those of custom resources too, in order.
    var allTypeNames: [String] {
        (typeNames + customTypes.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func definition(of name: String) -> JSON {
        guard let custom = customTypes[name] else { return types.definition(of: name) }
        return custom.isList ? listDefinition(custom) : objectDefinition(custom)
    }

    /// A custom resource's schema, with the members that every object has.
    private func objectDefinition(_ custom: CustomType) -> JSON {
        let schema = PublishedSchema(version: version)
        var definition = schema.definition(custom.version.publishedSchema?() ?? [:])
        let fields = custom.version.selectableFields.sorted()
        if !fields.isEmpty {
            definition["x-kubernetes-selectable-fields"] = .array(fields.map { ["fieldPath": .string($0)] })
        }
        return .object(withKind(definition, custom, custom.definition.names.kind))
    }

    private func listDefinition(_ custom: CustomType) -> JSON {
        let names = custom.definition.names
        let item = OpenAPIPaths.typeName(of: custom.definition, custom.version)
        var properties = PublishedSchema(version: version).typeMembers
        properties["items"] = [
            "type": "array", "description": .string("The objects of kind \(names.kind)."),
            "items": ["$ref": .string(version.referencePrefix + item)],
        ]
        properties["metadata"] = PublishedSchema(version: version).metadata("ListMeta")
        let definition: JSONObject = [
            "type": "object", "description": .string("A list of objects of kind \(names.kind)."), "required": ["items"],
            "properties": .object(properties),
        ]
        return .object(withKind(definition, custom, names.listKind))
    }

    private func withKind(_ definition: JSONObject, _ custom: CustomType, _ kind: String) -> JSONObject {
        var definition = definition
        definition["x-kubernetes-group-version-kind"] = [
            OpenAPITypes.json(
                GroupVersionKind(group: custom.definition.group, version: custom.version.name, kind: kind))
        ]
        return definition
    }

    // MARK: JSON

    /// The document as JSON text.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 << 18)
        switch version {
        case .v2:
            bytes.append(contentsOf: "{\"swagger\":\"2.0\",\"info\":".utf8)
            Self.info.write(into: &bytes)
            writePaths(into: &bytes)
            bytes.append(contentsOf: ",\"definitions\":".utf8)
            writeTypes(into: &bytes)
            bytes.append(contentsOf: ",\"parameters\":".utf8)
            JSON.object(
                JSONObject(uniqueMembers: sharedParameters.map { .init(key: $0.name, value: $0.parameter.json(.v2)) })
            ).write(into: &bytes)
            bytes.append(contentsOf: ",\"securityDefinitions\":{\"BearerToken\":".utf8)
            Self.bearerToken.write(into: &bytes)
            bytes.append(contentsOf: "},\"security\":[{\"BearerToken\":[]}]}".utf8)
        case .v3:
            bytes.append(contentsOf: "{\"openapi\":\"3.0.0\",\"info\":".utf8)
            Self.info.write(into: &bytes)
            writePaths(into: &bytes)
            bytes.append(contentsOf: ",\"components\":{\"schemas\":".utf8)
            writeTypes(into: &bytes)
            bytes.append(contentsOf: ",\"securitySchemes\":{\"BearerToken\":".utf8)
            Self.bearerToken.write(into: &bytes)
            bytes.append(contentsOf: "}}}".utf8)
        }
        return bytes
    }

    private func writePaths(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: ",\"paths\":".utf8)
        Self.writeMembers(paths, into: &bytes) { ($0.path, $0.json(version)) }
    }

    private func writeTypes(into bytes: inout [UInt8]) {
        Self.writeMembers(allTypeNames, into: &bytes) { ($0, definition(of: $0)) }
    }

    private static func writeMembers<Item>(
        _ items: [Item], into bytes: inout [UInt8], _ member: (Item) -> (String, JSON)
    ) {
        var separator = UInt8(ascii: "{")
        if items.isEmpty { bytes.append(separator) }
        for item in items {
            let (name, value) = member(item)
            bytes.append(separator)
            separator = UInt8(ascii: ",")
            JSON.write(string: name, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            value.write(into: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
