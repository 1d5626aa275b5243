/// How a string stands in YAML: by the choice of Go's encoder and the rules of libyaml, which it follows.
enum YAMLScalarStyle {
    case plain, singleQuoted, doubleQuoted, literal

    /// - Parameter isKey: whether the text has to stay on the line of its value.
    init(of text: [UInt8], isKey: Bool) {
        let analysis = ScalarAnalysis(text)
        if text.contains(UInt8(ascii: "\n")) {
            self = analysis.allowsBlock && !isKey ? .literal : .doubleQuoted
        } else if ResolvedScalar.isMisread(String(decoding: text, as: UTF8.self)) {
            self = .doubleQuoted
        } else if analysis.allowsPlain {
            self = .plain
        } else {
            self = analysis.allowsSingleQuotes ? .singleQuoted : .doubleQuoted
        }
    }

    private static let names: [UInt32: String] = [
        0x00: "\\0", 0x07: "\\a", 0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0B: "\\v", 0x0C: "\\f", 0x0D: "\\r",
        0x1B: "\\e", 0x22: "\\\"", 0x5C: "\\\\", 0x85: "\\N", 0x2028: "\\L", 0x2029: "\\P",
    ]

    /// A character as it stands between double quotes.
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        if let name = names[scalar.value] { return name }
        if ScalarAnalysis.isPrintable(scalar) { return String(scalar) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        func padded(_ count: Int) -> String { String(repeating: "0", count: max(0, count - digits.count)) + digits }
        if scalar.value <= 0xFF { return "\\x" + padded(2) }
        return scalar.value <= 0xFFFF ? "\\u" + padded(4) : "\\U" + padded(8)
    }
}

/// What stands against each style (`yaml_emitter_analyze_scalar` of libyaml).
private struct ScalarAnalysis {
    private(set) var allowsPlain = true
    private(set) var allowsSingleQuotes = true
    private(set) var allowsBlock = true

    init(_ text: [UInt8]) {
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        guard let first = scalars.first, let last = scalars.last else {
            allowsBlock = false
            return
        }
        if text.starts(with: "---".utf8) || text.starts(with: "...".utf8) { allowsPlain = false }
        var previous: Unicode.Scalar?
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            if Self.isIndicator(scalar, after: previous, before: next) { allowsPlain = false }
            if !Self.isPrintable(scalar) || Self.isBreak(scalar) && previous == " " { forbidAll() }
            if Self.isBreak(scalar) { allowsPlain = false }
            if scalar == " ", previous.map(Self.isBreak) ?? false { (allowsPlain, allowsSingleQuotes) = (false, false) }
            previous = scalar
        }
        if first == " " || last == " " { allowsPlain = false }
        if last == " " { allowsBlock = false }
    }

    private mutating func forbidAll() { (allowsPlain, allowsSingleQuotes, allowsBlock) = (false, false, false) }

    private static func isIndicator(
        _ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, before next: Unicode.Scalar?
    ) -> Bool {
        func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
            guard let scalar else { return true }
            return scalar == " " || scalar == "\t" || isBreak(scalar)
        }
        switch scalar {
        case "#": return isBlank(previous)
        case ":": return isBlank(next)
        case "?", "-": return previous == nil && isBlank(next)
        case ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`": return previous == nil
        default: return false
        }
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
        default: false
        }
    }
}
