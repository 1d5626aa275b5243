import APIMachinery
import JSON

/// What is said of texts that are no addresses, and of addresses that are special.
///
/// Addresses are read as they always were, and what may be read in more than one way is refused by name
/// (`apimachinery/pkg/util/validation/ip.go`, `StrictIPCIDRValidation`).
enum IPRules {
    static let mustBeAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    static let mustBeBlock = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

    static func address(_ field: FieldValue, _ errors: inout FieldErrors) {
        errors.add(problemsOfAddress(field.text), at: field)
    }

    static func block(_ field: FieldValue, _ errors: inout FieldErrors) {
        errors.add(problemsOfBlock(field.text), at: field)
    }

    /// An address in whatever form.
    static func problemsOfAddress(_ text: String) -> [String] {
        guard let address = IPAddress(text, leadingZeros: .ignored) else { return [mustBeAddress] }
        if IPAddress(text) == nil { return ["must not have leading 0s"] }
        return address.isMappedV4 ? ["must not be an IPv4-mapped IPv6 address"] : []
    }

    /// An address in its canonical form.
    static func problemsOfCanonicalAddress(_ text: String) -> [String] {
        let problems = problemsOfAddress(text)
        guard problems.isEmpty, let canonical = IPAddress(text)?.description, canonical != text else { return problems }
        return [mustBeCanonical(canonical)]
    }

    /// A block in whatever form.
    static func problemsOfBlock(_ text: String) -> [String] {
        guard let block = IPAddressBlock(text, leadingZeros: .ignored) else { return [mustBeBlock] }
        if IPAddressBlock(text) == nil { return ["must not have leading 0s in IP or prefix length"] }
        if block.address.isMappedV4 { return ["must not have an IPv4-mapped IPv6 address"] }
        return block.address == block.first ? [] : ["must not have bits set beyond the prefix length"]
    }

    /// A block in its canonical form.
    static func problemsOfCanonicalBlock(_ text: String) -> [String] {
        let problems = problemsOfBlock(text)
        guard problems.isEmpty, let canonical = IPAddressBlock(text)?.description, canonical != text else {
            return problems
        }
        return [mustBeCanonical(canonical)]
    }

    private static func mustBeCanonical(_ text: String) -> String { "must be in canonical form (\"\(text)\")" }

    /// An address that is no special one: not of all, of this machine, or of this link.
    static func problemsOfSpecial(_ text: String) -> [String] {
        guard let address = IPAddress(text, leadingZeros: .ignored)?.unmapped else {
            return ["must be a valid IP address"]
        }
        if address.isUnspecified { return ["may not be unspecified (\(text))"] }
        if address.isLoopback { return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"] }
        if address.isLinkLocalUnicast { return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"] }
        if address.isLinkLocalMulticast {
            return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"]
        }
        return []
    }
}
