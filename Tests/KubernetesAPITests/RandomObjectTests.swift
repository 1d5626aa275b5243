import APIMachinery
import Foundation
import JSON
import KubernetesAPI
import TestSupport
import Testing

/// Random objects of every kind in every version: what the machinery does to them loses and invents nothing.
@Suite struct RandomObjectTests {
    /// `SEED`, or another one each time; every test prints it.
    static let seed =
        ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(UInt32.max))

    struct Kind: Sendable {
        var kind: GroupVersionKind
        var schema: Schema
    }

    static let kinds: [Kind] = BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:))
        .flatMap { definition in
            definition.versions.map { version in
                let kind = GroupVersionKind(
                    group: definition.group, version: version.name, kind: definition.names.kind)
                return Kind(kind: kind, schema: version.schema)
            }
        }

    /// Calls `body` with some objects of every kind as a client sends them.
    private func forEachObject(
        count: Int = 2, _ body: (Kind, JSON, inout SeededGenerator, Comment) throws -> Void
    ) throws {
        print("seed \(Self.seed)")
        var random = SeededGenerator(seed: Self.seed)
        #expect(Self.kinds.count > 50)
        for kind in Self.kinds {
            for _ in 0..<count {
                let object = RandomObject.make(kind.kind, kind.schema, budget: 60, using: &random)
                try body(kind, object, &random, "seed \(Self.seed), \(kind.kind): \(object)")
            }
        }
    }

    private func canonical(_ object: JSON, _ kind: Kind) throws -> JSON {
        var object = object
        #expect(try kind.schema.canonicalize(&object) == [])
        return object
    }

    @Test func everyFieldComesBackFromTheStore() throws {
        try forEachObject { kind, object, _, story in
            let stored = try JSON(parsing: try canonical(object, kind).encoded)
            #expect(object.missing(from: stored) == [], story)
            #expect(try canonical(stored, kind).encoded == stored.encoded, story)
        }
    }

    @Test func everyFieldComesBackFromProtobuf() throws {
        try forEachObject { kind, object, _, story in
            guard ProtobufDecoder(kind.schema).isAvailable else { return }
            let document = try canonical(object, kind)
            let envelope = try ProtobufEncoder(kind.schema).envelope(document)
            let back = try ProtobufDecoder(kind.schema).document(try ProtobufEnvelope(parsing: envelope))
            #expect(back.encoded == document.encoded, story)
        }
    }

    @Test func theDifferenceOfTwoObjectsAsAMergePatchGivesTheSecond() throws {
        try forEachObject { kind, object, random, story in
            let other = RandomObject.make(kind.kind, kind.schema, budget: 60, using: &random)
            let patch = object.mergePatch(to: other)
            #expect(object.applying(mergePatch: patch) == other, story)
            #expect(other.applying(mergePatch: patch) == other, story)
        }
    }

    @Test func theDifferenceOfTwoObjectsAsAJSONPatchGivesTheSecond() throws {
        try forEachObject { kind, object, random, story in
            let other = RandomObject.make(kind.kind, kind.schema, budget: 60, using: &random)
            let patch = JSONPatch(object.operations(to: other))
            let patched = try patch.apply(to: object)
            #expect(patched == other, story)
        }
    }

    @Test func anObjectAsAStrategicMergePatchOfItselfChangesNothing() throws {
        try forEachObject { kind, object, _, story in
            let document = try canonical(object, kind)
            let patched = try kind.schema.applyStrategicMergePatch(document, to: document)
            #expect(try canonical(patched, kind).encoded == document.encoded, story)
        }
    }

    private struct OneVersion: FieldVersions {
        var kind: Kind

        func schema(of apiVersion: String) -> Schema? {
            apiVersion == kind.kind.groupVersion.description ? kind.schema : nil
        }
        func convert(_ document: JSON, from source: String, to target: String) throws -> JSON { document }
    }

    @Test func whatIsAppliedTwiceChangesOnce() throws {
        try forEachObject { kind, object, _, story in
            let management = FieldManagement(
                manager: "m", apiVersion: kind.kind.groupVersion.description, subresource: "",
                time: "2026-01-02T03:04:05Z", filter: nil, versions: OneVersion(kind: kind), reconciles: false)
            #expect(kind.schema.problems(ofApplied: object).map(\.description) == [], story)
            var managed = ManagedFields()
            let made = try #require(try management.apply(object, to: nil, &managed, force: false), story)
            let live = try canonical(made, kind)
            #expect(object.missing(from: live) == [], story)
            let owners = managed.json
            // A name alone is nobody's.
            #expect(owners?.arrayValue?.count ?? 1 == 1, story)
            let again = try management.apply(object, to: live, &managed, force: false) ?? live
            #expect(try canonical(again, kind).encoded == live.encoded, story)
            #expect(
                managed.json?.arrayValue?.map { $0["fieldsV1"] } == owners?.arrayValue?.map { $0["fieldsV1"] }, story)
        }
    }
}

extension JSON {
    /// The paths at which another document does not have what this one has; empty values count for nothing.
    fileprivate func missing(from other: JSON?, at path: String = "") -> [String] {
        switch (self, other) {
        case (.object(let object), .object(let others)?):
            return object.flatMap { $0.value.missing(from: others[$0.key], at: path + "." + $0.key) }
        case (.array(let items), .array(let others)?) where items.count == others.count:
            return zip(items, others).enumerated().flatMap { index, pair in
                pair.0.missing(from: pair.1, at: path + "[\(index)]")
            }
        default: return self == other || isEmptyValue ? [] : [path]
        }
    }

    private var isEmptyValue: Bool {
        switch self {
        case .null, "": true
        case .array(let items): items.isEmpty
        case .object(let object): object.allSatisfy { $0.value.isEmptyValue }
        default: false
        }
    }

    /// Operations that make another document of this one: members one by one, lists as a whole.
    fileprivate func operations(to other: JSON, at path: String = "") -> [JSONPatch.Operation] {
        guard case .object(let object) = self, case .object(let others) = other else {
            return self == other ? [] : [.init(op: "replace", path: path, value: other)]
        }
        func inner(_ key: String) -> String {
            path + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
        }
        var operations: [JSONPatch.Operation] = []
        for key in object.keys where others[key] == nil { operations.append(.init(op: "remove", path: inner(key))) }
        for member in others {
            guard let value = object[member.key] else {
                operations.append(.init(op: "add", path: inner(member.key), value: member.value))
                continue
            }
            operations += value.operations(to: member.value, at: inner(member.key))
        }
        return operations
    }
}
