package import JSON

/// Writes a document as YAML the way Kubernetes does: block style, members in the order of their names, strings plain
/// where that cannot be misread and in double quotes where it could.
package struct YAMLWriter {
    private var bytes: [UInt8] = []

    package static func encode(_ document: JSON) -> [UInt8] {
        var writer = YAMLWriter()
        writer.write(document, indentation: 0, isInline: false)
        return writer.bytes
    }

    /// - Parameter isInline: whether the first line has been begun, behind a list's dash.
    private mutating func write(_ value: JSON, indentation: Int, isInline: Bool) {
        switch value {
        case .object(let object) where !object.isEmpty: write(object, indentation: indentation, isInline: isInline)
        case .array(let items) where !items.isEmpty: write(items, indentation: indentation, isInline: isInline)
        default:
            // The lines of a text stand within something, even where there is nothing around it.
            writeScalar(value, indentation: max(indentation, 2))
            bytes.append(UInt8(ascii: "\n"))
        }
    }

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
                write(items, indentation: indentation, isInline: false)
            default:
                bytes.append(UInt8(ascii: " "))
                writeScalar(member.value, indentation: indentation + 2)
                bytes.append(UInt8(ascii: "\n"))
            }
        }
    }

    private mutating func write(_ items: [JSON], indentation: Int, isInline: Bool) {
        var isInline = isInline
        for item in items {
            if !isInline { indent(indentation) }
            isInline = false
            bytes.append(contentsOf: "- ".utf8)
            write(item, indentation: indentation + 2, isInline: true)
        }
    }

    // MARK: Scalars

    private mutating func writeScalar(_ value: JSON, indentation: Int) {
        switch value {
        case .string(let text): writeString(text, indentation: indentation, isKey: false)
        case .object: bytes.append(contentsOf: "{}".utf8)
        case .array: bytes.append(contentsOf: "[]".utf8)
        case .double(let number): bytes.append(contentsOf: ResolvedScalar.text(of: number).utf8)
        case .null, .bool, .int: value.write(into: &bytes)
        }
    }

    private mutating func writeString(_ text: String, indentation: Int, isKey: Bool) {
        let text = Array(text.utf8)
        switch YAMLScalarStyle(of: text, isKey: isKey) {
        case .plain: writeFolded(text, indentation: indentation, isKey: isKey)
        case .singleQuoted:
            bytes.append(UInt8(ascii: "'"))
            let doubled = text.flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
            writeFolded(doubled, indentation: indentation, isKey: isKey)
            bytes.append(UInt8(ascii: "'"))
        case .literal: writeLiteral(text, indentation: indentation)
        case .doubleQuoted: writeEscaped(text, indentation: indentation, isKey: isKey)
        }
    }

    /// The column behind which a line is broken at the next single space.
    private static let foldingColumn = 80

    private var column: Int { bytes.count - ((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1) }

    /// Text whose long lines are folded as libyaml does, which a reader unfolds into spaces.
    private mutating func writeFolded(_ text: [UInt8], indentation: Int, isKey: Bool) {
        let space = UInt8(ascii: " ")
        var column = column
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
                // Of a character of several bytes the first alone counts.
                if byte & 0xC0 != 0x80 { column += 1 }
            }
        }
    }

    /// A block of lines behind `|`, with the signs that keep exactly the line ends and the first spaces that the text has.
    private mutating func writeLiteral(_ text: [UInt8], indentation: Int) {
        let end = UInt8(ascii: "\n")
        bytes.append(UInt8(ascii: "|"))
        if text.first == UInt8(ascii: " ") || text.first == end { bytes.append(UInt8(ascii: "2")) }
        var lines = text.split(separator: end, omittingEmptySubsequences: false)
        if text.last == end {
            lines.removeLast()
            if lines.last?.isEmpty == true { bytes.append(UInt8(ascii: "+")) }
        } else {
            bytes.append(UInt8(ascii: "-"))
        }
        for line in lines {
            bytes.append(end)
            if !line.isEmpty {
                indent(indentation)
                bytes.append(contentsOf: line)
            }
        }
    }

    /// Text in double quotes, with escapes for all that is not to be seen, folded where it is long.
    private mutating func writeEscaped(_ text: [UInt8], indentation: Int, isKey: Bool) {
        bytes.append(UInt8(ascii: "\""))
        var column = column
        var isBehindSpace = false
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isFoldable = !isKey && !isBehindSpace && index > 0 && index + 1 < scalars.count
            if scalar == " ", isFoldable, column > Self.foldingColumn {
                bytes.append(UInt8(ascii: "\n"))
                indent(indentation)
                column = indentation
                if scalars[index + 1] == " " { bytes.append(UInt8(ascii: "\\")) }
            } else {
                let before = bytes.count
                bytes.append(contentsOf: YAMLScalarStyle.escaped(scalar).utf8)
                column += scalar.isASCII ? bytes.count - before : 1
            }
            isBehindSpace = scalar == " "
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func indent(_ count: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    }
}
