@testable import APIMachinery
import JSON
import TestSupport
import Testing

/// Random writes of a few managers, by the merge and by a model of it that is slow and plain.
@Suite("Structured merge, at random")
struct StructuredMergeRandomTests {
    private let merge = StructuredMerge(apiVersion: "v1", versions: WholeVersions(), filter: nil, reconciles: true)

    private static let runCount = 400

    @Test
    func agreesWithTheModel() throws {
        var system = SystemRandomNumberGenerator()
        let seed = system.next()
        var random = SeededGenerator(seed: seed)
        for run in 0..<Self.runCount { try check(&random, "seed \(seed), run \(run)") }
    }

    /// One object's life.
    private func check(_ random: inout SeededGenerator, _ place: String) throws {
        var model = MergeModel()
        var document: JSON = [:]
        var managed = ManagedFields()
        for step in 0..<12 {
            let name = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            let proposal = RandomDocument.make(&random)
            let isApply = Bool.random(using: &random)
            let force = Int.random(in: 0..<3, using: &random) == 0
            let story: Comment = "\(place), step \(step): \(isApply ? "apply" : "update") by \(name): \(proposal)"
            let identity = ManagedFields.Identity(
                manager: name, operation: isApply ? .apply : .update, apiVersion: "v1", subresource: "")
            if isApply {
                try apply(proposal, identity, force, &document, &managed, &model, story)
            } else {
                try merge.update(document, to: proposal, by: identity, &managed)
                document = proposal
                model.update(to: proposal, by: Self.key(identity))
            }
            #expect(Self.normal(document) == Self.normal(model.document), story)
            #expect(Self.paths(managed) == model.managers.mapValues(\.fields), story)
            // What is stored is read again for the next write.
            managed = try #require(ManagedFields(managed.json, isStored: Bool.random(using: &random)))
        }
    }

    private func apply(
        _ configuration: JSON, _ identity: ManagedFields.Identity, _ force: Bool, _ document: inout JSON,
        _ managed: inout ManagedFields, _ model: inout MergeModel, _ story: Comment
    ) throws {
        var expected: [String: Set<MergeModel.Path>] = [:]
        do {
            try model.apply(configuration, by: Self.key(identity), force: force)
        } catch let conflicts as MergeModel.Conflicts {
            expected = conflicts.fields
        }
        var found: [String: Set<MergeModel.Path>] = [:]
        var after = managed
        do {
            if let result = try merge.apply(configuration, to: document, by: identity, &after, force: force) {
                document = result
            }
            managed = after
        } catch let conflicts as FieldConflicts {
            for conflict in conflicts.conflicts { found[Self.key(conflict.manager)] = Self.paths(conflict.fields) }
        }
        #expect(found == expected, story)
    }

    private static func key(_ identity: ManagedFields.Identity) -> String {
        identity.manager + " " + identity.operation.rawValue
    }

    private static func paths(_ managed: ManagedFields) -> [String: Set<MergeModel.Path>] {
        Dictionary(uniqueKeysWithValues: managed.entries.map { (key($0.identity), paths($0.fields)) })
    }

    private static func paths(_ set: FieldSet) -> Set<MergeModel.Path> {
        var result: Set<MergeModel.Path> = []
        for node in set.nodes {
            let key = node.element.fieldsV1Key
            if node.isMember { result.insert([key]) }
            for path in paths(node.children) { result.insert([key] + path) }
        }
        return result
    }

    /// A document without the order of keyed lists and sets, which a table tests.
    private static func normal(_ document: JSON) -> JSON {
        var document = document
        for name in ["finalizers", "ports"] {
            guard case .array(let items)? = document[name] else { continue }
            document[name] = .array(items.sorted { order($0) < order($1) })
        }
        return document
    }

    private static func order(_ item: JSON) -> String {
        item.stringValue ?? "\(item["port"] ?? 0) \(item["protocol"]?.stringValue ?? "TCP")"
    }
}

/// A document of `MergeSchema.whole` from a few names and values, so that writers often meet.
private enum RandomDocument {
    static func make(_ random: inout SeededGenerator) -> JSON {
        var document: JSONObject = [:]
        func maybe(_ name: String, _ value: (inout SeededGenerator) -> JSON) {
            if Bool.random(using: &random) { document[name] = value(&random) }
        }
        maybe("text") { text(&$0) }
        maybe("number") { .int(.random(in: 0..<3, using: &$0)) }
        maybe("labels") { map(&$0) }
        maybe("selector") { map(&$0) }
        maybe("finalizers") { random in
            let names = ["x", "y", "z"].shuffled(using: &random).prefix(.random(in: 0..<3, using: &random))
            return .array(names.map { .string($0) })
        }
        maybe("ports") { ports(&$0) }
        maybe("arguments") { random in
            .array((0..<Int.random(in: 0..<3, using: &random)).map { .string(String($0)) })
        }
        maybe("part") { part(&$0) }
        maybe("choice") { ["a": text(&$0)] }
        maybe("raw") { ["any": text(&$0)] }
        return .object(document)
    }

    private static func text(_ random: inout SeededGenerator) -> JSON {
        .string(["p", "q"].randomElement(using: &random) ?? "p")
    }

    private static func map(_ random: inout SeededGenerator) -> JSON {
        var object: JSONObject = [:]
        for key in ["k", "l", "m"] where Bool.random(using: &random) { object[key] = text(&random) }
        return .object(object)
    }

    private static func ports(_ random: inout SeededGenerator) -> JSON {
        var ports: [JSON] = []
        for port in [80, 443] as [Int64] {
            for name in ["TCP", "UDP"] where Int.random(in: 0..<3, using: &random) == 0 {
                var item: JSONObject = ["port": .int(port)]
                if name != "TCP" || Bool.random(using: &random) { item["protocol"] = .string(name) }
                if Bool.random(using: &random) { item["name"] = text(&random) }
                if Bool.random(using: &random) { item["notes"] = map(&random) }
                ports.append(.object(item))
            }
        }
        return .array(ports.shuffled(using: &random))
    }

    private static func part(_ random: inout SeededGenerator) -> JSON {
        var object: JSONObject = [:]
        if Bool.random(using: &random) { object["x"] = text(&random) }
        if Bool.random(using: &random) { object["y"] = .bool(.random(using: &random)) }
        if Bool.random(using: &random) {
            var deep: JSONObject = [:]
            if Bool.random(using: &random) { deep["z"] = text(&random) }
            if Bool.random(using: &random) { deep["labels"] = map(&random) }
            object["deep"] = .object(deep)
        }
        return .object(object)
    }
}
