import APIMachinery
import JSON
import TestSupport

extension LibraryTargets {
    static func jsonPatch(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let document = CorpusKind.any(&random).object(&random)
        let patch = randomJSONPatch(of: document, &random)
        note.input(document.encoded + Array("\n".utf8) + patch.encoded)
        guard let patch = try? JSONPatch(patch), let result = try? patch.apply(to: document) else { return }
        _ = result.encoded
    }

    static func randomJSONPatch(of document: JSON, _ random: inout SeededGenerator) -> JSON {
        let patch: JSON = .array(
            (0..<Int.random(in: 1...6, using: &random)).map { _ in operation(on: document, &random) })
        return random.chance(oneIn: 2) ? patch.mutated(using: &random) : patch
    }

    private static func operation(on document: JSON, _ random: inout SeededGenerator) -> JSON {
        var operation: JSONObject = [
            "op": .string(random.pick(["add", "remove", "replace", "move", "copy", "test", "", "Add"])),
            "path": .string(pointer(into: document, &random)),
        ]
        if random.chance(oneIn: 2) { operation["from"] = .string(pointer(into: document, &random)) }
        if !random.chance(oneIn: 4) { operation["value"] = .hostile(using: &random) }
        return .object(operation)
    }

    private static func pointer(into document: JSON, _ random: inout SeededGenerator) -> String {
        var text = ""
        var place = document
        while !random.chance(oneIn: 5) {
            switch place {
            case .object(let object) where !object.isEmpty:
                let member = random.pick(object.members)
                text += "/" + member.key.replacing("~", with: "~0").replacing("/", with: "~1")
                place = member.value
            case .array(let items) where !items.isEmpty:
                let index = random.below(items.count)
                text += "/\(index)"
                place = items[index]
            default:
                return text
                    + random.pick(["", "/-", "/0", "/-1", "/01", "/9223372036854775808", "/x", "/~", "/~2", "/"])
            }
        }
        return text + random.pick(["", "", "", "/-", "/99", "/new", "//"])
    }

    static func mergePatch(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let document = CorpusKind.any(&random).object(&random)
        let patch = random.chance(oneIn: 2) ? document.mutated(using: &random) : .hostile(using: &random)
        note.input(document.encoded + Array("\n".utf8) + patch.encoded)
        let result = document.applying(mergePatch: patch)
        try expect(result.applying(mergePatch: patch) == result, "a merge patch changes what it has patched")
    }

    static func strategic(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        guard let document = corpus.canonicalObject(&random, note) else { return }
        var patch = random.chance(oneIn: 2) ? document : corpus.object(&random)
        for _ in 0..<random.below(4) { patch.addDirective(using: &random) }
        if random.chance(oneIn: 2) { patch = patch.mutated(using: &random) }
        note.input(document.encoded + Array("\n".utf8) + patch.encoded)
        guard var result = try? corpus.version.schema.applyStrategicMergePatch(patch, to: document) else { return }
        _ = try? corpus.version.schema.canonicalize(&result)
    }

    // MARK: Apply

    private struct Versions: FieldVersions {
        let corpus: CorpusKind

        func schema(of apiVersion: String) -> Schema? {
            apiVersion == corpus.kind.groupVersion.description ? corpus.version.schema : nil
        }
        func convert(_ document: JSON, from source: String, to target: String) throws -> JSON { document }
    }

    /// Some writes of some managers to one object, whose managers may have been given by a client's hand.
    static func apply(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        let schema = corpus.version.schema
        var live: JSON?
        var managed = ManagedFields()
        var story: [UInt8] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            guard var object = live?.mutated(using: &random) ?? corpus.canonicalObject(&random, note) else { return }
            if random.chance(oneIn: 3) { object = corpus.object(&random).mutated(using: &random) }
            if random.chance(oneIn: 3) { managed = given(managed, &random) ?? managed }
            story += object.encoded + Array(" by \(managed.json ?? .null)\n".utf8)
            note.input(story)
            let management = FieldManagement(
                manager: random.pick(["a", "b", "kubectl", ""]), apiVersion: corpus.kind.groupVersion.description,
                subresource: random.pick(["", "", "status"]), time: "2026-01-02T03:04:05Z", filter: nil,
                versions: Versions(corpus: corpus), reconciles: random.chance(oneIn: 2))
            if random.chance(oneIn: 2) {
                guard schema.problems(ofApplied: object).isEmpty else { continue }
                guard
                    let result = try? management.apply(
                        object, to: live, &managed, force: random.chance(oneIn: 2))
                else { continue }
                object = result
                guard (try? schema.canonicalize(&object)) != nil else { continue }
            } else {
                guard (try? schema.canonicalize(&object)) != nil else { continue }
                try? management.update(live, to: object, &managed)
            }
            live = object
            managed = ManagedFields(managed.json, isStored: true) ?? ManagedFields()
        }
    }

    private static func given(_ managed: ManagedFields, _ random: inout SeededGenerator) -> ManagedFields? {
        let start: JSON =
            managed.json ?? [
                [
                    "manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
                    "fieldsV1": [
                        "f:metadata": ["f:labels": [".": [:], "f:a": [:]]],
                        "f:spec": [
                            "f:containers": ["k:{\"name\":\"a\"}": [".": [:], "f:image": [:]]],
                            "f:x": ["v:1": [:], "i:0": [:]],
                        ],
                    ],
                ]
            ]
        var changed = start.mutated(using: &random, times: 5)
        if random.chance(oneIn: 2), let parsed = try? JSON(parsing: random.mutated(changed.encoded)) {
            changed = parsed
        }
        return ManagedFields(changed, isStored: random.chance(oneIn: 2))
    }
}

extension JSON {
    /// Puts one of a strategic merge patch's directives somewhere into the document.
    fileprivate mutating func addDirective(using random: inout SeededGenerator) {
        switch self {
        case .object(var object):
            let lists = object.members.filter { if case .array = $0.value { true } else { false } }.map(\.key)
            let inner = object.members.filter { $0.value.arrayValue != nil || $0.value.objectValue != nil }
            if !inner.isEmpty, !random.chance(oneIn: 4) {
                let key = random.pick(inner).key
                var value = object[key] ?? .null
                value.addDirective(using: &random)
                object[key] = value
            } else {
                let list = lists.isEmpty ? random.pick(["containers", "finalizers"]) : random.pick(lists)
                switch random.below(5) {
                case 0: object["$patch"] = .string(random.pick(["delete", "replace", "merge", "x"]))
                case 1: object["$retainKeys"] = .array(object.keys.prefix(2).map { .string($0) })
                case 2: object["$setElementOrder/" + list] = object[list] ?? [["name": "a"]]
                case 3: object["$deleteFromPrimitiveList/" + list] = object[list] ?? ["a"]
                default:
                    object[random.pick(["$x", "$setElementOrder", "$setElementOrder/", "$retainKeys"])] = .hostile(
                        using: &random)
                }
            }
            self = .object(object)
        case .array(var items) where !items.isEmpty:
            let place = random.below(items.count)
            if random.chance(oneIn: 5) {
                items.insert(["$patch": "replace"], at: place)
            } else {
                items[place].addDirective(using: &random)
            }
            self = .array(items)
        default: break
        }
    }
}
