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

    /// The other tests say something of the fields that come up in random objects: in the long run of all.
    @Test func everyFieldOfEveryKindComesUp() throws {
        var random = SeededGenerator(seed: Self.seed)
        var fields = SchemaFields()
        for kind in Self.kinds { fields.add(kind.schema) }
        #expect(fields.missing.count > 2_000)
        for _ in 0..<400 where !fields.missing.isEmpty {
            for kind in Self.kinds where fields.isMissingAny(of: kind.schema) {
                let object = RandomObject.make(kind.kind, kind.schema, budget: 400, using: &random)
                fields.see(object, kind.schema)
            }
        }
        #expect(fields.missing.sorted() == [], "seed \(Self.seed)")
    }

    /// A comparison that found nothing wrong with anything would make all of this pass.
    @Test func whatIsLostOnTheWayIsTold() throws {
        try forEachObject(count: 1) { kind, object, random, story in
            let stored = try canonical(object, kind)
            guard let changed = stored.withoutOneLeaf(using: &random) else { return }
            #expect(stored.missing(from: changed).count == 1, story)
        }
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
            #expect(ProtobufDecoder(kind.schema).isAvailable, story)
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

extension JSON {
    /// The document without one of its values that are neither empty nor taken apart; `nil` where it has none.
    fileprivate func withoutOneLeaf(using random: inout SeededGenerator) -> JSON? {
        switch self {
        case .object(var object):
            for member in object.members.shuffled(using: &random)
            where !["apiVersion", "kind"].contains(member.key) && !member.value.isEmptyValue {
                switch member.value {
                case .object, .array:
                    guard let inner = member.value.withoutOneLeaf(using: &random) else { continue }
                    object[member.key] = inner
                default: object[member.key] = nil
                }
                return .object(object)
            }
            return nil
        case .array(var items):
            for index in items.indices.shuffled(using: &random) {
                guard let inner = items[index].withoutOneLeaf(using: &random) else { continue }
                items[index] = inner
                return .array(items)
            }
            return nil
        default: return nil
        }
    }
}

/// The fields of the types of some kinds, and which of them no object has had yet.
private struct SchemaFields {
    /// `TYPE.field`
    private(set) var missing: Set<String> = []
    /// The types below a type, itself included.
    private var shapes: [ObjectIdentifier: [ObjectShape]] = [:]

    mutating func add(_ schema: Schema) {
        var found: [ObjectShape] = []
        Self.collect(schema, &found)
        guard let top = Self.shape(of: schema) else { return }
        shapes[ObjectIdentifier(top)] = found
        for shape in found {
            for field in shape.fields where field.name != "managedFields" {
                missing.insert("\(shape.name).\(field.name)")
            }
        }
    }

    func isMissingAny(of schema: Schema) -> Bool {
        guard let top = Self.shape(of: schema) else { return false }
        return shapes[ObjectIdentifier(top)]?.contains { shape in
            shape.fields.contains { missing.contains("\(shape.name).\($0.name)") }
        } ?? false
    }

    mutating func see(_ value: JSON, _ schema: Schema) {
        switch (schema.form, value) {
        case (.object(let shape), .object(let object)):
            for member in object {
                guard let field = shape.field(named: member.key) else { continue }
                missing.remove("\(shape.name).\(field.name)")
                see(member.value, field.schema)
            }
        case (.array(let items), .array(let list)): for item in list { see(item, items) }
        case (.map(let values), .object(let object)): for member in object { see(member.value, values) }
        case (.schema(let inner, _), _): see(value, inner)
        default: return
        }
    }

    private static func shape(of schema: Schema) -> ObjectShape? {
        if case .object(let shape) = schema.form { shape } else { nil }
    }

    private static func collect(_ schema: Schema, _ found: inout [ObjectShape]) {
        switch schema.form {
        case .object(let shape):
            if found.contains(where: { $0 === shape }) { return }
            found.append(shape)
            // Random objects are no writes of managers.
            for field in shape.fields where field.name != "managedFields" { collect(field.schema, &found) }
        case .array(let items): collect(items, &found)
        case .map(let values): collect(values, &found)
        case .schema(let inner, _): collect(inner, &found)
        default: return
        }
    }
}
