// Characters: escapes, and sets of characters.
extension RegularExpressionParser {
    /// `[…]`.
    mutating func readClass() throws(RegularExpressionError) -> CharacterClass {
        let start = position
        position += 1
        var set = CharacterClass()
        if peek() == "^" {
            position += 1
            set.isNegated = true
        }
        var isFirst = true  // then a bracket stands for itself
        while isFirst || peek() != "]" {
            isFirst = false
            if peek() == "[", peek(1) == ":", try readNamedClass(into: &set) { continue }
            if try readUnicodeClass(into: &set) || readPerlClass(into: &set) { continue }
            try readRange(into: &set, classAt: start)
        }
        position += 1
        return set.finished(foldsCase: flags.foldsCase)
    }

    private mutating func readRange(
        into set: inout CharacterClass, classAt start: Int
    ) throws(RegularExpressionError) {
        let first = position
        let low = try readClassScalar(classAt: start)
        guard peek() == "-", let next = peek(1), next != "]" else { return set.insert(low...low) }
        position += 1
        let high = try readClassScalar(classAt: start)
        guard low <= high else { throw error(.invalidClassRange, text(from: first)) }
        set.insert(low...high)
    }

    private mutating func readClassScalar(classAt start: Int) throws(RegularExpressionError) -> UInt32 {
        guard let next = peek() else { throw error(.missingBracket, text(from: start, to: scalars.count)) }
        if next == "\\" { return try readEscape().value }
        position += 1
        return next.value
    }

    /// `[:alpha:]` within brackets.
    private mutating func readNamedClass(into set: inout CharacterClass) throws(RegularExpressionError) -> Bool {
        var end = position + 2
        while end + 1 < scalars.count, !(scalars[end] == ":" && scalars[end + 1] == "]") { end += 1 }
        guard end + 1 < scalars.count else { return false }
        let name = text(from: position + 2, to: end)
        let isNegated = name.hasPrefix("^")
        guard let ranges = CharacterClass.named[isNegated ? String(name.dropFirst()) : name] else {
            throw error(.invalidClassRange, text(from: position, to: end + 2))
        }
        set.insert(ranges, isNegated: isNegated, foldsCase: flags.foldsCase)
        position = end + 2
        return true
    }

    /// `\d`, `\S` and the like.
    mutating func readPerlClass(into set: inout CharacterClass) -> Bool {
        guard peek() == "\\", let name = peek(1) else { return false }
        let lower = name.properties.lowercaseMapping
        guard let ranges = CharacterClass.perl[lower] else { return false }
        set.insert(ranges, isNegated: lower.unicodeScalars.first != name, foldsCase: flags.foldsCase)
        position += 2
        return true
    }

    /// `\pL`, `\p{Greek}`, `\P{^Lu}`.
    mutating func readUnicodeClass(into set: inout CharacterClass) throws(RegularExpressionError) -> Bool {
        guard peek() == "\\", let sign = peek(1), sign == "p" || sign == "P", let first = peek(2) else { return false }
        let start = position
        var end = position + 3
        var name = String(first)
        if first == "{" {
            guard let brace = scalars[position...].firstIndex(of: "}") else {
                throw error(.invalidClassRange, text(from: start, to: scalars.count))
            }
            name = text(from: position + 3, to: brace)
            end = brace + 1
        }
        var isNegated = sign == "P"
        if name.hasPrefix("^") {
            isNegated.toggle()
            name.removeFirst()
        }
        guard let property = UnicodeClass(named: name) else {
            throw error(.invalidClassRange, text(from: start, to: end))
        }
        switch property {
        case .ranges(let ranges): set.insert(ranges, isNegated: isNegated, foldsCase: flags.foldsCase)
        case .categories(let categories): set.insert(categories, isNegated: isNegated)
        }
        position = end
        return true
    }

    /// A backslash and what it makes of what follows.
    mutating func readEscape() throws(RegularExpressionError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let next = peek() else { throw error(.trailingBackslash, "") }
        position += 1
        if let control = Self.controls[next] { return control }
        switch next {
        case "0"..."7":
            // A single digit but 0 would refer to a group, which is not supported.
            let isOctal = next == "0" || peek().map { ("0"..."7").contains($0) } ?? false
            if isOctal, let value = readOctal(next) { return value }
        case "x": if let value = readHexadecimal() { return value }
        default: if next.isASCII, !next.isASCIIAlphanumeric { return next }
        }
        throw error(.invalidEscape, text(from: start))
    }

    private static let controls: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
    ]

    private mutating func readOctal(_ first: Unicode.Scalar) -> Unicode.Scalar? {
        var value = first.value - 0x30
        for _ in 1..<3 {
            guard let next = peek(), ("0"..."7").contains(next) else { break }
            value = value * 8 + next.value - 0x30
            position += 1
        }
        return Unicode.Scalar(value)
    }

    private mutating func readHexadecimal() -> Unicode.Scalar? {
        guard let first = peek() else { return nil }
        position += 1
        guard first == "{" else {
            guard let second = peek() else { return nil }
            position += 1
            guard let high = first.hexadecimalDigit, let low = second.hexadecimalDigit else { return nil }
            return Unicode.Scalar(high * 16 + low)
        }
        var value: UInt32 = 0
        var hasDigits = false
        while let next = peek() {
            position += 1
            if next == "}" { return hasDigits ? Unicode.Scalar(value) : nil }
            guard let digit = next.hexadecimalDigit else { return nil }
            value = value * 16 + digit
            if value > 0x10FFFF { return nil }
            hasDigits = true
        }
        return nil
    }
}
