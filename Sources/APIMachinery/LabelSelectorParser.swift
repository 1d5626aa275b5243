/// Reads the text form of a label selector, token by token.
struct LabelSelectorParser {
    private enum Token {
        case end, closingParenthesis, comma, doesNotExist, doubleEquals, equals, greaterThan, identifier
        case `in`, lessThan, notEquals, notIn, openingParenthesis
    }

    private static let tokens: [String: Token] = [
        ")": .closingParenthesis, ",": .comma, "!": .doesNotExist, "==": .doubleEquals, "=": .equals,
        ">": .greaterThan, "in": .in, "<": .lessThan, "!=": .notEquals, "notin": .notIn, "(": .openingParenthesis,
    ]

    private var tokens: [(kind: Token, text: String)] = []
    private var position = 0

    init(_ text: String) { scan(Array(text.utf8)) }

    mutating func requirements() throws(SelectorError) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        while true {
            let (kind, text) = next()
            switch kind {
            case .end: return requirements
            case .identifier, .doesNotExist:
                do {
                    requirements.append(try requirement())
                } catch {
                    throw SelectorError("unable to parse requirement: \(error.message)")
                }
                if try !separator() { return requirements }
            default: throw SelectorError("found '\(text)', expected: !, identifier, or 'end of string'")
            }
        }
    }

    /// Whether another requirement follows.
    private mutating func separator() throws(SelectorError) -> Bool {
        let (kind, text) = take()
        switch kind {
        case .end: return false
        case .comma:
            let (following, text) = next()
            guard following == .identifier || following == .doesNotExist else {
                throw SelectorError("found '\(text)', expected: identifier after ','")
            }
            return true
        default: throw SelectorError("found '\(text)', expected: ',' or 'end of string'")
        }
    }

    private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
        var (kind, key) = take()
        let isAbsent = kind == .doesNotExist
        if isAbsent { (kind, key) = take() }
        guard kind == .identifier else { throw SelectorError("found '\(key)', expected: identifier") }
        // Kubernetes reads keys without a place to name, which Go prints so.
        if let problem = LabelSelector.Requirement.problem(withKey: key, at: "<nil>") { throw SelectorError(problem) }
        if isAbsent { return try .init(key, .doesNotExist) }
        let following = next().kind
        if following == .end || following == .comma { return try .init(key, .exists) }
        let `operator` = try self.operator()
        switch `operator` {
        case .in, .notIn: return try .init(key, `operator`, try values())
        default: return try .init(key, `operator`, [try exactValue()])
        }
    }

    private mutating func `operator`() throws(SelectorError) -> LabelSelector.Operator {
        let (kind, text) = take(asValue: false)
        switch kind {
        case .in: return .in
        case .notIn: return .notIn
        case .equals: return .equals
        case .doubleEquals: return .doubleEquals
        case .notEquals: return .notEquals
        case .greaterThan: return .greaterThan
        case .lessThan: return .lessThan
        default: throw SelectorError("found '\(text)', expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func values() throws(SelectorError) -> [String] {
        let (opening, found) = take()
        guard opening == .openingParenthesis else { throw SelectorError("found '\(found)' expected: '('") }
        let (kind, text) = next()
        switch kind {
        case .closingParenthesis:
            _ = take()
            return [""]
        case .identifier, .comma:
            let values = try listedValues()
            guard take().kind == .closingParenthesis else { throw SelectorError("found '\(text)', expected: ')'") }
            return values
        default: throw SelectorError("found '\(text)', expected: ',', ')' or identifier")
        }
    }

    /// Values up to the closing parenthesis; nothing between two commas, or beside one, is the empty value.
    private mutating func listedValues() throws(SelectorError) -> [String] {
        var values: [String] = []
        while true {
            let (kind, text) = take()
            switch kind {
            case .identifier:
                values.append(text)
                let (following, found) = next()
                if following == .closingParenthesis { return values }
                if following != .comma { throw SelectorError("found '\(found)', expected: ',' or ')'") }
            case .comma:
                if values.isEmpty { values.append("") }
                let following = next().kind
                if following == .closingParenthesis { return values + [""] }
                if following == .comma {
                    _ = take()
                    values.append("")
                }
            default: throw SelectorError("found '\(text)', expected: ',', or identifier")
            }
        }
    }

    private mutating func exactValue() throws(SelectorError) -> String {
        let following = next().kind
        if following == .end || following == .comma { return "" }
        let (kind, text) = take()
        guard kind == .identifier else { throw SelectorError("found '\(text)', expected: identifier") }
        return text
    }

    // MARK: Tokens

    /// The token here; where values may stand, `in` and `notin` are words like others.
    private func next(asValue: Bool = true) -> (kind: Token, text: String) {
        // The last token is the end, and reading beyond it finds the end again.
        let token = tokens[min(position, tokens.count - 1)]
        return asValue && (token.kind == .in || token.kind == .notIn) ? (.identifier, token.text) : token
    }

    private mutating func take(asValue: Bool = true) -> (kind: Token, text: String) {
        defer { position += 1 }
        return next(asValue: asValue)
    }

    private mutating func scan(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count, bytes[index] != 0 {
            if Self.isWhitespace(bytes[index]) {
                index += 1
                continue
            }
            let start = index
            if Self.isSymbol(bytes[index]) {
                index += 1
                // Only "==" and "!=" are longer than one character.
                if index < bytes.count, bytes[index] == UInt8(ascii: "="),
                    bytes[start] == UInt8(ascii: "=") || bytes[start] == UInt8(ascii: "!")
                {
                    index += 1
                }
            } else {
                while index < bytes.count, bytes[index] != 0, !Self.isSymbol(bytes[index]),
                    !Self.isWhitespace(bytes[index])
                {
                    index += 1
                }
            }
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            tokens.append((Self.tokens[text] ?? .identifier, text))
        }
        tokens.append((.end, ""))
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    private static func isSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: ">"), UInt8(ascii: "<"):
            true
        default: false
        }
    }
}
