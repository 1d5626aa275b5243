import APIMachinery
import HTTPTransport
import JSON
import KubernetesAPI
import Logging
import Storage
import Testing

@testable import APIServer

/// What the registry and the documents have of custom resources while these come, change and go.
@Suite struct CustomResourceTests {
    private let storage: InMemoryStorage
    private let server: APIServer

    init() throws {
        storage = try InMemoryStorage()
        server = try Self.server(over: storage)
    }

    private static func server(over storage: InMemoryStorage) throws -> APIServer {
        try APIServer(
            storage: storage,
            registry: ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))),
            authenticator: Authenticator(), authorizer: Authorizer(mode: .alwaysAllow),
            options: ServerOptions(logger: Logger(label: "test")),
            environment: ServerEnvironment(now: { 0 }, random: { SystemRandomNumberGenerator.number() }))
    }

    /// Follows definitions while a body runs.
    private func following(_ body: () async throws -> Void) async throws {
        let server = server
        let task = Task { try await server.followCustomResources {} }
        defer { task.cancel() }
        try await body()
    }

    private func eventually(_ remark: Comment, _ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try !condition() {
            try #require(ContinuousClock.now < deadline, remark)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    // MARK: Definitions and objects

    private static let definitions = GroupVersion(group: "apiextensions.k8s.io", version: "v1")

    private func writer(of groupVersion: GroupVersion, _ plural: String) throws -> ObjectWriter {
        let resource = try #require(server.registry.contents.resource(groupVersion, plural))
        let context = RequestContext(creationOf: resource, in: "n", by: .server)
        return ObjectWriter(server, resource, context, isDryRun: false)
    }

    private func definition(_ plural: String, group: String, kind: String = "Thing", version: JSONObject = [:]) -> JSON
    {
        var row = Self.version()
        for member in version { row[member.key] = member.value }
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(plural).\(group)")],
            "spec": [
                "group": .string(group), "scope": "Cluster",
                "names": [
                    "plural": .string(plural), "singular": .string(plural), "kind": .string(kind),
                    "listKind": .string(kind + "List"),
                ],
                "versions": [.object(row)],
            ],
        ]
    }

    private static func version(color: JSON = ["type": "string"], description: String = "A thing.") -> JSONObject {
        let spec: JSON = ["type": "object", "properties": ["color": color]]
        let schema: JSON = [
            "type": "object", "description": .string(description), "properties": ["spec": spec],
        ]
        return ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema]]
    }

    private func create(_ plural: String, group: String, kind: String = "Thing") async throws {
        _ = try await writer(of: Self.definitions, "customresourcedefinitions")
            .create(definition(plural, group: group, kind: kind))
    }

    /// Changes members of the version of a definition.
    private func change(_ plural: String, group: String, version: JSONObject) async throws {
        let spec = definition(plural, group: group, version: version)["spec"]
        let plan = UpdatePlan { current in
            var changed = current ?? [:]
            changed["spec"] = spec
            return changed
        }
        _ = try await writer(of: Self.definitions, "customresourcedefinitions").update("\(plural).\(group)", plan)
    }

    private func remove(_ name: String) async throws {
        _ = try await writer(of: Self.definitions, "customresourcedefinitions").delete(name, DeleteOptions())
    }

    private func stored(_ name: String) throws -> JSON? {
        let key = ResourceKey(group: Self.definitions.group, resource: "customresourcedefinitions")
        return try storage.snapshot[ObjectKey(resource: key, path: name)].map { try JSON(parsing: $0.bytes) }
    }

    private func isServed(_ plural: String, group: String) -> Bool {
        server.registry.contents.resource(GroupVersion(group: group, version: "v1"), plural) != nil
    }

    // MARK: Coming and going

    @Test func isServedWhenItIsEstablished() async throws {
        try await following {
            for index in 0..<20 {
                try await create("things\(index)", group: "a.test", kind: "Thing\(index)")
                try await eventually("established") {
                    guard try stored("things\(index).a.test")?.isDefinitionConditionTrue("Established") == true else {
                        return false
                    }
                    #expect(isServed("things\(index)", group: "a.test"), "whoever sees the condition can go on")
                    return true
                }
            }
        }
    }

    @Test func leavesNothingBehind() async throws {
        try await following {
            let version = GroupVersion(group: "a.test", version: "v1")
            try await create("things", group: "a.test")
            try await eventually("served") { isServed("things", group: "a.test") }
            let resource = server.registry.contents.resource(version, "things")
            _ = try await writer(of: version, "things").create(["metadata": ["name": "one"], "spec": ["color": "red"]])
            let labels = RequestLabels(verb: .get, resource: resource)
            server.metrics.record(labels, of: .server, code: 200, seconds: 0, byteCount: 0)
            _ = server.watchMetrics.sizes(of: GroupVersionKind(group: "a.test", version: "v1", kind: "Thing"))
            let form = DiscoveryForm(
                form: OutputForm(mediaType: .json, transform: .none, isPretty: false), isAggregated: true)
            _ = try server.discoveryCache.entry(.init(path: "apis", form: form), of: server.registry.contents) {
                ByteSegments()
            }

            try await remove("things.a.test")
            try await eventually("gone") { try stored("things.a.test") == nil && !isServed("things", group: "a.test") }
            #expect(!storage.snapshot.resources.contains(ResourceKey(group: "a.test", resource: "things")))
            #expect(server.registry.contents.group(named: "a.test") == nil)
            #expect(server.metrics.snapshot.allSatisfy { $0.labels.groupVersion.group != "a.test" })
            #expect(server.watchMetrics.snapshot.isEmpty)
        }
    }

    @Test func givesNamesOnToWhoWaitsForThem() async throws {
        try await following {
            try await create("things", group: "a.test", kind: "Thing")
            try await eventually("served") { isServed("things", group: "a.test") }
            try await create("others", group: "a.test", kind: "Thing")
            try await eventually("judged") {
                try stored("others.a.test")?.definitionCondition("NamesAccepted")?["status"] == "False"
            }
            #expect(!isServed("others", group: "a.test"))
            try await remove("things.a.test")
            try await eventually("the name is free") { isServed("others", group: "a.test") }
        }
    }

    // MARK: What clients are told

    private func source(_ path: String) throws -> OpenAPISource? {
        try server.openAPISource(path, server.registry.contents)
    }

    @Test func addressesOfDocumentsChangeWithThem() async throws {
        try await following {
            for plural in ["things", "others"] { try await create(plural, group: "\(plural).test") }
            try await eventually("served") {
                isServed("things", group: "things.test") && isServed("others", group: "others.test")
            }
            let paths = ["apis/things.test/v1", "apis/others.test/v1"]
            let before = try paths.map { try OpenAPISource.hash(of: #require(try source($0))) }
            let contents = server.registry.contents
            try await change("things", group: "things.test", version: Self.version(description: "Something."))
            try await eventually("changed") { server.registry.contents !== contents }
            let after = try paths.map { try OpenAPISource.hash(of: #require(try source($0))) }
            #expect(before[0] != after[0])
            #expect(before[1] == after[1])
            let document = try JSON(parsing: try #require(try source(paths[0])).make().encoded)
            #expect(document["components"]?["schemas"]?["test.things.v1.Thing"]?["description"] == "Something.")
        }
    }

    @Test func aDocumentOfOneResourceIsSharedByAllStates() async throws {
        try await following {
            try await create("things", group: "things.test")
            try await eventually("served") { isServed("things", group: "things.test") }
            let group = try #require(server.registry.contents.group(named: "things.test"))
            try await create("others", group: "others.test")
            try await eventually("served") { isServed("others", group: "others.test") }
            #expect(server.registry.contents.group(named: "things.test") === group)
            let documents = DiscoveryDocuments(contents: server.registry.contents)
            let text = try JSON(parsing: documents.encodedAggregated(ofCore: false))
            #expect(text == documents.aggregated(ofCore: false))
            let names = (text["items"]?.arrayValue ?? []).compactMap { $0["metadata"]?["name"]?.stringValue }
            #expect(names.suffix(2) == ["others.test", "things.test"])
        }
    }

    // MARK: Objects of an older schema

    @Test func onlyWhatANewSchemaChangesIsMadeAnew() async throws {
        try await following {
            let version = GroupVersion(group: "a.test", version: "v1")
            try await create("things", group: "a.test")
            try await eventually("served") { isServed("things", group: "a.test") }
            for (name, spec) in [("plain", [:]), ("red", ["color": "red"])] as [(String, JSON)] {
                _ = try await writer(of: version, "things").create(["metadata": ["name": .string(name)], "spec": spec])
            }
            let before = server.registry.contents
            let color: JSON = ["type": "string", "default": "blue"]
            try await change("things", group: "a.test", version: Self.version(color: color))
            try await eventually("changed") { server.registry.contents !== before }
            let resource = try #require(server.registry.contents.resource(version, "things"))
            func object(_ name: String) throws -> StoredObject {
                try #require(storage.snapshot[ObjectKey(resource: resource.key, path: name)])
            }
            #expect(try resource.isCurrent(object("red")))
            #expect(try !resource.isCurrent(object("plain")))
            let form = OutputForm(mediaType: .json, transform: .none, isPretty: false)
            let representation = Representation(resource: resource, form: form, now: 0)
            let list = try JSON(parsing: representation.wholeList(of: storage.snapshot, prefix: "").joined())
            #expect(list["items"]?.arrayValue?.map { $0["spec"]?["color"] } == ["blue", "red"])
            let body = try representation.body(of: object("red")).joined()
            #expect(try body.elementsEqual(object("red").bytes + [UInt8(ascii: "\n")]))
        }
    }

    @Test func aChangeOfColumnsMakesNoObjectOld() async throws {
        try await following {
            try await create("things", group: "a.test")
            try await eventually("served") { isServed("things", group: "a.test") }
            let before = server.registry.contents
            let columns: JSON = [["name": "Color", "type": "string", "jsonPath": ".spec.color"]]
            try await change("things", group: "a.test", version: ["additionalPrinterColumns": columns])
            try await eventually("changed") { server.registry.contents !== before }
            let resource = server.registry.contents.resource(GroupVersion(group: "a.test", version: "v1"), "things")
            #expect(resource?.definition.schemaRevision == .zero)
            #expect(resource?.version.columns.map(\.name) == ["Name", "Color"])
        }
    }
}

extension SystemRandomNumberGenerator {
    fileprivate static func number() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// How schemas of custom resources stand in the documents (the CRD OpenAPI builder of Kubernetes).
@Suite struct PublishedSchemaTests {
    struct Row: Sendable {
        var remark: String
        var schema: JSON
        /// The member `a` in OpenAPI 3 and 2.
        var published: JSON
        var old: JSON
    }

    @Test(arguments: [
        Row(
            remark: "integers or strings", schema: ["x-kubernetes-int-or-string": true],
            published: [
                "x-kubernetes-int-or-string": true, "anyOf": [["type": "integer"], ["type": "string"]],
            ], old: ["x-kubernetes-int-or-string": true]),
        Row(
            remark: "other alternatives go along with those",
            schema: ["x-kubernetes-int-or-string": true, "anyOf": [["pattern": "a"]]],
            published: [
                "x-kubernetes-int-or-string": true, "anyOf": [["pattern": "a"]],
                "allOf": [["anyOf": [["type": "integer"], ["type": "string"]]]],
            ], old: ["x-kubernetes-int-or-string": true]),
        Row(
            remark: "nullable values have no type in the old form",
            schema: ["type": "string", "nullable": true, "default": "b"],
            published: ["type": "string", "nullable": true, "default": "b"], old: [:]),
        Row(
            remark: "nor are they required there",
            schema: [
                "type": "object", "required": ["b", "c"],
                "properties": ["b": ["type": "string", "nullable": true], "c": ["type": "string"]],
            ],
            published: [
                "type": "object", "required": ["b", "c"],
                "properties": ["b": ["type": "string", "nullable": true], "c": ["type": "string"]],
            ], old: ["type": "object", "required": ["c"], "properties": ["b": [:], "c": ["type": "string"]]]),
        Row(
            remark: "objects of any members have no members in the old form",
            schema: [
                "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": ["b": ["type": "string"]],
            ],
            published: [
                "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": ["b": ["type": "string"]],
            ], old: ["x-kubernetes-preserve-unknown-fields": true]),
        Row(
            remark: "within lists and maps",
            schema: ["type": "array", "items": ["type": "object", "additionalProperties": ["nullable": true]]],
            published: ["type": "array", "items": ["type": "object", "additionalProperties": ["nullable": true]]],
            old: ["type": "array", "items": ["type": "object", "additionalProperties": [:]]]),
    ])
    func writesMembers(row: Row) {
        let schema: JSON = ["type": "object", "properties": ["a": row.schema]]
        for (version, expected) in [(OpenAPIVersion.v3, row.published), (.v2, row.old)] {
            let definition = PublishedSchema(version: version).definition(schema)
            #expect(definition["properties"]?["a"] == expected, "\(row.remark), \(version)")
        }
    }

    @Test func everyObjectHasTypeAndMetadata() {
        for version in [OpenAPIVersion.v2, .v3] {
            let definition = PublishedSchema(version: version).definition(["type": "object"])
            let properties = definition["properties"]
            #expect(properties?["kind"]?["type"] == "string")
            #expect(properties?["apiVersion"]?["description"]?.stringValue?.isEmpty == false)
            let target = version.referencePrefix + "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
            let metadata = properties?["metadata"]
            #expect((metadata?["$ref"] ?? metadata?["allOf"]?[0]?["$ref"])?.stringValue == target)
        }
    }

    @Test func anObjectOfSomeKindHasThemToo() {
        let schema: JSON = [
            "type": "object",
            "properties": ["a": ["type": "object", "x-kubernetes-embedded-resource": true, "required": ["kind"]]],
        ]
        let member = PublishedSchema(version: .v3).definition(schema)["properties"]?["a"]
        #expect(member?["required"] == ["kind", "apiVersion"])
        #expect(member?["properties"]?["metadata"] != nil)
    }

    @Test func aSchemaOfAnythingSaysNothingInTheOldForm() {
        let schema: JSON = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        #expect(PublishedSchema(version: .v2).definition(schema) == ["type": "object"])
        #expect(PublishedSchema(version: .v2).definition([:]) == ["type": "object"])
    }
}

@Suite struct DefinitionNamesTests {
    private static func names(_ plural: String, kind: String, shortNames: [String] = []) -> JSON {
        [
            "plural": .string(plural), "singular": .string(plural), "kind": .string(kind),
            "listKind": .string(kind + "List"), "shortNames": .array(shortNames.map(JSON.string)),
        ]
    }

    @Test func aNameIsItsOwnersUntilThatGivesItUp() {
        var names = DefinitionNames()
        let first = Self.names("a", kind: "A", shortNames: ["x"])
        names.give(first, to: "first", before: [:])
        #expect(names.judge(first, accepted: first, of: "first").conflict == nil)
        let second = Self.names("b", kind: "B", shortNames: ["x"])
        #expect(names.judge(second, accepted: [:], of: "second").conflict?.reason == "ShortNamesConflict")
        names.give(Self.names("a", kind: "A"), to: "first", before: first)
        #expect(names.judge(second, accepted: [:], of: "second").conflict == nil)
        names.give([:], to: "first", before: Self.names("a", kind: "A"))
        #expect(names.isEmpty)
    }
}
