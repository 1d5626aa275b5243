import APIMachinery
import KubernetesAPI

/// The paths of a group and version, made of what the registry says its resources can do.
struct OpenAPIPaths {
    let groupVersion: GroupVersion
    let base: String
    private let tag: String
    /// `AppsV1`, as the names of operations have it.
    private let idPart: String

    static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1."

    init(_ groupVersion: GroupVersion) {
        self.groupVersion = groupVersion
        base =
            groupVersion.group.isEmpty
            ? "/api/" + groupVersion.version : "/apis/\(groupVersion.group)/\(groupVersion.version)"
        let name = Self.identifier(ofGroup: groupVersion.group)
        tag = name + "_" + groupVersion.version
        idPart = Self.capitalized(name) + Self.capitalized(groupVersion.version)
    }

    /// `rbacAuthorization` of `rbac.authorization.k8s.io`.
    static func identifier(ofGroup group: String) -> String {
        if group.isEmpty { return "core" }
        let trimmed = group.hasSuffix(".k8s.io") ? group.dropLast(".k8s.io".count) : group[...]
        let words = trimmed.split { $0 == "." || $0 == "-" }
        return words.prefix(1).joined() + words.dropFirst().map { capitalized(String($0)) }.joined()
    }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private enum Media {
        static let objects = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
        static let streams = [
            "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch",
        ]
        static let customObjects = ["application/json", "application/yaml"]
        static let patches = [
            "application/json-patch+json", "application/merge-patch+json",
            "application/strategic-merge-patch+json", "application/apply-patch+yaml",
        ]
        static let any = ["*/*"]
    }

    // MARK: Discovery

    /// The document of the version itself.
    var versionPath: OpenAPIPath {
        Self.readOnly(
            base + "/", id: "get\(idPart)APIResources", tag: tag, type: Self.meta + "APIResourceList",
            description: "get available resources")
    }

    /// `/apis/GROUP/`.
    static func groupPath(_ group: String) -> OpenAPIPath {
        let name = identifier(ofGroup: group)
        if group.isEmpty {
            return readOnly(
                "/api/", id: "getCoreAPIVersions", tag: "core", type: meta + "APIVersions",
                description: "get available API versions")
        }
        return readOnly(
            "/apis/\(group)/", id: "get\(capitalized(name))APIGroup", tag: name, type: meta + "APIGroup",
            description: "get information of a group")
    }

    static let groupsPath = readOnly(
        "/apis/", id: "getAPIVersions", tag: "apis", type: meta + "APIGroupList",
        description: "get available API versions")

    static let versionInfoPath = readOnly(
        "/version/", id: "getCodeVersion", tag: "version", type: OpenAPITypes.versionInfo,
        description: "get the version information for this server", mediaTypes: ["application/json"])

    /// How others can check the tokens of service accounts.
    static let openIDPaths = [
        readOnly(
            "/.well-known/openid-configuration/", id: "getServiceAccountIssuerOpenIDConfiguration", tag: "WellKnown",
            content: .text, description: "get what OpenID clients need to know of the issuer of service account tokens",
            mediaTypes: ["application/json"]),
        readOnly(
            "/openid/v1/jwks/", id: "getServiceAccountIssuerOpenIDKeyset", tag: "openid", content: .text,
            description: "get the keys by which service account tokens are checked",
            mediaTypes: ["application/jwk-set+json"]),
    ]

    private static func readOnly(
        _ path: String, id: String, tag: String, type: String, description: String,
        mediaTypes: [String] = Media.objects
    ) -> OpenAPIPath {
        readOnly(path, id: id, tag: tag, content: .type(type), description: description, mediaTypes: mediaTypes)
    }

    private static func readOnly(
        _ path: String, id: String, tag: String, content: OpenAPIOperation.Content, description: String,
        mediaTypes: [String]
    ) -> OpenAPIPath {
        OpenAPIPath(
            path: path, parameters: [],
            operations: [
                OpenAPIOperation(
                    method: "get", id: id, description: description, tag: tag, answers: [(200, content)],
                    mediaTypes: mediaTypes)
            ])
    }

    // MARK: Resources

    /// All paths of a resource in this version.
    func paths(of definition: ResourceDefinition, _ version: ResourceVersion) -> [OpenAPIPath] {
        let resource = Resource(paths: self, definition: definition, version: version)
        return resource.collectionPaths + resource.objectPaths + resource.subresourcePaths + resource.watchPaths
    }

    /// The name of a resource's type. One of a custom resource is its group turned around, its version and kind.
    static func typeName(of definition: ResourceDefinition, _ version: ResourceVersion) -> String {
        if !definition.isCustom, let name = version.schema.name { return name }
        let group = definition.group.split(separator: ".").reversed().joined(separator: ".")
        return "\(group).\(version.name).\(definition.names.kind)"
    }

    /// The name of the type of a resource's list.
    static func listTypeName(of definition: ResourceDefinition, _ version: ResourceVersion) -> String {
        let name = typeName(of: definition, version)
        let prefix = name.split(separator: ".").dropLast().joined(separator: ".")
        return prefix + "." + definition.names.listKind
    }

    private struct Resource {
        let paths: OpenAPIPaths
        let definition: ResourceDefinition
        let version: ResourceVersion

        var kind: GroupVersionKind {
            GroupVersionKind(
                group: definition.group, version: version.name, kind: definition.names.kind)
        }
        var typeName: String { OpenAPIPaths.typeName(of: definition, version) }
        var listTypeName: String { OpenAPIPaths.listTypeName(of: definition, version) }
        var kindName: String { definition.names.kind }
        var scope: String { definition.isNamespaced ? "Namespaced" : "" }
        var objectMedia: [String] { definition.isCustom ? Media.customObjects : Media.objects }
        var listMedia: [String] {
            definition.isCustom ? Media.customObjects : Media.objects + Media.streams
        }
        var collection: String {
            let plural = definition.names.plural
            return definition.isNamespaced
                ? "\(paths.base)/namespaces/{namespace}/\(plural)" : "\(paths.base)/\(plural)"
        }
        var collectionParameters: [OpenAPIParameter] { definition.isNamespaced ? [.path("namespace")] : [] }
        var objectParameters: [OpenAPIParameter] { collectionParameters + [.path("name")] }

        func id(_ verb: String, _ rest: String) -> String { verb + paths.idPart + rest }

        // MARK: Collections

        var collectionPaths: [OpenAPIPath] {
            var result: [OpenAPIPath] = []
            var operations: [OpenAPIOperation] = []
            if version.verbs.contains(.list) {
                operations.append(list(id("list", scope + kindName)))
            }
            if version.verbs.contains(.create) { operations.append(create) }
            if version.verbs.contains(.deletecollection) { operations.append(deleteCollection) }
            if !operations.isEmpty {
                result.append(
                    OpenAPIPath(path: collection, parameters: collectionParameters, operations: operations))
            }
            if definition.isNamespaced, version.verbs.contains(.list) {
                result.append(
                    OpenAPIPath(
                        path: "\(paths.base)/\(definition.names.plural)", parameters: [],
                        operations: [list(id("list", kindName + "ForAllNamespaces"))]))
            }
            return result
        }

        private func list(_ id: String) -> OpenAPIOperation {
            OpenAPIOperation(
                method: "get", id: id, description: "list or watch objects of kind \(kindName)", tag: paths.tag,
                action: ("list", kind), parameters: OpenAPIParameter.watching,
                answers: [(200, .type(listTypeName))], mediaTypes: listMedia)
        }

        private var create: OpenAPIOperation {
            write(
                "post", id("create", scope + kindName), "create a \(kindName)", action: "post",
                parameters: OpenAPIParameter.writing, body: typeName, answers: [200, 201, 202])
        }

        private var deleteCollection: OpenAPIOperation {
            OpenAPIOperation(
                method: "delete", id: id("delete", "Collection" + scope + kindName),
                description: "delete collection of \(kindName)", tag: paths.tag,
                action: ("deletecollection", kind), parameters: OpenAPIParameter.deletingCollection,
                body: (.type(OpenAPIPaths.meta + "DeleteOptions"), Media.any, false),
                answers: [(200, .type(OpenAPIPaths.meta + "Status"))], mediaTypes: objectMedia)
        }

        private func write(
            _ method: String, _ id: String, _ description: String, action: String,
            parameters: [OpenAPIParameter], body: String, answers: [Int], kind: GroupVersionKind? = nil
        ) -> OpenAPIOperation {
            OpenAPIOperation(
                method: method, id: id, description: description, tag: paths.tag,
                action: (action, kind ?? self.kind), parameters: parameters,
                body: (.type(body), definition.isCustom ? Media.customObjects : Media.any, true),
                answers: answers.map { ($0, .type(body)) }, mediaTypes: objectMedia)
        }

        // MARK: Objects

        var objectPaths: [OpenAPIPath] {
            var operations = reading(
                version.verbs, type: typeName, kind: kind, idRest: scope + kindName, what: "the specified \(kindName)")
            if version.verbs.contains(.delete) { operations.append(delete) }
            if operations.isEmpty { return [] }
            return [OpenAPIPath(path: collection + "/{name}", parameters: objectParameters, operations: operations)]
        }

        /// Get, put and patch of an object or a subresource.
        private func reading(
            _ verbs: Set<Verb>, type: String, kind: GroupVersionKind, idRest: String, what: String
        ) -> [OpenAPIOperation] {
            var operations: [OpenAPIOperation] = []
            if verbs.contains(.get) {
                operations.append(
                    OpenAPIOperation(
                        method: "get", id: id("read", idRest), description: "read \(what)", tag: paths.tag,
                        action: ("get", kind), parameters: OpenAPIParameter.pretty, answers: [(200, .type(type))],
                        mediaTypes: objectMedia))
            }
            if verbs.contains(.update) {
                operations.append(
                    write(
                        "put", id("replace", idRest), "replace \(what)", action: "put",
                        parameters: OpenAPIParameter.writing, body: type, answers: [200, 201], kind: kind))
            }
            if verbs.contains(.patch) {
                var patch = write(
                    "patch", id("patch", idRest), "partially update \(what)", action: "patch",
                    parameters: OpenAPIParameter.patching, body: type, answers: [200, 201], kind: kind)
                let media = Media.patches.filter { !definition.isCustom || !$0.contains("strategic") }
                patch.body = (.type(OpenAPITypes.patch), media, true)
                if definition.isCustom { patch.answers = [(200, .type(type))] }
                operations.append(patch)
            }
            return operations
        }

        private var delete: OpenAPIOperation {
            let answer = version.deletionReturnsObject ? typeName : OpenAPIPaths.meta + "Status"
            return OpenAPIOperation(
                method: "delete", id: id("delete", scope + kindName), description: "delete a \(kindName)",
                tag: paths.tag, action: ("delete", kind), parameters: OpenAPIParameter.deleting,
                body: (.type(OpenAPIPaths.meta + "DeleteOptions"), Media.any, false),
                answers: [(200, .type(answer)), (202, .type(answer))], mediaTypes: objectMedia)
        }

        // MARK: Subresources

        var subresourcePaths: [OpenAPIPath] { version.subresources.flatMap(paths(of:)) }

        private func paths(of subresource: Subresource) -> [OpenAPIPath] {
            let path = "\(collection)/{name}/\(subresource.name)"
            let idRest = scope + kindName + OpenAPIPaths.capitalized(subresource.name)
            if !subresource.connectMethods.isEmpty { return connectPaths(subresource, path: path, idRest: idRest) }
            let type = (subresource.schema?.name ?? typeName)
            let what = "\(subresource.name) of the specified \(kindName)"
            var operations = reading(
                subresource.verbs, type: type, kind: subresource.kind, idRest: idRest, what: what)
            if subresource.verbs.contains(.create) {
                operations.append(
                    write(
                        "post", id("create", idRest), "create \(what)", action: "post",
                        parameters: OpenAPIParameter.writing, body: type, answers: [200, 201, 202],
                        kind: subresource.kind))
            }
            if subresource.name == "log", let index = operations.firstIndex(where: { $0.method == "get" }) {
                operations[index].answers = [(200, .text)]
                operations[index].mediaTypes = ["text/plain"] + Media.objects
                operations[index].parameters +=
                    Self.parameters(of: TypeLibrary.builtIn.schema(named: "io.k8s.api.core.v1.PodLogOptions"))
            }
            return [OpenAPIPath(path: path, parameters: objectParameters, operations: operations)]
        }

        /// The members of an options type, which are given in the query.
        private static func parameters(of schema: Schema?) -> [OpenAPIParameter] {
            (schema?.shape?.fields ?? []).filter { $0.name != "kind" && $0.name != "apiVersion" }.map { field in
                let items = if case .array(let items) = field.schema.form { items } else { field.schema }
                let type =
                    switch items.form {
                    case .int32, .int64: "integer"
                    case .boolean: "boolean"
                    default: "string"
                    }
                return OpenAPIParameter(name: field.name, type: type)
            }
        }

        private func connectPaths(_ subresource: Subresource, path: String, idRest: String) -> [OpenAPIPath] {
            let parameters = Self.parameters(of: subresource.schema)
            func operations(_ suffix: String) -> [OpenAPIOperation] {
                subresource.connectMethods.map { method in
                    let word = method.prefix(1).uppercased() + method.dropFirst().lowercased()
                    return OpenAPIOperation(
                        method: method.lowercased(),
                        id: id("connect", word + idRest + suffix),
                        description: "connect \(word.uppercased()) requests to \(subresource.name) of \(kindName)",
                        tag: paths.tag, action: ("connect", subresource.kind), parameters: parameters,
                        answers: [(200, .text)], mediaTypes: Media.any)
                }
            }
            var result = [OpenAPIPath(path: path, parameters: objectParameters, operations: operations(""))]
            if subresource.name == "proxy" {
                result.append(
                    OpenAPIPath(
                        path: path + "/{path}", parameters: objectParameters + [.path("path")],
                        operations: operations("WithPath")))
            }
            return result
        }

        // MARK: The old way to watch

        var watchPaths: [OpenAPIPath] {
            guard version.verbs.contains(.watch), !definition.isCustom else { return [] }
            let prefix = paths.base + "/watch"
            let inScope = prefix + collection.dropFirst(paths.base.count)
            var result = [
                watch(inScope, collectionParameters, "watchlist", id("watch", scope + kindName + "List")),
                watch(inScope + "/{name}", objectParameters, "watch", id("watch", scope + kindName)),
            ]
            if definition.isNamespaced {
                result.append(
                    watch(
                        "\(prefix)/\(definition.names.plural)", [], "watchlist",
                        id("watch", kindName + "ListForAllNamespaces")))
            }
            return result
        }

        private func watch(
            _ path: String, _ parameters: [OpenAPIParameter], _ action: String, _ id: String
        ) -> OpenAPIPath {
            OpenAPIPath(
                path: path, parameters: parameters,
                operations: [
                    OpenAPIOperation(
                        method: "get", id: id,
                        description: "watch changes to \(kindName). deprecated: use the 'watch' parameter with a list "
                            + "operation instead", tag: paths.tag, action: (action, kind),
                        parameters: OpenAPIParameter.watching,
                        answers: [(200, .type(OpenAPIPaths.meta + "WatchEvent"))],
                        mediaTypes: Media.objects + Media.streams)
                ])
        }
    }
}
