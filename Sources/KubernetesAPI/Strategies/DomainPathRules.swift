import APIMachinery
import JSON

/// What is named by a domain and a path below it, as `acme.io/foo` (`IsDomainPrefixedPath`).
enum DomainPathRules {
    private static let pathRule =
        "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"

    static func check(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(field) else { return }
        let parts = field.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            return errors.invalid(field, "must be a domain-prefixed path (such as \"acme.io/foo\")")
        }
        errors.add(NameRules.problemsOfSubdomain(parts[0]), at: field.path, value: .string(parts[0]))
        let isPath = parts[1].utf8.allSatisfy {
            ByteRules.isAlphanumeric($0) || "/-._~%!$&'()*+,;=:".utf8.contains($0)
        }
        if !isPath { errors.add([pathRule], at: field.path, value: .string(parts[1])) }
    }
}
