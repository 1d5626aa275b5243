import APIMachinery
import CYaml
package import JSON

/// Reads one YAML document as JSON, by the rules of Kubernetes' `sigs.k8s.io/yaml`.
///
/// Goes from libyaml's events straight to the document, without recursion: depth and the work that aliases make are
/// bounded, and repeated keys are reported with their lines while their last value counts. What comes behind the first
/// document is not looked at.
package enum YAMLReader {
    /// Repeated keys that are reported.
    static let maximumReportedKeys = 100

    /// The document alone, without what strict decoding would say of it.
    /// - Throws: where the bytes are no YAML, or say what JSON cannot.
    package static func document(of bytes: [UInt8]) throws -> JSON { try read(bytes).document }

    static func read(_ bytes: [UInt8]) throws(BodyCodec.Failure) -> ParsedBody {
        var reader = YAMLDocumentReader()
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<ParsedBody, BodyCodec.Failure> in
            do throws(BodyCodec.Failure) {
                return .success(try reader.read(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// The state of reading one document.
private struct YAMLDocumentReader {
    /// A value with what its place has to know of it.
    private struct Node {
        var value: JSON
        /// The scalar that the value was made of; `nil` for lists and maps. A key is made of it by rules of its own.
        var scalar: ResolvedScalar?
        /// Levels of lists and maps.
        var depth = 0
        /// What an alias for it costs (`AliasBudget`).
        var cost = 1
    }

    private enum Key {
        case name(YAMLKey)
        /// `<<`: the members of the value come to this map.
        case merge
    }

    /// A sequence or mapping that has begun and not ended.
    private struct Frame {
        var items: [JSON] = []
        var members = JSONObject()
        var isMapping: Bool
        /// The key whose value comes next.
        var key: Key?
        var anchor: String?
        /// Where it begins.
        var line: Int
        var costBefore: Int
        var depth = 0
        /// The keys that are no strings, as Go writes them: 1 and "1" are two keys with one text.
        var otherKeys: [String: String] = [:]
    }

    private enum Anchored {
        case node(Node)
        /// A list or map that has not ended.
        case open
    }

    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var root: JSON?
    private var budget = AliasBudget()
    private var repeatedKeys: [String] = []

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(BodyCodec.Failure) -> ParsedBody {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) != 0 else { throw .init(message: "yaml: out of memory") }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) != 0 else { throw Self.failure(of: parser) }
            defer { yaml_event_delete(&event) }
            if try take(event) { break }
        }
        var body = ParsedBody(document: root ?? .null)
        if !repeatedKeys.isEmpty { body.strictErrors = [.repeatedKeys(repeatedKeys)] }
        return body
    }

    /// - Returns: whether the document has ended.
    private mutating func take(_ event: yaml_event_t) throws(BodyCodec.Failure) -> Bool {
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT: return true
        case YAML_SCALAR_EVENT: try takeScalar(event, line)
        case YAML_ALIAS_EVENT: try takeAlias(Self.name(event.data.alias.anchor) ?? "", line)
        case YAML_SEQUENCE_START_EVENT:
            try open(isMapping: false, anchor: Self.name(event.data.sequence_start.anchor), line)
        case YAML_MAPPING_START_EVENT:
            try open(isMapping: true, anchor: Self.name(event.data.mapping_start.anchor), line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try close()
        default: break
        }
        return false
    }

    private mutating func takeScalar(_ event: yaml_event_t, _ line: Int) throws(BodyCodec.Failure) {
        let data = event.data.scalar
        let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
        let tag = Self.name(data.tag)
        let isPlain = data.plain_implicit != 0
        if isAtKey, text == "<<", isPlain || tag == "tag:yaml.org,2002:merge" {
            frames[frames.count - 1].key = .merge
            return
        }
        let scalar: ResolvedScalar
        do throws(ResolvedScalar.Problem) {
            scalar = tag == nil && !isPlain ? .text(text) : try ResolvedScalar(text, tag: tag)
        } catch {
            throw .init(message: "yaml: " + error.message)
        }
        try budget.spend(1, isAlias: false)
        if let anchor = Self.name(data.anchor) {
            anchors[anchor] = .node(Node(value: (try? scalar.json) ?? .null, scalar: scalar))
        }
        try place(scalar, line)
    }

    private mutating func place(_ scalar: ResolvedScalar, _ line: Int) throws(BodyCodec.Failure) {
        if isAtKey {
            frames[frames.count - 1].key = .name(scalar.key)
            return
        }
        let value: JSON
        do throws(ResolvedScalar.Problem) {
            value = try scalar.json
        } catch {
            throw .init(message: error.message)
        }
        try add(Node(value: value, scalar: scalar), line)
    }

    private mutating func takeAlias(_ name: String, _ line: Int) throws(BodyCodec.Failure) {
        switch anchors[name] {
        case nil: throw .init(message: "yaml: unknown anchor '\(name)' referenced")
        case .open?: throw .init(message: "yaml: anchor '\(name)' value contains itself")
        case .node(let node)?:
            try budget.spend(1, isAlias: false)
            try budget.spend(node.cost, isAlias: true)
            guard frames.count + node.depth <= BodyCodec.maximumDepth else { throw Self.tooDeep }
            if let scalar = node.scalar { return try place(scalar, line) }
            if isAtKey { throw Self.invalidKey(node.value) }
            if case .merge? = frames.last?.key, case .array = node.value { throw Self.noMap }
            try add(node, line)
        }
    }

    private var isAtKey: Bool {
        guard let frame = frames.last else { return false }
        return frame.isMapping && frame.key == nil
    }

    private mutating func open(isMapping: Bool, anchor: String?, _ line: Int) throws(BodyCodec.Failure) {
        guard frames.count < BodyCodec.maximumDepth else { throw Self.tooDeep }
        frames.append(Frame(isMapping: isMapping, anchor: anchor, line: line, costBefore: budget.spent))
        try budget.spend(1, isAlias: false)
        if let anchor { anchors[anchor] = .open }
    }

    private mutating func close() throws(BodyCodec.Failure) {
        guard let frame = frames.popLast() else { return }
        let node = Node(
            value: frame.isMapping ? .object(frame.members) : .array(frame.items), depth: frame.depth + 1,
            cost: budget.spent - frame.costBefore)
        if let anchor = frame.anchor { anchors[anchor] = .node(node) }
        if isAtKey { throw Self.invalidKey(node.value) }
        try add(node, frame.line)
    }

    // MARK: Putting values in their places

    private mutating func add(_ node: Node, _ line: Int) throws(BodyCodec.Failure) {
        guard !frames.isEmpty else {
            root = node.value
            return
        }
        let last = frames.count - 1
        frames[last].depth = max(frames[last].depth, node.depth)
        guard frames[last].isMapping else {
            frames[last].items.append(node.value)
            return
        }
        let key = frames[last].key
        frames[last].key = nil
        switch key {
        case .name(let key)?: try set(key, node.value, line)
        case .merge?: try merge(node.value, line)
        case nil: return
        }
    }

    private mutating func set(_ key: YAMLKey, _ value: JSON, _ line: Int) throws(BodyCodec.Failure) {
        guard case .text(let text, let syntax) = key else {
            throw .init(message: key.refusal(value: value))
        }
        let last = frames.count - 1
        if frames[last].members.index(of: text) != nil, frames[last].otherKeys[text] == syntax {
            report("line \(line): key \(syntax ?? FieldError.quoted(text)) already set in map")
        }
        if let syntax { frames[last].otherKeys[text] = syntax }
        frames[last].members[text] = value
    }

    private mutating func report(_ repeated: String) {
        if repeatedKeys.count < YAMLReader.maximumReportedKeys { repeatedKeys.append(repeated) }
    }

    /// Lays the members of one map, or of each of a list of maps, over those that are there. Of a list the first map
    /// goes before the others.
    private mutating func merge(_ value: JSON, _ line: Int) throws(BodyCodec.Failure) {
        switch value {
        case .object(let object):
            for member in object { try set(.text(member.key, syntax: nil), member.value, line) }
        case .array(let maps):
            for map in maps.reversed() {
                guard case .object = map else { throw Self.noMap }
                try merge(map, line)
            }
        default: throw Self.noMap
        }
    }

    // MARK: Failures

    private static let tooDeep = BodyCodec.Failure(message: "yaml: exceeded max depth of 10000")
    private static let noMap = BodyCodec.Failure(
        message: "yaml: map merge requires map or sequence of maps as the value")

    private static func invalidKey(_ value: JSON) -> BodyCodec.Failure {
        .init(message: "yaml: invalid map key: " + value.goSyntaxOfYAML)
    }

    private static func name(_ bytes: UnsafePointer<UInt8>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    /// libyaml's complaint, as Go's port of it words and counts: of what the scanner finds it tells the line, of what the
    /// parser finds the line before, and of neither the first.
    private static func failure(of parser: yaml_parser_t) -> BodyCodec.Failure {
        let problem = parser.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
        var line = Int(parser.problem_mark.line)
        if line == 0 {
            line = Int(parser.context_mark.line)
        } else if parser.error == YAML_SCANNER_ERROR {
            line += 1
        }
        return .init(message: "yaml: " + (line == 0 ? "" : "line \(line): ") + problem)
    }
}

/// How much of a document may come of aliases (as go-yaml bounds it): nearly all of a small one, a tenth of a large one.
private struct AliasBudget {
    /// Values read, those behind an alias counted each time.
    private(set) var spent = 1
    private var byAlias = 0

    private static let small = 400_000
    private static let large = 4_000_000

    mutating func spend(_ count: Int, isAlias: Bool) throws(BodyCodec.Failure) {
        spent += count
        guard isAlias else { return }
        byAlias += count
        if byAlias > 100, spent > 1000, Double(byAlias) / Double(spent) > allowedRatio {
            throw .init(message: "yaml: document contains excessive aliasing")
        }
    }

    private var allowedRatio: Double {
        if spent <= Self.small { return 0.99 }
        if spent >= Self.large { return 0.1 }
        return 0.99 - 0.89 * (Double(spent - Self.small) / Double(Self.large - Self.small))
    }
}
