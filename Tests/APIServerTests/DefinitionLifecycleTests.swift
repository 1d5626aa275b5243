import APIMachinery
import HTTPTransport
import JSON
import KubernetesAPI
import Logging
import Storage
import Testing

@testable import APIServer

/// How definitions of custom resources come and go, step by step.
@Suite struct DefinitionLifecycleTests {
    private let storage: InMemoryStorage
    private let server: APIServer

    init() throws {
        storage = try InMemoryStorage()
        server = try APIServer(
            storage: storage,
            registry: ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))),
            authenticator: Authenticator(), authorizer: Authorizer(mode: .alwaysAllow),
            options: ServerOptions(logger: Logger(label: "test")),
            environment: ServerEnvironment(now: { 0 }, random: { 7 }))
    }

    private func writer(_ resource: ServedResource) -> ObjectWriter {
        let context = RequestContext(creationOf: resource, in: nil, by: .server)
        return ObjectWriter(server, resource, context, isDryRun: false)
    }

    private var definitions: ServedResource {
        get throws { try #require(server.registry.contents.storageResource(DefinitionDeletion.resource)) }
    }

    private func custom(_ plural: String, _ version: String = "v1", group: String = "x.test") throws -> ServedResource {
        let groupVersion = GroupVersion(group: group, version: version)
        return try #require(server.registry.contents.resource(groupVersion, plural))
    }

    /// - Parameter changes: to the spec.
    private func define(
        _ kind: String, group: String = "x.test", metadata: JSON = [:], _ changes: JSON = [:]
    ) async throws {
        let plural = kind.lowercased() + "s"
        var spec: JSON = [
            "group": .string(group), "scope": "Cluster",
            "names": ["plural": .string(plural), "kind": .string(kind)],
            "versions": [
                ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": Self.schema]]
            ],
        ]
        for member in changes.objectValue ?? [:] { spec[member.key] = member.value }
        var metadata = metadata
        metadata["name"] = .string(plural + "." + group)
        var definition: JSON = [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": metadata,
            "spec": spec,
        ]
        try definitions.strategy.applyDefaults(to: &definition)
        _ = try await writer(definitions).create(definition)
    }

    private static let schema: JSON = [
        "type": "object", "properties": ["spec": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
    ]

    /// Changes the only version of a definition, as an update would.
    private func changeVersion(of name: String, _ change: (inout JSON) -> Void) async throws {
        try await writer(definitions).modify(name) { definition in
            guard var version = definition["spec"]?["versions"]?[0] else { return }
            change(&version)
            definition["spec"]?["versions"] = [version]
            definition["metadata"]?["generation"] = 2
        }
    }

    private func stored(_ name: String) throws -> JSON? {
        try storage.snapshot[writer(definitions).key(name)].map { try JSON(parsing: $0.bytes) }
    }

    private func condition(_ type: String, of name: String) throws -> JSON? {
        try stored(name)?.definitionCondition(type)
    }

    private func settle(_ controller: inout CustomResourceController) async throws {
        for _ in 0..<4 {
            let events = try storage.events(of: CustomResourceController.key, after: storage.compactedRevision)
            _ = try await controller.synchronize(Set(events.map(\.object.key.path)))
        }
    }

    @Test func aResourceGoesWithItsDefinition() async throws {
        var controller = CustomResourceController(server)
        try await define("Egg")
        try await settle(&controller)
        let eggs = try custom("eggs")
        let egg: JSON = [
            "apiVersion": "x.test/v1", "kind": "Egg", "metadata": ["name": "a", "finalizers": ["x.test/wait"]],
        ]
        _ = try await writer(eggs).create(egg)

        _ = try await writer(definitions).delete("eggs.x.test", DeleteOptions())
        try await settle(&controller)
        #expect(try condition("Terminating", of: "eggs.x.test")?["reason"] == "InstanceDeletionInProgress")
        let going = try #require(storage.snapshot[writer(eggs).key("a")])
        #expect(MetadataFields(of: try JSON(parsing: going.bytes)).isBeingDeleted)

        let refusal = await #expect(throws: APIStatus.self) {
            var other = egg
            other["metadata"] = ["name": "b"]
            _ = try await self.writer(self.custom("eggs")).create(other)
        }
        #expect(refusal?.code == 405)
        #expect(refusal?.message == "create not allowed while custom resource definition is terminating")

        try await writer(custom("eggs")).modify("a") { $0.updateMetadata { $0.finalizers = [] } }
        _ = try await writer(custom("eggs")).delete("a", DeleteOptions())
        try await settle(&controller)
        #expect(try stored("eggs.x.test") == nil)
        #expect(server.registry.contents.storageResource(GroupResource(group: "x.test", resource: "eggs")) == nil)
        let events = try storage.events(of: definitions.key, after: .zero)
        let last = try JSON(parsing: try #require(events.last).object.bytes)
        #expect(events.last?.kind == .deleted)
        #expect(last.definitionCondition("Terminating")?["reason"] == "InstanceDeletionCompleted")
    }

    @Test func objectsGoThoughNoVersionIsServed() async throws {
        var controller = CustomResourceController(server)
        try await define("Egg")
        try await settle(&controller)
        let eggs = try custom("eggs")
        _ = try await writer(eggs).create(["apiVersion": "x.test/v1", "kind": "Egg", "metadata": ["name": "a"]])
        try await changeVersion(of: "eggs.x.test") { $0["served"] = false }
        try await settle(&controller)
        _ = try await writer(definitions).delete("eggs.x.test", DeleteOptions())
        try await settle(&controller)
        #expect(try stored("eggs.x.test") == nil)
        #expect(storage.snapshot[writer(eggs).key("a")] == nil)
    }

    @Test func oneThatWasNeverEstablishedSaysSo() async throws {
        var controller = CustomResourceController(server)
        try await define("Egg")
        try await settle(&controller)
        try await define("Roe", ["names": ["plural": "roes", "kind": "Egg", "listKind": "RoeList"]])
        try await settle(&controller)
        #expect(try condition("NamesAccepted", of: "roes.x.test")?["reason"] == "KindConflict")
        _ = try await writer(definitions).delete("roes.x.test", DeleteOptions())
        try await settle(&controller)
        #expect(try stored("roes.x.test") == nil)
        let events = try storage.events(of: definitions.key, after: .zero)
        let last = try JSON(parsing: try #require(events.last).object.bytes)
        #expect(last.definitionCondition("Terminating")?["reason"] == "NeverEstablished")
    }

    @Test func approvalIsACondition() async throws {
        var controller = CustomResourceController(server)
        try await define(
            "Egg", group: "x.k8s.io", metadata: ["annotations": ["api-approved.kubernetes.io": "unapproved, a test"]])
        try await settle(&controller)
        let condition = try condition("KubernetesAPIApprovalPolicyConformant", of: "eggs.x.k8s.io")
        #expect(condition?["status"] == "False")
        #expect(condition?["reason"] == "UnapprovedAnnotation")
        #expect(condition?["message"] == "not approved: \"unapproved, a test\"")
    }

    @Test func conversionByWebhookIsRefusedAndTheStoredVersionServed() async throws {
        var controller = CustomResourceController(server)
        let versions: JSON = [
            ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": Self.schema]],
            ["name": "v2", "served": true, "storage": false, "schema": ["openAPIV3Schema": Self.schema]],
        ]
        let webhook: JSON = ["clientConfig": ["url": "https://x.test/"], "conversionReviewVersions": ["v1"]]
        try await define(
            "Egg", ["versions": versions, "conversion": ["strategy": "Webhook", "webhook": webhook]])
        try await settle(&controller)
        let egg: JSON = ["apiVersion": "x.test/v1", "kind": "Egg", "metadata": ["name": "a"]]
        _ = try await writer(custom("eggs")).create(egg)
        let refusal = #expect(throws: APIStatus.self) {
            _ = try self.custom("eggs", "v2").storageDocument(["apiVersion": "x.test/v2", "kind": "Egg"])
        }
        #expect(refusal?.code == 501)
        #expect(
            refusal?.message
                == "conversion webhook for x.test/v2, Kind=Egg failed: this server does not call conversion webhooks")
    }

    @Test func whatStoredObjectsAreSelectedByFollowsTheDefinition() async throws {
        var controller = CustomResourceController(server)
        try await define("Egg")
        try await settle(&controller)
        _ = try await writer(custom("eggs")).create([
            "apiVersion": "x.test/v1", "kind": "Egg", "metadata": ["name": "a"], "spec": ["size": "L"],
        ])
        try await changeVersion(of: "eggs.x.test") { $0["selectableFields"] = [["jsonPath": ".spec.size"]] }
        try await settle(&controller)
        let eggs = try custom("eggs")
        let object = try #require(storage.snapshot[writer(eggs).key("a")])
        #expect(eggs.attributes(of: object).fields == ["spec.size": "L"])
    }

    @Test func namesOfOneDefinitionAreToldApart() {
        var names = DefinitionNames()
        names.give(
            ["plural": "apples", "singular": "apple", "shortNames": ["ap", "a"], "kind": "Apple"], to: "apples",
            before: [:])
        let verdict = names.judge(
            ["plural": "pears", "singular": "pear", "shortNames": ["ap", "a", "p"], "kind": "Pear"], accepted: [:],
            of: "pears")
        #expect(verdict.conflict?.reason == "ShortNamesConflict")
        #expect(verdict.conflict?.message == "[\"ap\" is already in use, \"a\" is already in use]")
        #expect(verdict.accepted["shortNames"] == nil)
        let own: JSON = ["plural": "pears", "singular": "pear", "kind": "Pear", "listKind": "PearList"]
        names.give(own, to: "pears", before: [:])
        #expect(names.judge(own, accepted: own, of: "pears").conflict == nil)
        var moved = own
        moved["singular"] = "pears"
        #expect(names.judge(moved, accepted: own, of: "pears").conflict?.reason == "SingularConflict")
    }
}
