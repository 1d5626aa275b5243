/// The formats of text that a schema may ask for (`format`). What is not known is not checked, as in Kubernetes.
enum SchemaFormat {
    static func accepts(_ text: String, as format: String) -> Bool {
        switch format.filter({ $0 != "-" }) {
        case "datetime": isDateTime(text)
        case "date": isDate(text)
        case "ipv4": IPAddress(text)?.family == .v4
        case "ipv6": IPAddress(text)?.family == .v6
        case "cidr": IPAddressBlock(text) != nil
        case "uuid", "uuid3", "uuid4", "uuid5": isUUID(text, version: format.last { "345".contains($0) })
        case "hostname": NameRules.problemsOfSubdomain(text.lowercased()).isEmpty
        case "byte": isBase64(text)
        default: true
        }
    }

    private static func isDateTime(_ text: String) -> Bool {
        (try? KubernetesTime(parsing: text.replacingSpaceAfterDate)) != nil
    }

    private static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && (try? KubernetesTime(parsing: text + "T00:00:00Z")) != nil
    }

    private static func isUUID(_ text: String, version: Character?) -> Bool {
        let digits = text.filter { $0 != "-" }
        guard digits.utf8.count == 32, digits.allSatisfy(\.isHexDigit), digits.allSatisfy(\.isASCII) else {
            return false
        }
        guard let version else { return true }
        return digits.dropFirst(12).first == version
    }

    private static func isBase64(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count % 4 == 0 else { return false }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return padding <= 2
            && bytes.dropLast(padding).allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
                default: false
                }
            }
    }
}

extension String {
    /// RFC 3339 allows a blank between the date and the time.
    fileprivate var replacingSpaceAfterDate: String {
        guard utf8.count > 10, Array(utf8)[10] == UInt8(ascii: " ") else { return self }
        return String(prefix(10)) + "T" + String(dropFirst(11))
    }
}
