/// A condition on an object's selectable fields, all of whose terms must hold.
///
/// Reads the text form of `?fieldSelector=`: `metadata.name=a,status.phase!=Running`. In values a backslash stands
/// before `\`, `,` and `=`. The rules and the wording of errors are those of `apimachinery/pkg/fields`. Which fields
/// a kind has is not checked here.
public struct FieldSelector: Sendable, Hashable {
    public struct Term: Sendable, Hashable {
        public var field: String
        public var value: String
        /// Whether the field must have another value.
        public var isNegated: Bool

        public init(field: String, value: String, isNegated: Bool = false) {
            self.field = field
            self.value = value
            self.isNegated = isNegated
        }
    }

    public var terms: [Term]

    /// Selects every object.
    public static let everything = FieldSelector([])

    public init(_ terms: [Term]) { self.terms = terms }

    /// Reads the text form; an empty text selects everything.
    public init(parsing text: String) throws(SelectorError) {
        terms = []
        let parts = Self.split(Array(text.utf8)).sorted { $0.lexicographicallyPrecedes($1) }
        for part in parts where !part.isEmpty {
            guard let (field, isNegated, value) = Self.term(part) else {
                let part = String(decoding: part, as: UTF8.self)
                throw SelectorError("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            terms.append(
                Term(
                    field: String(decoding: field, as: UTF8.self), value: try Self.unescape(value),
                    isNegated: isNegated))
        }
    }

    public var isEverything: Bool { terms.isEmpty }

    /// A field that is not there counts as empty.
    public func matches(_ fields: [String: String]) -> Bool { matches { fields[$0] ?? "" } }

    /// - Parameter value: gives the value of a field.
    public func matches(_ value: (_ field: String) -> String) -> Bool {
        terms.allSatisfy { (value($0.field) == $0.value) != $0.isNegated }
    }

    /// The value that a field must have, where a term asks for one.
    public func requiredValue(of field: String) -> String? {
        terms.first { $0.field == field && !$0.isNegated }?.value
    }

    /// The parts between commas that no backslash precedes.
    private static func split(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var isEscaped = false
        for (index, byte) in text.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: ",") {
                parts.append(text[start..<index])
                start = index + 1
            }
        }
        return parts + [text[start...]]
    }

    /// Takes a term apart at its first operator.
    private static func term(
        _ text: ArraySlice<UInt8>
    ) -> (field: ArraySlice<UInt8>, isNegated: Bool, value: ArraySlice<UInt8>)? {
        for index in text.indices {
            let rest = text[index...]
            if rest.starts(with: "!=".utf8) { return (text[..<index], true, rest.dropFirst(2)) }
            if rest.starts(with: "==".utf8) { return (text[..<index], false, rest.dropFirst(2)) }
            if rest.starts(with: "=".utf8) { return (text[..<index], false, rest.dropFirst()) }
        }
        return nil
    }

    private static func unescape(_ value: ArraySlice<UInt8>) throws(SelectorError) -> String {
        var result = ""
        var isEscaped = false
        for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
            switch (isEscaped, scalar) {
            case (true, "\\"), (true, ","), (true, "="):
                result.unicodeScalars.append(scalar)
                isEscaped = false
            case (true, _):
                throw SelectorError("invalid field selector: invalid escape sequence: \\\(scalar)")
            case (false, "\\"): isEscaped = true
            case (false, ","), (false, "="):
                // Kubernetes prints the character's number.
                throw SelectorError("invalid field selector: unescaped character in value: \(scalar.value)")
            default: result.unicodeScalars.append(scalar)
            }
        }
        if isEscaped { throw SelectorError("invalid field selector: invalid escape sequence: \\") }
        return result
    }
}

extension FieldSelector: CustomStringConvertible {
    public var description: String {
        terms.map { "\($0.field)\($0.isNegated ? "!=" : "=")\(Self.escape($0.value))" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            if scalar == "\\" || scalar == "," || scalar == "=" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
