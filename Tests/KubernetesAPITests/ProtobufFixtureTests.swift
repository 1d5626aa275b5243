import APIMachinery
import Foundation
import JSON
import KubernetesAPI
import TestSupport
import Testing

/// Objects with every field filled, as Kubernetes publishes them in JSON and in protobuf, where they are at hand.
struct ProtobufFixtureTests {
    static let folder: URL? = {
        if let folder = ProcessInfo.processInfo.environment["KUBERNETES_FIXTURES"] {
            return URL(fileURLWithPath: folder)
        }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = package.deletingLastPathComponent().appendingPathComponent("shared/wire-fixtures")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    struct Fixture {
        var name: String
        var schema: Schema
        var json: [UInt8]
        var protobuf: [UInt8]
    }

    static func fixtures() throws -> [Fixture] {
        guard let folder else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pb") }
        return try names.sorted().compactMap { file in
            let name = String(file.dropLast(3))
            // Kinds that no resource is made of have no type here.
            guard let schema = schema(of: name) else { return nil }
            return Fixture(
                name: name, schema: schema,
                json: Array(try Data(contentsOf: folder.appendingPathComponent(name + ".json"))),
                protobuf: Array(try Data(contentsOf: folder.appendingPathComponent(file))))
        }
    }

    private static func schema(of fixture: String) -> Schema? {
        let parts = fixture.split(separator: ".")
        let kind = parts.suffix(2).joined(separator: ".")
        let package = parts[0] == "rbac" ? "rbac" : String(parts[0])
        let names = ["io.k8s.api.\(package).\(kind)", "io.k8s.apimachinery.pkg.apis.meta.\(kind)"]
        return names.lazy.compactMap(TypeLibrary.builtIn.schema(named:)).first
    }

    @Test(.enabled(if: folder != nil, "set KUBERNETES_FIXTURES to a folder of GROUP.VERSION.KIND.json and .pb"))
    func everyFixtureGoesBothWaysByteForByte() throws {
        let fixtures = try Self.fixtures()
        #expect(!fixtures.isEmpty)
        for fixture in fixtures {
            let original = try JSON(parsing: fixture.json)
            let envelope = try ProtobufEnvelope(parsing: fixture.protobuf)
            let document = try ProtobufDecoder(fixture.schema).document(envelope)
            #expect(document.encoded == original.encoded, "\(fixture.name)")
            #expect(try ProtobufEncoder(fixture.schema).envelope(original) == fixture.protobuf, "\(fixture.name)")
        }
    }

    @Test(.enabled(if: folder != nil, "set KUBERNETES_FIXTURES to a folder of GROUP.VERSION.KIND.json and .pb"))
    func changedFixturesNeverTrap() throws {
        var generator = SeededGenerator(seed: 20_261_123)
        for fixture in try Self.fixtures() {
            let raw = try ProtobufEnvelope(parsing: fixture.protobuf).raw
            ProtobufFuzzTests.mutate(Array(raw), as: fixture.schema, times: 40, &generator)
        }
    }
}

/// The decoder on bytes that nobody meant to send.
struct ProtobufFuzzTests {
    static let seed = UInt64(truncatingIfNeeded: ProcessInfo.processInfo.environment["SEED"].flatMap(Int.init) ?? 42)

    static let pod: JSON = [
        "kind": "Pod", "apiVersion": "v1",
        "metadata": [
            "name": "p", "namespace": "d", "creationTimestamp": "2026-01-02T03:04:05Z", "labels": ["a": "1", "b": "2"],
            "managedFields": [["manager": "m", "fieldsV1": ["f:spec": [:]]]],
        ],
        "spec": [
            "volumes": [["name": "v", "emptyDir": ["sizeLimit": "1Gi"]]],
            "containers": [
                [
                    "name": "c", "image": "i", "resources": ["limits": ["cpu": "100m"]],
                    "livenessProbe": ["httpGet": ["port": "web"], "periodSeconds": 3],
                ]
            ],
        ],
        "status": ["phase": "Running", "startTime": "2026-01-02T03:04:05Z"],
    ]

    /// Changes, cuts and repeats bytes; the decoder may refuse or read them, and what it reads can be written.
    static func mutate(_ message: [UInt8], as schema: Schema, times: Int, _ generator: inout SeededGenerator) {
        let decoder = ProtobufDecoder(schema)
        for _ in 0..<times {
            var bytes = message
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF, 10, 18].randomElement(using: &generator) ?? 0
                case 2: bytes.removeSubrange(place...)
                case 3: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
                default: bytes.remove(at: place)
                }
            }
            guard let document = try? decoder.document(bytes[...]) else { continue }
            do {
                let again = try decoder.document(try ProtobufEncoder(schema).message(document)[...])
                #expect(again == document, "bytes: \(bytes)")
            } catch {
                Issue.record("\(error) of \(document), bytes: \(bytes)")
            }
        }
    }

    @Test func changedMessagesNeverTrap() throws {
        let schema = try #require(TypeLibrary.builtIn.schema(named: "io.k8s.api.core.v1.Pod"))
        var document = Self.pod
        _ = try schema.canonicalize(&document)
        print("seed \(Self.seed)")
        var generator = SeededGenerator(seed: Self.seed)
        Self.mutate(try ProtobufEncoder(schema).message(document), as: schema, times: 3000, &generator)
    }

    @Test func noiseNeverTraps() throws {
        print("seed \(Self.seed)")
        var generator = SeededGenerator(seed: Self.seed)
        for name in TypeLibrary.builtIn.names {
            guard let schema = TypeLibrary.builtIn.schema(named: name), ProtobufDecoder(schema).isAvailable else {
                continue
            }
            for _ in 0..<8 {
                let count = Int.random(in: 0..<64, using: &generator)
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...40, using: &generator) }
                _ = try? ProtobufDecoder(schema).document(bytes[...])
                _ = try? ProtobufEnvelope(parsing: ProtobufEnvelope.magic + bytes)
            }
        }
    }

    @Test func schemasTooDeepAreRefused() throws {
        let name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
        let schema = try #require(TypeLibrary.builtIn.schema(named: name))
        func nested(_ depth: Int) throws -> [UInt8] {
            var document: JSON = ["type": "string"]
            for _ in 0..<depth { document = ["not": document] }
            return try ProtobufEncoder(schema).message(document)
        }
        let depth = ProtobufDecoder.maximumDepth
        #expect(throws: Never.self) { try ProtobufDecoder(schema).document(try nested(depth - 1)[...]) }
        #expect(throws: ProtobufError.self) { try ProtobufDecoder(schema).document(try nested(depth)[...]) }
    }

    @Test func aPodGoesBothWays() throws {
        let schema = try #require(TypeLibrary.builtIn.schema(named: "io.k8s.api.core.v1.Pod"))
        var document = Self.pod
        _ = try schema.canonicalize(&document)
        let bytes = try ProtobufEncoder(schema).envelope(document)
        let again = try ProtobufDecoder(schema).document(try ProtobufEnvelope(parsing: bytes))
        #expect(again.encoded == document.encoded)
    }
}
