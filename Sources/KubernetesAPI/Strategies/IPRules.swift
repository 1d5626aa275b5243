import APIMachinery
import JSON

/// What is said of texts that are no addresses, and of addresses that are special.
enum IPRules {
    static let mustBeAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    static let mustBeBlock = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

    static func address(_ field: FieldValue, _ errors: inout FieldErrors) {
        if IPAddress(field.text) == nil { errors.add([mustBeAddress], at: field) }
    }

    static func block(_ field: FieldValue, _ errors: inout FieldErrors) {
        if IPAddressBlock(field.text) == nil { errors.add([mustBeBlock], at: field) }
    }

    static func problemsOfSpecial(_ address: IPAddress) -> [String] {
        if address.isUnspecified { return ["may not be unspecified (\(address))"] }
        if address.isLoopback { return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"] }
        if address.isLinkLocalUnicast { return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"] }
        if address.isLinkLocalMulticast {
            return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"]
        }
        return []
    }
}
