import APIMachinery
import JSON

/// What is named by a domain and a path below it, as `acme.io/foo`.
enum DomainPathRules {
    static func check(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(field) else { return }
        let text = field.text
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")), slash < text.utf8.index(before: text.endIndex),
            slash > text.startIndex
        else {
            return errors.invalid(field, "must be a domain-prefixed path (such as \"acme.io/foo\")")
        }
        errors.add(NameRules.problemsOfSubdomain(String(text[..<slash])), at: field)
    }
}
