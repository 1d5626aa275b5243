/// Which texts may name things, and what Kubernetes says of one that may not
/// (`apimachinery/pkg/util/validation`, `apimachinery/pkg/api/validate/content`).
///
/// Each `problems…` function gives an empty list for a right text.
public enum NameRules {
    static let maximumLabelLength = 63
    static let maximumSubdomainLength = 253
    static let maximumPortNameLength = 15

    static let labelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    static let subdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + #"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
    static let underscoredSubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + #"'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"#
    static let label1035Rule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
        + "is '[a-z]([-a-z0-9]*[a-z0-9])?')"
    static let qualifiedNameRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    static let labelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    static let configMapKeyRule =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME', "
        + " or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

    /// RFC 1123 label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, 63 characters.
    public static func problemsOfLabel(_ text: String) -> [String] {
        if text.utf8.count <= maximumLabelLength, ByteRules.isLabel(text.utf8) { return [] }
        var problems = tooLong(text, maximumLabelLength)
        if !ByteRules.isLabel(text.utf8) {
            problems.append(ByteRules.isSubdomain(text.utf8) ? "must not contain dots" : labelRule)
        }
        return problems
    }

    /// RFC 1123 subdomain: labels joined by dots, 253 characters.
    public static func problemsOfSubdomain(_ text: String) -> [String] {
        if text.utf8.count <= maximumSubdomainLength, ByteRules.isSubdomain(text.utf8) { return [] }
        var problems = tooLong(text, maximumSubdomainLength)
        if !ByteRules.isSubdomain(text.utf8) { problems.append(subdomainRule) }
        return problems
    }

    /// As a subdomain, where labels may hold underscores too and start with one.
    public static func problemsOfUnderscoredSubdomain(_ text: String) -> [String] {
        var problems = tooLong(text, maximumSubdomainLength)
        let isRight = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            part in
            let part = part.first == UInt8(ascii: "_") ? part.dropFirst() : part
            return ByteRules.isLabel(part.lazy.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        }
        if !isRight { problems.append(underscoredSubdomainRule) }
        return problems
    }

    /// RFC 1035 label: as RFC 1123, starting with a letter.
    public static func problemsOfLabel1035(_ text: String) -> [String] {
        var problems = tooLong(text, maximumLabelLength)
        if !ByteRules.isLabel1035(text.utf8) { problems.append(label1035Rule) }
        return problems
    }

    /// What may be a segment of a path: anything but `.`, `..` and texts with a `/` or `%`.
    public static func problemsOfPathSegment(_ text: String, isPrefix: Bool = false) -> [String] {
        if !isPrefix, text == "." || text == ".." { return ["may not be '\(text)'"] }
        var problems: [String] = []
        for byte in ["/", "%"] where text.utf8.contains(byte.utf8.first ?? 0) {
            problems.append("may not contain '\(byte)'")
        }
        return problems
    }

    /// A name with an optional prefix, `example.com/MyName`.
    public static func problemsOfQualifiedName(_ text: String) -> [String] {
        problemsOfPrefixedName(text, whole: "a qualified name", unit: "characters")
    }

    /// The key of a label.
    public static func problemsOfLabelKey(_ text: String) -> [String] {
        problemsOfPrefixedName(text, whole: "a valid label key", unit: "bytes")
    }

    /// The value of a label.
    public static func problemsOfLabelValue(_ text: String) -> [String] {
        if text.isEmpty { return [] }
        var problems: [String] = []
        if text.utf8.count > maximumLabelLength { problems.append("must be no more than \(maximumLabelLength) bytes") }
        if !ByteRules.isQualifiedPart(text.utf8[...]) { problems.append(labelValueRule) }
        return problems
    }

    /// The key of a ConfigMap or a Secret.
    public static func problemsOfConfigMapKey(_ text: String) -> [String] {
        var problems = tooLong(text, maximumSubdomainLength)
        if text.isEmpty || !text.utf8.allSatisfy({ ByteRules.isAlphanumeric($0) || ByteRules.isPunctuation($0) }) {
            problems.append(configMapKeyRule)
        }
        switch text {
        case ".", "..": problems.append("must not be '\(text)'")
        default: if text.utf8.starts(with: "..".utf8) { problems.append("must not start with '..'") }
        }
        return problems
    }

    /// The name of a port (IANA service name).
    public static func problemsOfPortName(_ text: String) -> [String] {
        var problems = tooLong(text, maximumPortNameLength)
        let bytes = text.utf8
        let dash = UInt8(ascii: "-")
        if bytes.isEmpty || !bytes.allSatisfy({ ByteRules.isLowercaseAlphanumeric($0) || $0 == dash }) {
            problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: ByteRules.isLowercaseLetter) {
            problems.append("must contain at least one letter (a-z)")
        }
        if zip(bytes, bytes.dropFirst()).contains(where: { $0 == dash && $1 == dash }) {
            problems.append("must not contain consecutive hyphens")
        }
        if bytes.first == dash || bytes.last == dash { problems.append("must not begin or end with a hyphen") }
        return problems
    }

    private static func problemsOfPrefixedName(_ text: String, whole: String, unit: String) -> [String] {
        let bytes = text.utf8
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            return problemsOfNamePart(bytes[...], unit: unit)
        }
        let name = bytes[bytes.index(after: slash)...]
        if name.contains(UInt8(ascii: "/")) {
            return [
                whole + " " + qualifiedNameRule
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        let prefix = String(text[..<slash])
        let ofPrefix = prefix.isEmpty ? ["must be non-empty"] : problemsOfSubdomain(prefix)
        return ofPrefix.map { "prefix part " + $0 } + problemsOfNamePart(name, unit: unit)
    }

    private static func problemsOfNamePart(_ name: Substring.UTF8View, unit: String) -> [String] {
        let isRight = ByteRules.isQualifiedPart(name)
        if isRight, name.count <= maximumLabelLength { return [] }
        var problems: [String] = []
        if name.isEmpty { problems.append("name part must be non-empty") }
        if name.count > maximumLabelLength {
            problems.append("name part must be no more than \(maximumLabelLength) \(unit)")
        }
        if !isRight { problems.append("name part " + qualifiedNameRule) }
        return problems
    }

    static func tooLong(_ text: String, _ maximum: Int) -> [String] {
        text.utf8.count > maximum ? ["must be no more than \(maximum) characters"] : []
    }
}
