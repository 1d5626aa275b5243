import CYaml
import JSON

/// Reads one YAML document as JSON, by the rules of Kubernetes' `sigs.k8s.io/yaml`.
///
/// Goes from libyaml's events straight to the document, without recursion: depth and the work that aliases make are
/// bounded, and repeated keys are reported with their lines while their last value counts.
enum YAMLReader {
    /// Values in a document, those that an alias repeats counted each time.
    static let maximumValueCount = 1_000_000
    /// Repeated keys that are reported.
    static let maximumReportedKeys = 100

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
    /// A sequence or mapping that has begun and not ended.
    private struct Frame {
        var items: [JSON] = []
        var members = JSONObject()
        var isMapping: Bool
        /// The key whose value comes next.
        var key: String?
        var anchor: String?
        var valueCountBefore: Int
    }

    private struct Anchored {
        var value: JSON
        var valueCount: Int
    }

    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var root: JSON?
    private var valueCount = 0
    private var repeatedKeys: [String] = []

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(BodyCodec.Failure) -> ParsedBody {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) != 0 else { throw .init(message: "yaml: out of memory") }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
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
        switch event.type {
        case YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT: return true
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = Self.text(scalar.value, scalar.length)
            if isAtKey {
                try setKey(text, line: event.start_mark.line)
                remember(.string(text), as: Self.name(scalar.anchor), valueCount: 1)
            } else {
                let value = Self.resolve(text, tag: Self.name(scalar.tag), isPlain: scalar.plain_implicit != 0)
                remember(value, as: Self.name(scalar.anchor), valueCount: 1)
                try add(value, count: 1)
            }
        case YAML_ALIAS_EVENT:
            let name = Self.name(event.data.alias.anchor) ?? ""
            guard let anchored = anchors[name] else {
                throw .init(message: "yaml: unknown anchor '\(name)' referenced")
            }
            if isAtKey {
                guard case .string(let key) = anchored.value else { throw Self.keyFailure(event) }
                try setKey(key, line: event.start_mark.line)
            } else {
                try add(anchored.value, count: anchored.valueCount)
            }
        case YAML_SEQUENCE_START_EVENT:
            try open(isMapping: false, anchor: Self.name(event.data.sequence_start.anchor), event)
        case YAML_MAPPING_START_EVENT:
            try open(isMapping: true, anchor: Self.name(event.data.mapping_start.anchor), event)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try close()
        default: break
        }
        return false
    }

    private var isAtKey: Bool {
        guard let frame = frames.last else { return false }
        return frame.isMapping && frame.key == nil
    }

    private mutating func open(isMapping: Bool, anchor: String?, _ event: yaml_event_t) throws(BodyCodec.Failure) {
        guard !isAtKey else { throw Self.keyFailure(event) }
        guard frames.count < BodyCodec.maximumDepth else { throw .init(message: "yaml: exceeded max depth of 10000") }
        frames.append(Frame(isMapping: isMapping, anchor: anchor, valueCountBefore: valueCount))
    }

    private mutating func close() throws(BodyCodec.Failure) {
        guard let frame = frames.popLast() else { return }
        let value: JSON = frame.isMapping ? .object(frame.members) : .array(frame.items)
        remember(value, as: frame.anchor, valueCount: valueCount - frame.valueCountBefore + 1)
        try add(value, count: 1)
    }

    private mutating func setKey(_ key: String, line: Int) throws(BodyCodec.Failure) {
        let last = frames.count - 1
        if frames[last].members.index(of: key) != nil, repeatedKeys.count < YAMLReader.maximumReportedKeys {
            repeatedKeys.append("line \(line + 1): key \(JSON.string(key)) already set in map")
        }
        frames[last].key = key
    }

    private mutating func add(_ value: JSON, count: Int) throws(BodyCodec.Failure) {
        valueCount += count
        guard valueCount <= YAMLReader.maximumValueCount else {
            throw .init(message: "yaml: document contains excessive aliasing")
        }
        guard !frames.isEmpty else {
            root = value
            return
        }
        let last = frames.count - 1
        if frames[last].isMapping {
            guard let key = frames[last].key else { return }
            frames[last].members[key] = value
            frames[last].key = nil
        } else {
            frames[last].items.append(value)
        }
    }

    private mutating func remember(_ value: JSON, as anchor: String?, valueCount: Int) {
        guard let anchor else { return }
        anchors[anchor] = Anchored(value: value, valueCount: valueCount)
    }

    private static func keyFailure(_ event: yaml_event_t) -> BodyCodec.Failure {
        .init(message: "yaml: line \(event.start_mark.line + 1): a mapping key must be a scalar")
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    private static func name(_ bytes: UnsafePointer<UInt8>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    /// libyaml's complaint, as Go's port of it words and counts.
    private static func failure(of parser: yaml_parser_t) -> BodyCodec.Failure {
        let problem = parser.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
        var line = parser.problem_mark.line
        if line == 0 { line = parser.context_mark.line }
        let isScanner = parser.error == YAML_SCANNER_ERROR
        let place = line != 0 || isScanner ? "line \(line + (isScanner || line != 0 ? 1 : 0)): " : ""
        return .init(message: "yaml: " + place + problem)
    }
}

extension YAMLDocumentReader {
    /// The value of a scalar: of a plain one as YAML 1.1 reads it where JSON has the type, else its text.
    private static func resolve(_ text: String, tag: String?, isPlain: Bool) -> JSON {
        switch tag {
        case nil: break
        case "tag:yaml.org,2002:str"?, "!"?: return .string(text)
        case "tag:yaml.org,2002:null"?: return .null
        default: return plainValue(text)
        }
        return isPlain ? plainValue(text) : .string(text)
    }

    private static func plainValue(_ text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return false
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSON? {
        guard let first = text.utf8.first, isNumberStart(first) else { return nil }
        let plain = text.contains("_") ? text.filter { $0 != "_" } : text
        if let integer = integer(plain) { return .int(integer) }
        // Go's ParseFloat takes more than YAML has: only what looks like a decimal number counts.
        guard plain.utf8.allSatisfy({ isNumberStart($0) || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }),
            let double = Double(plain), double.isFinite
        else { return nil }
        return .double(double)
    }

    private static func integer(_ text: String) -> Int64? {
        var digits = Substring(text)
        var sign = ""
        if let first = digits.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            digits = digits.dropFirst()
        }
        guard let first = digits.first, first.isNumber else { return nil }
        let radixes: [(String, Int)] = [("0x", 16), ("0o", 8), ("0b", 2)]
        for (prefix, radix) in radixes where digits.hasPrefix(prefix) {
            return Int64(sign + digits.dropFirst(2), radix: radix)
        }
        if digits.count > 1, first == "0" { return Int64(sign + digits.dropFirst(), radix: 8) }
        return Int64(sign + digits)
    }

    private static func isNumberStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
