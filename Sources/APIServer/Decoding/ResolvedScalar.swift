import APIMachinery
import JSON

/// A scalar of YAML 1.1 as go-yaml resolves it.
enum ResolvedScalar {
    case null
    case bool(Bool)
    case int(Int64)
    /// Beyond `Int64`.
    case unsigned(UInt64)
    case float(Double)
    case text(String)

    /// Why a scalar is none of its tag, or has no place in JSON.
    struct Problem: Error {
        var message: String
    }

    private static let prefix = "tag:yaml.org,2002:"

    /// - Parameter tag: `nil` for a plain scalar, whose form tells its type.
    init(_ text: String, tag: String?) throws(Problem) {
        guard let tag else {
            self = Self.plain(text)
            return
        }
        let name = tag.hasPrefix(Self.prefix) ? String(tag.dropFirst(Self.prefix.count)) : ""
        switch name {
        case "binary":
            guard let bytes = Base64Text.bytes(of: text) else {
                throw Problem(message: "!!binary value contains invalid base64 data")
            }
            self = .text(String(decoding: bytes, as: UTF8.self))
        case "bool", "int", "float", "null": self = try Self.tagged(text, name)
        default: self = .text(text)
        }
    }

    private static func tagged(_ text: String, _ name: String) throws(Problem) -> ResolvedScalar {
        let scalar = plain(text)
        if scalar.tagName == name { return scalar }
        if name == "float", case .int(let value) = scalar { return .float(Double(value)) }
        throw Problem(message: "cannot decode !!\(scalar.tagName) `\(text)` as a !!\(name)")
    }

    private var tagName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int, .unsigned: "int"
        case .float: "float"
        case .text: "str"
        }
    }

    // MARK: Plain scalars

    private static func plain(_ text: String) -> ResolvedScalar {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": .bool(false)
        case ".nan", ".NaN", ".NAN": .float(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .float(.infinity)
        case "-.inf", "-.Inf", "-.INF": .float(-.infinity)
        default: number(text) ?? .text(text)
        }
    }

    /// An integer in decimal, hexadecimal, octal or binary, or a decimal number; `_` between digits of those that do not
    /// begin with a point.
    private static func number(_ text: String) -> ResolvedScalar? {
        guard let first = text.utf8.first else { return nil }
        switch first {
        case UInt8(ascii: "."): return float(text)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let plain = text.utf8.contains(UInt8(ascii: "_")) ? text.filter { $0 != "_" } : text
            return integer(plain) ?? float(plain)
        default: return nil
        }
    }

    private static func integer(_ text: String) -> ResolvedScalar? {
        var digits = text[...].utf8
        var sign = ""
        if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? "-" : "+"
            digits = digits.dropFirst()
        }
        var radix = 10
        if digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits = digits.dropFirst()
            let prefixes: [(letters: String, radix: Int)] = [("xX", 16), ("oO", 8), ("bB", 2)]
            let prefix = prefixes.first { digits.first.map($0.letters.utf8.contains) ?? false }
            radix = prefix?.radix ?? 8
            if prefix != nil { digits = digits.dropFirst() }
        }
        // A second sign is what `Int64` would take.
        guard let first = digits.first, first >= UInt8(ascii: "0") else { return nil }
        let magnitude = String(Substring(digits))
        if let value = Int64(sign + magnitude, radix: radix) { return .int(value) }
        return sign.isEmpty ? UInt64(magnitude, radix: radix).map { .unsigned($0) } : nil
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func float(_ text: String) -> ResolvedScalar? {
        var rest = Substring(text).utf8
        func take(where isTaken: (UInt8) -> Bool) -> Int {
            let count = rest.prefix(while: isTaken).count
            rest = rest.dropFirst(count)
            return count
        }
        func takeOne(of bytes: String) -> Bool {
            guard let first = rest.first, bytes.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        _ = takeOne(of: "+-")
        let whole = take(where: isDigit)
        if takeOne(of: ".") {
            if take(where: isDigit) == 0, whole == 0 { return nil }
        } else if whole == 0 {
            return nil
        }
        if takeOne(of: "eE") {
            _ = takeOne(of: "+-")
            if take(where: isDigit) == 0 { return nil }
        }
        guard rest.isEmpty, let value = Double(text), value.isFinite else { return nil }
        return .float(value)
    }

    // MARK: As text

    /// Whether a string would read back as something else if it stood without quotes.
    static func isMisread(_ text: String) -> Bool {
        if case .text = plain(text) { return isTime(text) || isSexagesimal(text) || text == "<<" }
        return true
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`, which older readers take for a number to the base of 60.
    private static func isSexagesimal(_ text: String) -> Bool {
        var rest = text[...]
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return false }
        func isDigits(_ text: Substring, allowing other: Character? = nil) -> Bool {
            text.allSatisfy { $0.isASCII && $0.isNumber || $0 == other }
        }
        guard first.first?.isASCII == true, first.first?.isNumber == true, isDigits(first, allowing: "_") else {
            return false
        }
        let ends = last.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let places = parts.dropFirst().dropLast() + [ends[0]]
        return places.allSatisfy { $0.count < 3 && isDigits($0) && (Int($0).map { $0 < 60 } ?? false) }
            && (ends.count == 1 || isDigits(ends[1], allowing: "_"))
    }

    /// A date, alone or with a time of day behind `T` and a zone, or behind a space and no zone.
    private static func isTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let end =
            bytes.firstIndex { [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains($0) } ?? bytes.count
        func number(_ bytes: ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
            guard (1...2).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(String(decoding: bytes, as: UTF8.self)).flatMap { range.contains($0) ? $0 : nil }
        }
        let date = bytes[..<end].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard date.count == 3, date[0].count == 4, date[0].allSatisfy({ (0x30...0x39).contains($0) }),
            let month = number(date[1], 1...12), let day = number(date[2], 1...31)
        else { return false }
        let year = Int(String(decoding: date[0], as: UTF8.self)) ?? 0
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if day > days[month - 1] { return false }
        if end == bytes.count { return true }
        return isTimeOfDay(bytes[(end + 1)...], hasZone: bytes[end] != UInt8(ascii: " "), number)
    }

    private static func isTimeOfDay(
        _ bytes: ArraySlice<UInt8>, hasZone: Bool, _ number: (ArraySlice<UInt8>, ClosedRange<Int>) -> Int?
    ) -> Bool {
        var time = bytes
        if hasZone {
            guard let zone = bytes.firstIndex(where: { "Z+-".utf8.contains($0) }) else { return false }
            time = bytes[..<zone]
            let offset = bytes[(zone + 1)...].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            let isUTC = bytes[zone] == UInt8(ascii: "Z") && zone + 1 == bytes.endIndex
            let isOffset =
                bytes[zone] != UInt8(ascii: "Z") && offset.count == 2 && offset.allSatisfy { $0.count == 2 }
                && number(offset[0], 0...24) != nil && number(offset[1], 0...59) != nil
            guard isUTC || isOffset else { return false }
        }
        let fraction = time.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        if fraction.count == 2, fraction[1].isEmpty || !fraction[1].allSatisfy({ (0x30...0x39).contains($0) }) {
            return false
        }
        guard let clock = fraction.first?.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false),
            clock.count == 3
        else { return false }
        return number(clock[0], 0...23) != nil && number(clock[1], 0...59) != nil && number(clock[2], 0...59) != nil
    }

    /// A number as Go's encoder writes what it has read of JSON's text: a whole one of 64 bits with all its digits.
    static func text(of number: Double) -> String {
        let json = JSON.double(number).description
        if Int64(json) != nil || UInt64(json) != nil { return json }
        return (number.sign == .minus ? "-" : "") + shortest(number.magnitude.description)
    }

    // MARK: As JSON

    /// The value. A number takes the way through JSON's text, in which a whole one is an integer.
    var json: JSON {
        get throws(Problem) {
            switch self {
            case .null: return .null
            case .bool(let value): return .bool(value)
            case .int(let value): return .int(value)
            case .unsigned(let value): return .double(Double(value))
            case .text(let text): return .string(text)
            case .float(let value):
                guard value.isFinite else {
                    throw Problem(
                        message: "json: unsupported value: " + (value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf"))
                }
                return (try? JSON(parsing: JSON.double(value).encoded)) ?? .double(value)
            }
        }
    }

    /// What it is as the key of a map.
    var key: YAMLKey {
        switch self {
        case .text(let text): .text(text, syntax: nil)
        case .int(let value): .text("\(value)", syntax: "\(value)")
        case .bool(let value): .text("\(value)", syntax: "\(value)")
        case .float(let value): .text(Self.keyText(value), syntax: "\(value)")
        case .null: .unsupported(type: "%!s(<nil>)", syntax: "<nil>")
        case .unsigned(let value): .unsupported(type: "uint64", syntax: "0x" + String(value, radix: 16))
        }
    }

    /// A number in the fewest digits of 32 bits.
    private static func keyText(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        let single = Float(value)
        if single.isInfinite { return single > 0 ? ".inf" : "-.inf" }
        return (single.sign == .minus ? "-" : "") + shortest(single.magnitude.description)
    }

    /// What Go's `'g'` makes of a number, by Swift's text of it: an exponent below 1e-4 and from 1e6 on.
    private static func shortest(_ description: String) -> String {
        var digits = ""
        var (point, exponent) = (0, 0)
        let parts = description.split(separator: "e")
        if parts.count > 1 { exponent = Int(parts[1]) ?? 0 }
        for character in parts.first ?? "" {
            if character == "." { point = digits.count } else { digits.append(character) }
        }
        if !parts.joined().contains(".") { point = digits.count }
        let zeros = digits.prefix { $0 == "0" }.count
        digits.removeFirst(zeros)
        point += exponent - zeros
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "0" : text(of: digits, point: point)
    }

    private static func text(of digits: String, point: Int) -> String {
        let exponent = point - 1
        if exponent < -4 || exponent >= 6 {
            let rest = digits.dropFirst()
            let magnitude = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+") + magnitude
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return digits + String(repeating: "0", count: point - digits.count) }
        return digits.prefix(point) + "." + digits.dropFirst(point)
    }
}

/// What a scalar is as the key of a map.
enum YAMLKey {
    /// - Parameter syntax: the key as Go writes it, where it is no string.
    case text(String, syntax: String?)
    /// JSON has no such key.
    case unsupported(type: String, syntax: String)

    func refusal(value: JSON) -> String {
        guard case .unsupported(let type, let syntax) = self else { return "" }
        let text = value.isNull ? "<nil>" : value.goSyntaxOfYAML
        return "unsupported map key of type: \(type), key: \(syntax), value: \(text)"
    }
}

extension JSON {
    /// As Go's `%#v` writes a value read from YAML.
    var goSyntaxOfYAML: String {
        switch self {
        case .null: "interface {}(nil)"
        case .string(let text): FieldError.quoted(text)
        case .array(let items): "[]interface {}{" + items.map(\.goSyntaxOfYAML).joined(separator: ", ") + "}"
        case .object(let object):
            "map[interface {}]interface {}{"
                + object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { FieldError.quoted($0.key) + ":" + $0.value.goSyntaxOfYAML }.joined(separator: ", ") + "}"
        case .bool, .int, .double: description
        }
    }
}
