/// What makes a text a label's key or value, and what Kubernetes says where it is none
/// (`apimachinery/pkg/util/validation`).
package enum LabelSyntax {
    /// Bytes of a label's value, and of the name part of its key.
    package static let maximumNameLength = 63
    /// Bytes of the prefix part of a label's key.
    package static let maximumPrefixLength = 253

    private static let nameRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    private static let valueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    private static let subdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + #"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#

    /// What is wrong with a label's key; empty where nothing is.
    package static func problems(withKey key: String) -> [String] {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else {
            return [
                "a valid label key \(nameRule) with an optional DNS subdomain prefix and '/' "
                    + "(e.g. 'example.com/MyName')"
            ]
        }
        var problems: [String] = []
        if parts.count == 2 { problems += self.problems(withPrefix: parts[0]).map { "prefix part \($0)" } }
        if name.isEmpty { problems.append("name part must be non-empty") }
        if name.utf8.count > maximumNameLength {
            problems.append("name part must be no more than \(maximumNameLength) bytes")
        }
        if !isName(name) { problems.append("name part \(nameRule)") }
        return problems
    }

    /// What is wrong with a label's value; empty where nothing is.
    package static func problems(withValue value: String) -> [String] {
        var problems: [String] = []
        if value.utf8.count > maximumNameLength {
            problems.append("must be no more than \(maximumNameLength) bytes")
        }
        if !value.isEmpty, !isName(value[...]) { problems.append(valueRule) }
        return problems
    }

    private static func problems(withPrefix prefix: Substring) -> [String] {
        if prefix.isEmpty { return ["must be non-empty"] }
        var problems: [String] = []
        if prefix.utf8.count > maximumPrefixLength {
            problems.append("must be no more than \(maximumPrefixLength) bytes")
        }
        let labels = prefix.split(separator: ".", omittingEmptySubsequences: false)
        let isSubdomain = labels.allSatisfy { label in
            isBounded(label, by: isLowercaseAlphanumeric) { isLowercaseAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
        if !isSubdomain { problems.append(subdomainRule) }
        return problems
    }

    private static func isName(_ name: Substring) -> Bool {
        isBounded(name, by: isAlphanumeric) { byte in
            isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }

    private static func isBounded(
        _ text: Substring, by isEnd: (UInt8) -> Bool, _ isInside: (UInt8) -> Bool
    ) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isEnd(first) && isEnd(last) && text.utf8.allSatisfy(isInside)
    }

    private static func isLowercaseAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowercaseAlphanumeric(byte)
            || isLowercaseAlphanumeric(byte | 0x20)
                && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
