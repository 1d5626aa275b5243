import APIMachinery
import JSON
import KubernetesAPI
import TestSupport

/// A target that is one function.
final class FunctionTarget: FuzzTarget {
    let name: String
    private let body: (inout SeededGenerator, FuzzNote) throws -> Void

    init(_ name: String, _ body: @escaping (inout SeededGenerator, FuzzNote) throws -> Void) {
        self.name = name
        self.body = body
    }

    func run(_ random: inout SeededGenerator, _ note: FuzzNote) throws { try body(&random, note) }
}

/// The entrances of the libraries below the server.
enum LibraryTargets {
    static var all: [FunctionTarget] {
        [
            FunctionTarget("json", json), FunctionTarget("canonical", canonical), FunctionTarget("strategy", strategy),
            FunctionTarget("update", update), FunctionTarget("protobuf", protobuf),
            FunctionTarget("jsonpatch", jsonPatch),
            FunctionTarget("mergepatch", mergePatch), FunctionTarget("strategic", strategic),
            FunctionTarget("apply", apply), FunctionTarget("text", text), FunctionTarget("yaml", yaml),
            FunctionTarget("definition", definition), FunctionTarget("fieldset", fieldSet),
        ]
    }

    static func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw FuzzFailure(message()) }
    }

    private static func json(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let document = CorpusKind.any(&random).object(&random).mutated(using: &random)
        let bytes = random.mutated(random.chance(oneIn: 2) ? document.encoded : document.prettyEncoded)
        note.input(bytes)
        var duplicates: [String] = []
        var options = JSONParseOptions()
        options.maximumDepth = 256
        guard let parsed = try? JSON(parsing: bytes, options: options, duplicates: &duplicates) else { return }
        // A whole number beyond 2^53 is an integer when it is read again.
        let encoded = parsed.encoded
        try expect(try JSON(parsing: encoded).encoded == encoded, "a parsed document reads back as another")
        let pretty = try JSON(parsing: parsed.prettyEncoded)
        try expect(pretty.encoded == encoded, "a pretty document reads back as another")
    }

    private static func canonical(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        guard var document = corpus.canonicalObject(&random, note) else { return }
        var again = document
        _ = try corpus.version.schema.canonicalize(&again)
        // As in Go, a time that is zero is `null` at first, and is left out when it is read again.
        if document.description.contains("null") {
            document = again
            _ = try corpus.version.schema.canonicalize(&again)
        }
        try expect(again.encoded == document.encoded, "a canonical document is not its own canonical form")
        corpus.version.schema.applyDefaults(to: &again)
        corpus.version.schema.dropDisabledFields(of: &again, unlessIn: random.chance(oneIn: 2) ? document : nil)
        _ = LabelSelectorProbe.matches(document)
        for column in corpus.version.columns { _ = column.cell(document, 1_767_323_045) }
        _ = corpus.version.rowConditions?(document)
        _ = corpus.version.extraCells?(document, 1_767_323_045)
        guard ProtobufDecoder(corpus.version.schema).isAvailable,
            let bytes = try? ProtobufEncoder(corpus.version.schema).envelope(document)
        else { return }
        let back = try ProtobufDecoder(corpus.version.schema).document(try ProtobufEnvelope(parsing: bytes))
        try expect(
            back.encoded == document.encoded || !document.isLosslessInProtobuf,
            "protobuf gives another document back: \(back)\nof: \(document)")
    }

    private static func strategy(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        guard var object = corpus.stored(&random, note) else { return }
        let strategy = corpus.definition.strategy
        strategy.prepareForCreation(&object)
        _ = strategy.validateCreation(object)
        _ = strategy.warnings(for: object, replacing: nil)
        strategy.canonicalize(&object)
        _ = strategy.selectableFields(of: object)
        _ = strategy.gracePeriodSeconds(deleting: object, requested: random.pick([nil, .min, -1, 0, .max]))
        _ = strategy.problemsOfName(object["metadata"]?["name"]?.stringValue ?? "", isPrefix: random.chance(oneIn: 2))
    }

    private static func update(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        guard let old = corpus.stored(&random, note) else { return }
        let before = old.encoded
        guard var object = random.chance(oneIn: 2) ? corpus.stored(&random, note) : old.mutated(using: &random) else {
            return
        }
        note.input(before + Array("\n".utf8) + object.encoded)
        guard (try? corpus.definition.storageSchema.canonicalize(&object)) != nil else { return }
        let strategy = corpus.definition.strategy
        var whole = object
        strategy.prepareForUpdate(&whole, from: old)
        _ = strategy.validateUpdate(whole, from: old)
        _ = strategy.warnings(for: whole, replacing: old)
        for subresource in corpus.version.subresources where subresource.schema == nil {
            var part = object
            strategy.prepareForUpdate(ofSubresource: subresource.name, &part, from: old)
            _ = strategy.validateUpdate(ofSubresource: subresource.name, part, from: old)
        }
    }

    private static func protobuf(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let corpus = CorpusKind.any(&random)
        let schema = corpus.version.schema
        guard ProtobufDecoder(schema).isAvailable, let document = corpus.canonicalObject(&random, note),
            let message = try? ProtobufEncoder(schema).message(document)
        else { return }
        let bytes = random.mutated(message)
        note.input(bytes)
        _ = try? ProtobufEnvelope(parsing: random.mutated(ProtobufEnvelope.magic + bytes))
        guard let read = try? ProtobufDecoder(schema).document(bytes[...]) else { return }
        guard let again = try? ProtobufEncoder(schema).message(read) else {
            throw FuzzFailure("what was read of protobuf cannot be written")
        }
        let second = try ProtobufDecoder(schema).document(again[...])
        try expect(second == read, "protobuf reads back as another document: \(read)\nand: \(second)")
    }

    /// Texts that have a grammar of their own.
    private static func text(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        let start =
            random.chance(oneIn: 8) ? String(repeating: "a in (b),", count: 500) : random.pick(JSON.hostileTexts)
        let text = String(decoding: random.mutated(Array(start.utf8)), as: UTF8.self)
        note.input(Array(text.utf8))
        if let selector = try? LabelSelector(parsing: text) {
            _ = selector.matches(["a": "b"])
            _ = try LabelSelector(parsing: selector.description)
        }
        if let selector = try? FieldSelector(parsing: text) {
            try expect(
                try FieldSelector(parsing: selector.description) == selector, "a field selector reads back as another")
        }
        if let quantity = try? Quantity(parsing: text) {
            _ = (
                quantity.value, quantity.milliValue, quantity.approximateValue, quantity.sign, -quantity,
                quantity + quantity
            )
            let again = try Quantity(parsing: "\(quantity)")
            try expect(again == quantity, "a quantity reads back as another: \(quantity), \(again)")
            for other in JSON.hostileTexts {
                guard let other = try? Quantity(parsing: other) else { continue }
                _ = (quantity - other, quantity < other, quantity == other, (quantity + other).description)
            }
        }
        for layout in [KubernetesTime.Layout.seconds, .microseconds] {
            guard let time = try? KubernetesTime(parsing: text, layout: layout) else { continue }
            _ = (time.microTime, time.epochNanoseconds, time.advanced(bySeconds: .max), time.advanced(bySeconds: .min))
            // An offset may lead out of the years that have a text.
            guard (-62_167_219_200...253_402_300_799).contains(time.epochSeconds) else { continue }
            let same = try KubernetesTime(parsing: time.description)
            try expect(same.epochSeconds == time.epochSeconds, "a time reads back as another")
        }
        _ = IPAddress(text)
        if let block = IPAddressBlock(text) { _ = (block.first, block.last, block.description) }
        if let revision = Revision(text) { _ = revision.description }
        _ = GroupVersion(apiVersion: text)
    }
}

extension CorpusKind {
    /// An odd object in the form in which a strategy gets it.
    func stored(_ random: inout SeededGenerator, _ note: FuzzNote) -> JSON? {
        guard let object = canonicalObject(&random, note) else { return nil }
        let source = kind.groupVersion.description
        let target = definition.storageGroupVersion.description
        guard var stored = try? definition.convert(object, from: source, to: target) else { return nil }
        definition.strategy.applyDefaults(to: &stored)
        return stored
    }
}

/// What reads selectors in objects.
private enum LabelSelectorProbe {
    static func matches(_ object: JSON) -> Bool {
        ((try? LabelSelector(structured: object["spec"]?["selector"]))?.matches(["a": "x"])) ?? false
    }
}

extension JSON {
    /// Whether protobuf has a place for every value: it has none for what text may hold beyond its types.
    fileprivate var isLosslessInProtobuf: Bool {
        switch self {
        case .string(let text): !text.unicodeScalars.contains("\u{FFFD}")
        case .array(let items): !items.isEmpty && items.allSatisfy(\.isLosslessInProtobuf)
        case .object(let object): object.allSatisfy { $0.value.isLosslessInProtobuf }
        case .double: false
        default: true
        }
    }
}
