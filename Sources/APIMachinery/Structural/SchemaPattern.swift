/// A `pattern` of a schema: found anywhere in a text, unless it is anchored.
///
/// `@unchecked Sendable`: a `Regex` made of text has no closures in it and is only read.
final class SchemaPattern: @unchecked Sendable {
    let text: String
    private let regex: Regex<AnyRegexOutput>?

    init(_ text: String) {
        self.text = text
        regex = (try? Regex(text)).map {
            $0.matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters().asciiOnlyWhitespace()
        }
    }

    /// Whether the text is a regular expression at all.
    var isValid: Bool { regex != nil }

    func matches(_ value: String) -> Bool {
        guard let regex else { return false }
        return value.firstMatch(of: regex) != nil
    }
}
