import JSON

/// Writes a document as YAML the way Kubernetes does: block style, members in the order of their names, strings plain
/// where that cannot be misread and in double quotes where it could.
struct YAMLWriter {
    private var bytes: [UInt8] = []

    static func encode(_ document: JSON) -> [UInt8] {
        var writer = YAMLWriter()
        writer.write(document, indentation: 0, isInline: false)
        return writer.bytes
    }

    private mutating func write(_ value: JSON, indentation: Int, isInline: Bool) {
        switch value {
        case .object(let object) where !object.isEmpty: write(object, indentation: indentation, isInline: isInline)
        case .array(let items) where !items.isEmpty: write(items, indentation: indentation)
        default:
            writeScalar(value, indentation: indentation)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// - Parameter isInline: The first member stands on a line that has been begun, behind a list's dash.
    private mutating func write(_ object: JSONObject, indentation: Int, isInline: Bool) {
        var isInline = isInline
        for member in object.members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if !isInline { indent(indentation) }
            isInline = false
            writeString(member.key, indentation: indentation, isKey: true)
            bytes.append(UInt8(ascii: ":"))
            switch member.value {
            case .object(let inner) where !inner.isEmpty:
                bytes.append(UInt8(ascii: "\n"))
                write(inner, indentation: indentation + 2, isInline: false)
            case .array(let items) where !items.isEmpty:
                bytes.append(UInt8(ascii: "\n"))
                write(items, indentation: indentation)
            default:
                bytes.append(UInt8(ascii: " "))
                writeScalar(member.value, indentation: indentation + 2)
                bytes.append(UInt8(ascii: "\n"))
            }
        }
    }

    private mutating func write(_ items: [JSON], indentation: Int) {
        for item in items {
            indent(indentation)
            bytes.append(contentsOf: "- ".utf8)
            write(item, indentation: indentation + 2, isInline: true)
        }
    }

    private mutating func writeScalar(_ value: JSON, indentation: Int) {
        switch value {
        case .string(let text): writeString(text, indentation: indentation, isKey: false)
        case .object: bytes.append(contentsOf: "{}".utf8)
        case .array: bytes.append(contentsOf: "[]".utf8)
        default: value.write(into: &bytes)
        }
    }

    private mutating func writeString(_ text: String, indentation: Int, isKey: Bool) {
        if !isKey, text.utf8.contains(UInt8(ascii: "\n")), YAMLScalar.canBeLiteral(text) {
            writeLiteral(text, indentation: indentation)
        } else if YAMLScalar.canBePlain(text) {
            writeFolded(Array(text.utf8), indentation: indentation, isKey: isKey)
        } else if YAMLScalar.isMisread(text) || text.isEmpty || text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            JSON.write(string: text, into: &bytes)
        } else {
            bytes.append(UInt8(ascii: "'"))
            let doubled = text.utf8.flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
            writeFolded(doubled, indentation: indentation, isKey: isKey)
            bytes.append(UInt8(ascii: "'"))
        }
    }

    /// The column behind which a line is broken at the next single space.
    private static let foldingColumn = 80

    /// Text whose long lines are folded as libyaml does, which a reader unfolds into spaces.
    private mutating func writeFolded(_ text: [UInt8], indentation: Int, isKey: Bool) {
        let space = UInt8(ascii: " ")
        var column = bytes.count - ((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
        for (index, byte) in text.enumerated() {
            let isSingleSpace =
                byte == space && index > 0 && index + 1 < text.count && text[index - 1] != space
                && text[index + 1] != space
            if !isKey, isSingleSpace, column > Self.foldingColumn {
                bytes.append(UInt8(ascii: "\n"))
                indent(indentation)
                column = indentation
            } else {
                bytes.append(byte)
                column += 1
            }
        }
    }

    /// A block of lines behind `|`, with the sign that keeps exactly the line ends that the text has.
    private mutating func writeLiteral(_ text: String, indentation: Int) {
        bytes.append(UInt8(ascii: "|"))
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.hasSuffix("\n") {
            lines.removeLast()
            if lines.last?.isEmpty == true { bytes.append(UInt8(ascii: "+")) }
        } else {
            bytes.append(UInt8(ascii: "-"))
        }
        for line in lines {
            bytes.append(UInt8(ascii: "\n"))
            if !line.isEmpty {
                indent(indentation)
                bytes.append(contentsOf: line.utf8)
            }
        }
    }

    private mutating func indent(_ count: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    }
}

/// Which strings YAML reads back as themselves without quotes.
enum YAMLScalar {
    /// Words that a YAML 1.1 reader takes for a boolean or null.
    private static let words: Set<String> = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".nan", ".inf", "-.inf", "+.inf", "<<", "=",
    ]

    static func isMisread(_ text: String) -> Bool {
        if words.contains(text.lowercased()) { return true }
        guard let first = text.utf8.first else { return true }
        // Whatever begins as a number or a time is quoted, which is never wrong.
        let isNumeric =
            (0x30...0x39).contains(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
            || first == UInt8(ascii: ".")
        guard isNumeric else { return false }
        let digits = text.utf8.filter { $0 != UInt8(ascii: "_") }
        return Double(String(decoding: digits, as: UTF8.self)) != nil || looksLikeTime(text)
            || Int(text.dropFirst(2), radix: 16) != nil && text.hasPrefix("0x")
            || Int(text.dropFirst(2), radix: 8) != nil && text.hasPrefix("0o")
            || Int(text.dropFirst(2), radix: 2) != nil && text.hasPrefix("0b")
    }

    private static func looksLikeTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count >= 10 && bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-")
            && bytes[..<4].allSatisfy { (0x30...0x39).contains($0) }
    }

    static func canBePlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, !isMisread(text) else { return false }
        if first == UInt8(ascii: " ") || last == UInt8(ascii: " ") || last == UInt8(ascii: ":") { return false }
        if "-?:,[]{}#&*!|>'\"%@`".utf8.contains(first) {
            // A dash, question mark or colon begins a plain scalar where no space follows.
            let second = text.utf8.dropFirst().first
            guard "-?:".utf8.contains(first), let second, second != UInt8(ascii: " ") else { return false }
        }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7F { return false }
            if byte == UInt8(ascii: " "), previous == UInt8(ascii: ":") { return false }
            if byte == UInt8(ascii: "#"), previous == UInt8(ascii: " ") { return false }
            previous = byte
        }
        return true
    }

    static func canBeLiteral(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: " "), first != UInt8(ascii: "\n") else { return false }
        return text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
    }
}
