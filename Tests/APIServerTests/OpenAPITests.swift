import APIMachinery
import JSON
import KubernetesAPI
import Synchronization
import Testing

@testable import APIServer

@Suite struct OpenAPITests {
    private static let contents = ResourceRegistry(
        BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
    ).contents

    private func document(_ group: String, _ version: String) throws -> JSON {
        let group = try #require(Self.contents.group(named: group))
        return try JSON(parsing: OpenAPIDocument.version(version, of: group).encoded)
    }

    /// Every `$ref` in a document.
    private func references(_ value: JSON, into found: inout Set<String>) {
        switch value {
        case .object(let object):
            for member in object.members {
                if member.key == "$ref", let target = member.value.stringValue {
                    found.insert(target)
                } else {
                    references(member.value, into: &found)
                }
            }
        case .array(let items): for item in items { references(item, into: &found) }
        default: break
        }
    }

    @Test(arguments: BuiltInResources.groupVersions)
    func definesAllItRefersTo(groupVersion: GroupVersion) throws {
        let document = try document(groupVersion.group, groupVersion.version)
        var found: Set<String> = []
        references(document, into: &found)
        let defined = Set((document["components"]?["schemas"]?.objectValue ?? [:]).keys)
        for target in found { #expect(defined.contains(target.replacing("#/components/schemas/", with: ""))) }
    }

    @Test func definesAllThatTheOldDocumentRefersTo() throws {
        let document = try JSON(parsing: OpenAPIDocument.whole(Self.contents).encoded)
        var found: Set<String> = []
        references(document, into: &found)
        let types = document["definitions"]?.objectValue ?? [:]
        let parameters = document["parameters"]?.objectValue ?? [:]
        for target in found {
            let name = String(target.split(separator: "/").last ?? "")
            #expect(target.hasPrefix("#/parameters/") ? parameters[name] != nil : types[name] != nil, "\(target)")
        }
    }

    @Test func putsSiblingsOfReferencesAroundThem() throws {
        let spec = try document("apps", "v1")["components"]?["schemas"]?["io.k8s.api.apps.v1.DeploymentSpec"]
        let strategy = spec?["properties"]?["strategy"]
        #expect(strategy?["$ref"] == nil)
        #expect(strategy?["allOf"]?[0]?["$ref"] != nil)
        #expect(strategy?["x-kubernetes-patch-strategy"]?.stringValue == "retainKeys")
    }

    @Test func sharesParametersOfAllOperationsOfAPath() throws {
        let path = try document("apps", "v1")["paths"]?["/apis/apps/v1/namespaces/{namespace}/deployments"]
        let shared = (path?["parameters"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        #expect(shared == ["namespace", "pretty"])
    }

    @Test(arguments: [
        ("", "core"), ("apps", "apps"), ("rbac.authorization.k8s.io", "rbacAuthorization"),
        ("flowcontrol.apiserver.k8s.io", "flowcontrolApiserver"), ("stable.example.com", "stableExampleCom"),
    ])
    func namesGroupsInOperations(group: String, name: String) {
        #expect(OpenAPIPaths.identifier(ofGroup: group) == name)
    }

    @Test(
        arguments: [
            (nil, false), ("*/*", false), ("application/com.github.proto-openapi.spec.v2@v1.0+protobuf", true),
            ("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", true),
            ("application/vnd.x,application/json", false),
        ] as [(String?, Bool)])
    func agreesOnProtobuf(accept: String?, isProtobuf: Bool) {
        #expect(OpenAPIForm(accept: accept, .v2)?.isProtobuf == isProtobuf)
    }

    @Test func refusesFormsThatItHasNot() {
        #expect(OpenAPIForm(accept: "text/html", .v2) == nil)
        #expect(OpenAPIForm(accept: "application/yaml", .v3) == nil)
    }

    @Test func writesProtobufByFieldNumbers() {
        let schema: JSON = ["type": "string", "x-kubernetes-list-type": "set"]
        // type = 22 {value = 1}, vendor_extension = 31 {name = 1, value = 2 {yaml = 2}}
        let expected: [UInt8] =
            [0xB2, 0x01, 8, 0x0A, 6] + Array("string".utf8) + [0xFA, 0x01, 34, 0x0A, 22]
            + Array("x-kubernetes-list-type".utf8) + [0x12, 8, 0x12, 6] + Array("\"set\"\n".utf8)
        #expect(GnosticEncoder.encode(schema, as: .schema2) == expected)
    }

    @Test func makesADocumentOnceOfTheSame() async throws {
        let cache = OpenAPICache()
        let key = OpenAPICache.Key(path: "v2", mediaType: "application/json")
        let made = Atomic<UInt8>(0)
        for fingerprint in ["a", "a", "b"] {
            _ = try await cache.document(key, of: fingerprint) { [made.add(1, ordering: .relaxed).newValue] }
        }
        #expect(made.load(ordering: .relaxed) == 2)
        cache.keep(hash: "h", key, of: "b")
        #expect(cache.hash(key, of: "b") == "h")
        #expect(cache.hash(key, of: "a") == nil)
    }
}
