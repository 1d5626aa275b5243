/// The formats of text that a schema may ask for (`format`): those of go-openapi's `strfmt` that Kubernetes checks. What is
/// not among them is not checked.
package enum SchemaFormat {
    private static let checks: [String: @Sendable (String) -> Bool] = [
        "bsonobjectid": matching("^[0-9a-fA-F]{24}$"),
        "byte": matching("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"),
        "cidr": { IPAddressBlock($0) != nil },
        "creditcard": { isCardNumber($0) },
        "date": { isDate($0[...]) },
        "datetime": { isDateTime($0) },
        "duration": { isDuration($0) },
        "email": { isEmailAddress($0) },
        "hexcolor": matching("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
        "hostname": { isHostname($0) },
        "ipv4": { IPAddress($0) != nil && $0.contains(".") },
        "ipv6": { IPAddress($0) != nil && $0.contains(":") },
        "isbn": { isBookNumber($0, 10) || isBookNumber($0, 13) },
        "isbn10": { isBookNumber($0, 10) },
        "isbn13": { isBookNumber($0, 13) },
        "k8slongname": { $0.utf8.count <= 253 && matchesLongName($0) },
        "k8sshortname": { $0.utf8.count <= 63 && matchesShortName($0) },
        "mac": matching(
            "^(?i)(?:(?:x{2}(?::x{2}){5}(?:(?::x{2}){2}|(?::x{2}){14})?)|(?:x{2}(?:-x{2}){5}(?:(?:-x{2}){2}|(?:-x{2}){14})?)"
                .hexadecimal + "|(?:x{4}(?:\\.x{4}){2}(?:(?:\\.x{4})|(?:\\.x{4}){7})?))$".hexadecimal),
        "password": { _ in true },
        "rgbcolor": matching("^rgb\\(" + [color, color, color].joined(separator: ",") + "\\)$"),
        "ssn": matching("^\\d{3}[- ]?\\d{2}[- ]?\\d{4}$"),
        "uri": { isRequestURI($0) },
        "uuid": matching("(?i)^x{8}-?x{4}-?x{4}-?x{4}-?x{12}$".hexadecimal),
        "uuid3": matching("(?i)^x{8}-?x{4}-?3x{3}-?x{4}-?x{12}$".hexadecimal),
        "uuid4": matching("(?i)^x{8}-?x{4}-?4x{3}-?[89ab]x{3}-?x{12}$".hexadecimal),
        "uuid5": matching("(?i)^x{8}-?x{4}-?5x{3}-?[89ab]x{3}-?x{12}$".hexadecimal),
    ]

    private static let color = "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*"

    /// Names of formats are the same with and without dashes.
    private static func normalized(_ format: String) -> String { format.filter { $0 != "-" } }

    /// Whether Kubernetes checks texts of a format.
    package static func isKnown(_ format: String) -> Bool { checks[normalized(format)] != nil }

    /// Whether a text has a format; it has each that is not known.
    static func accepts(_ text: String, as format: String) -> Bool { checks[normalized(format)]?(text) ?? true }

    private static func matching(_ pattern: String) -> @Sendable (String) -> Bool {
        let expression = try? RegularExpression(pattern)
        return { expression?.search($0) == .match }
    }

    // MARK: Names

    private static let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    private static let matchesShortName = matching("^\(label)$")
    private static let matchesLongName = matching("^\(label)(\\.\(label))*$")

    /// A letter, a digit or a symbol of any script begins and ends each label, and the last has two at least.
    private static let matchesHostname: @Sendable (String) -> Bool = {
        let letter = "[a-zA-Z0-9\\p{S}\\p{L}]"
        let single = "\(letter)((-?\(letter){0,62})?)"
        let labels = "(\(letter)(([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}\(letter))?)(\\.)){1,}"
        return matching("^(\(single)|\(labels)(\(letter))(-?\(letter)){1,62})$")
    }()

    private static func isHostname(_ text: String) -> Bool {
        text.utf8.count <= 255 && text.split(separator: ".").allSatisfy { $0.utf8.count <= 63 } && matchesHostname(text)
    }

    // MARK: Times

    private static func isDate(_ text: Substring) -> Bool {
        text.utf8.count == 10 && (try? KubernetesTime(parsing: text + "T00:00:00Z")) != nil
    }

    private static let matchesTime = matching(
        "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$")

    private static func isDateTime(_ text: String) -> Bool {
        let parts = text.lowercased().split(separator: "t", omittingEmptySubsequences: false)
        return parts.count >= 2 && isDate(parts[0]) && matchesTime(String(parts[1]))
    }

    private static let hasAmount = matching(
        "(?i)\\d\\s*((nano|micro|milli|sec|min|hour|day|week)[a-zµ]*|ns|us|µs|ms|s|m|h|hr|d|w|wk)([^a-zµ]|$)")
    private static let hasHugeNumber = matching("\\d{20,}\\s*[A-Za-zµ]")

    /// Go's durations, and words: `3 days`. Whatever stands around a number with a unit does not matter, as in
    /// kube-openapi's `strfmt.ParseDuration`.
    private static func isDuration(_ text: String) -> Bool {
        if case .success = DurationText.nanoseconds(text) { return true }
        return hasAmount(text) && !hasHugeNumber(text)
    }

    // MARK: Addresses

    private static let matchesEmail: @Sendable (String) -> Bool = {
        let atom = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10FFFF}-]+"
        let local = "(\(atom)(\\.\(atom))*|\"([^\"\\\\\\r\\n]|\\\\.)*\")"
        let address = "\(local)@(\(atom)(\\.\(atom))*|\\[[^\\[\\]\\s]+\\])"
        return matching("^\\s*(\(address)|((\(atom)|\"([^\"\\\\]|\\\\.)*\"|\\.)\\s*)*<\(address)>)\\s*$")
    }()

    private static func isEmailAddress(_ text: String) -> Bool { matchesEmail(text) }

    private static let matchesURI = matching(
        "^([a-zA-Z][a-zA-Z0-9+.-]*:)?/(/([^/?@\\s<>\"\\\\^`{|}]*@)?[^/?\\s<>\"\\\\^`{|}@]*)?([/?].*)?$|^(/.*|\\*)$"
            + "|^[a-zA-Z][a-zA-Z0-9+.-]*:/.*$")
    private static let hasBadEscape = matching("%([^0-9a-fA-F]|[0-9a-fA-F][^0-9a-fA-F]|.?$)")
    private static let hasControl = matching("[\\x00-\\x1f\\x7f]")
    private static let matchesBadAuthority = matching("^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*[\\s<>\"\\\\^`{|}]")

    /// What may stand in the first line of an HTTP request (Go's `url.ParseRequestURI`).
    private static func isRequestURI(_ text: String) -> Bool {
        let path =
            text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
        return matchesURI(text) && !hasBadEscape(path) && !hasControl(text) && !matchesBadAuthority(text)
    }

    // MARK: Numbers with a check digit

    private static func isBookNumber(_ text: String, _ length: Int) -> Bool {
        let characters = text.filter { $0 != "-" && !$0.isWhitespace }
        guard characters.utf8.count == length else { return false }
        var digits: [Int] = []
        for (index, byte) in characters.utf8.enumerated() {
            switch byte {
            case 0x30...0x39: digits.append(Int(byte) - 0x30)
            case UInt8(ascii: "X") where length == 10 && index == 9: digits.append(10)
            default: return false
            }
        }
        if length == 10 { return digits.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element } % 11 == 0 }
        let sum = digits.dropLast().enumerated().reduce(0) { $0 + ($1.offset % 2 == 0 ? 1 : 3) * $1.element }
        return digits[12] == (10 - sum % 10) % 10
    }

    private static let matchesCard = matching(
        "^(4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
            + "|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11})$")

    /// Digits, with anything between them, whose sum by Luhn's rule ends in 0.
    private static func isCardNumber(_ text: String) -> Bool {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
        guard matchesCard(digits.map(String.init).joined()) else { return false }
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let value = digit.element * (digit.offset % 2 == 0 ? 1 : 2)
            return sum + value / 10 + value % 10
        }
        return sum % 10 == 0
    }
}

extension String {
    /// A pattern in which `x` stands for a hexadecimal digit.
    fileprivate var hexadecimal: String { map { $0 == "x" ? "[0-9a-f]" : String($0) }.joined() }
}
