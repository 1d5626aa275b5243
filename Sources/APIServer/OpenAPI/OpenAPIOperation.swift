import APIMachinery
import JSON

/// A parameter of an operation.
struct OpenAPIParameter: Hashable {
    enum Location: String { case path, query }

    var name: String
    /// `string`, `boolean` or `integer`.
    var type: String
    var location = Location.query

    static func query(_ names: (String, String)...) -> [OpenAPIParameter] {
        names.map { OpenAPIParameter(name: $0.0, type: $0.1) }
    }

    static func path(_ name: String) -> OpenAPIParameter {
        OpenAPIParameter(name: name, type: "string", location: .path)
    }

    /// Under which name the old document keeps it for all operations.
    var sharedName: String { location == .path ? name + "-path" : name }

    func json(_ version: OpenAPIVersion) -> JSON {
        var json: JSONObject = ["name": .string(name), "in": .string(location.rawValue)]
        if location == .path { json["required"] = true }
        switch version {
        case .v2:
            json["type"] = .string(type)
            json["uniqueItems"] = true
        case .v3: json["schema"] = ["type": .string(type), "uniqueItems": true]
        }
        return .object(json)
    }

    // What the verbs take (API concepts; the options types of the meta group).
    static let pretty = query(("pretty", "string"))
    static let watching = query(
        ("allowWatchBookmarks", "boolean"), ("continue", "string"), ("fieldSelector", "string"),
        ("labelSelector", "string"), ("limit", "integer"), ("pretty", "string"), ("resourceVersion", "string"),
        ("resourceVersionMatch", "string"), ("sendInitialEvents", "boolean"), ("shardSelector", "string"),
        ("timeoutSeconds", "integer"), ("watch", "boolean"))
    static let writing = query(
        ("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"), ("pretty", "string"))
    static let patching = writing + query(("force", "boolean"))
    static let deleting = query(
        ("dryRun", "string"), ("gracePeriodSeconds", "integer"),
        ("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"), ("orphanDependents", "boolean"),
        ("pretty", "string"), ("propagationPolicy", "string"))
    static let deletingCollection =
        deleting
        + query(
            ("continue", "string"), ("fieldSelector", "string"), ("labelSelector", "string"), ("limit", "integer"),
            ("resourceVersion", "string"), ("resourceVersionMatch", "string"), ("sendInitialEvents", "boolean"),
            ("shardSelector", "string"), ("timeoutSeconds", "integer"))
}

/// One method of a path.
struct OpenAPIOperation {
    /// What an answer or a body is made of.
    enum Content {
        /// A type by its name.
        case type(String)
        /// Text of no further form, as connections to nodes have it.
        case text
    }

    /// In small letters.
    var method: String
    var id: String
    var description: String
    var tag: String
    /// `x-kubernetes-action`, with the kind that it is about.
    var action: (name: String, kind: GroupVersionKind)?
    var parameters: [OpenAPIParameter] = []
    var body: (content: Content, mediaTypes: [String], isRequired: Bool)?
    var answers: [(status: Int, content: Content)]
    var mediaTypes: [String]

    /// The operation with the parameters that it does not share with its path.
    func json(_ version: OpenAPIVersion, without shared: Set<OpenAPIParameter>) -> JSON {
        var json: JSONObject = [
            "description": .string(description), "operationId": .string(id), "tags": [.string(tag)],
        ]
        var parameters = self.parameters.filter { !shared.contains($0) }.sorted { $0.name < $1.name }
            .map { Self.reference($0, version) }
        switch version {
        case .v2:
            json["schemes"] = ["https"]
            json["consumes"] = .array((body?.mediaTypes ?? ["*/*"]).map(JSON.string))
            json["produces"] = .array(mediaTypes.map(JSON.string))
            if let body {
                var parameter: JSONObject = ["in": "body", "name": "body"]
                if body.isRequired { parameter["required"] = true }
                parameter["schema"] = Self.schema(body.content, version)
                parameters.insert(.object(parameter), at: 0)
            }
        case .v3:
            if let body {
                var requestBody: JSONObject = ["content": content(body.content, body.mediaTypes, version)]
                if body.isRequired { requestBody["required"] = true }
                json["requestBody"] = .object(requestBody)
            }
        }
        if !parameters.isEmpty { json["parameters"] = .array(parameters) }
        json["responses"] = .object(responses(version))
        if let action {
            json["x-kubernetes-action"] = .string(action.name)
            json["x-kubernetes-group-version-kind"] = OpenAPITypes.json(action.kind)
        }
        return .object(json)
    }

    /// A parameter where it is used: the old document has each once, for all.
    static func reference(_ parameter: OpenAPIParameter, _ version: OpenAPIVersion) -> JSON {
        version == .v2 ? ["$ref": .string("#/parameters/" + parameter.sharedName)] : parameter.json(version)
    }

    private func responses(_ version: OpenAPIVersion) -> JSONObject {
        var responses: JSONObject = [:]
        for answer in answers {
            var response: JSONObject = ["description": .string(Self.reason(answer.status))]
            switch version {
            case .v2: response["schema"] = Self.schema(answer.content, version)
            case .v3: response["content"] = content(answer.content, mediaTypes, version)
            }
            responses[String(answer.status)] = .object(response)
        }
        responses["401"] = ["description": "Unauthorized"]
        return responses
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 201: "Created"
        case 202: "Accepted"
        default: "OK"
        }
    }

    private func content(_ content: Content, _ mediaTypes: [String], _ version: OpenAPIVersion) -> JSON {
        let schema = Self.schema(content, version)
        return .object(JSONObject(uniqueMembers: mediaTypes.map { .init(key: $0, value: ["schema": schema]) }))
    }

    private static func schema(_ content: Content, _ version: OpenAPIVersion) -> JSON {
        switch content {
        case .type(let name): ["$ref": .string(version.referencePrefix + name)]
        case .text: ["type": "string"]
        }
    }

    /// The types that the operation refers to.
    var typeNames: [String] {
        var contents = answers.map(\.content)
        if let body { contents.append(body.content) }
        return contents.compactMap { if case .type(let name) = $0 { name } else { nil } }
    }
}

/// A path with its operations.
struct OpenAPIPath {
    var path: String
    /// Those in the path itself.
    var parameters: [OpenAPIParameter]
    var operations: [OpenAPIOperation]

    /// The name of the document that has this path alone: the path without its outer slashes.
    var documentName: String { path.split(separator: "/").joined(separator: "/") }

    func json(_ version: OpenAPIVersion) -> JSON {
        var shared = Set(operations.first?.parameters ?? [])
        for operation in operations.dropFirst() { shared.formIntersection(operation.parameters) }
        var json: JSONObject = [:]
        for operation in operations.sorted(by: { $0.method < $1.method }) {
            json[operation.method] = operation.json(version, without: shared)
        }
        let common = (parameters + shared).sorted { $0.name < $1.name }
        if !common.isEmpty {
            json["parameters"] = .array(common.map { OpenAPIOperation.reference($0, version) })
        }
        return .object(json)
    }
}
