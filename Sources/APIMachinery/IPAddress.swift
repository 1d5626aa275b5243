/// An IP address of either family.
public struct IPAddress: Hashable, Comparable, Sendable {
    public enum Family: String, Sendable, Hashable, CaseIterable {
        case v4 = "IPv4"
        case v6 = "IPv6"

        public var bitWidth: Int { self == .v4 ? 32 : 128 }
    }

    /// What becomes of a decimal number that starts with a zero.
    public enum LeadingZeros: Sendable {
        case refused, ignored
    }

    public let family: Family
    /// The address as a number; of an IPv4 address the 32 low bits.
    public let value: UInt128

    public init(family: Family, value: UInt128) {
        self.family = family
        self.value = value
    }

    /// Reads an address as Kubernetes takes it: four decimal numbers, or RFC 4291's text form without a zone.
    /// - Parameter zeros: whether the decimal numbers may have leading zeros, which some read as octal.
    public init?(_ text: some StringProtocol, leadingZeros zeros: LeadingZeros = .refused) {
        let bytes = Array(text.utf8)
        if let value = IPAddress.v4Value(bytes[...], zeros) {
            self.init(family: .v4, value: value)
        } else if let value = IPAddress.v6Value(bytes, zeros) {
            self.init(family: .v6, value: value)
        } else {
            return nil
        }
    }

    public static func < (lhs: IPAddress, rhs: IPAddress) -> Bool {
        lhs.family == rhs.family ? lhs.value < rhs.value : lhs.family == .v4
    }

    private static func v4Value(_ bytes: ArraySlice<UInt8>, _ zeros: LeadingZeros) -> UInt128? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt128 = 0
        for var part in parts {
            if zeros == .ignored { part = part.dropLast().drop { $0 == UInt8(ascii: "0") } + part.suffix(1) }
            guard (1...3).contains(part.count), part.allSatisfy(ByteRules.isDigit) else { return nil }
            if part.count > 1, part.first == UInt8(ascii: "0") { return nil }
            let number = part.reduce(0 as UInt128) { $0 * 10 + UInt128($1 - UInt8(ascii: "0")) }
            guard number < 256 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func v6Value(_ bytes: [UInt8], _ zeros: LeadingZeros) -> UInt128? {
        let colon = UInt8(ascii: ":")
        var head: [UInt16] = []
        var tail: [UInt16]?
        var rest = bytes[...]
        if rest.starts(with: [colon, colon]) {
            tail = []
            rest = rest.dropFirst(2)
            if rest.isEmpty { return 0 }
        }
        while true {
            let part = rest.prefix { $0 != colon }
            guard let groups = groups(of: part, isLast: part.endIndex == rest.endIndex, zeros) else { return nil }
            if tail == nil { head += groups } else { tail? += groups }
            rest = rest[part.endIndex...].dropFirst()
            if part.endIndex == bytes.endIndex { break }
            if rest.isEmpty { return nil }
            guard rest.first == colon else { continue }
            guard tail == nil else { return nil }
            tail = []
            rest = rest.dropFirst()
            if rest.isEmpty { break }
        }
        let count = head.count + (tail?.count ?? 0)
        guard tail == nil ? count == 8 : count < 8 else { return nil }
        let all = head + Array(repeating: 0, count: 8 - count) + (tail ?? [])
        return all.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// A group of hexadecimal digits, or the dotted form that may stand for the last two.
    private static func groups(of part: ArraySlice<UInt8>, isLast: Bool, _ zeros: LeadingZeros) -> [UInt16]? {
        if isLast, part.contains(UInt8(ascii: ".")) {
            guard let value = v4Value(part, zeros) else { return nil }
            return [UInt16(truncatingIfNeeded: value >> 16), UInt16(truncatingIfNeeded: value)]
        }
        guard (1...4).contains(part.count), let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
            part.first != UInt8(ascii: "+")
        else { return nil }
        return [group]
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted decimal, or RFC 5952.
    public var description: String {
        switch family {
        case .v4: [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: value >> $0)) }.joined(separator: ".")
        case .v6: v6Description
        }
    }

    private var v6Description: String {
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> (112 - 16 * $0)) }
        let run = longestZeroRun(in: groups)
        let text = { (groups: ArraySlice<UInt16>) in
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard run.count > 1 else { return text(groups[...]) }
        return text(groups[..<run.lowerBound]) + "::" + text(groups[run.upperBound...])
    }

    private func longestZeroRun(in groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<index + 1 }
        }
        return longest
    }
}

// The ranges that have a meaning of their own.
extension IPAddress {
    public var isUnspecified: Bool { value == 0 }
    public var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }
    public var isLinkLocalUnicast: Bool { family == .v4 ? value >> 16 == 0xA9FE : value >> 118 == 0x3FA }
    public var isLinkLocalMulticast: Bool {
        family == .v4 ? value >> 8 == 0xE00000 : value >> 120 == 0xFF && value >> 112 & 0xF == 2
    }
    /// Whether this is an IPv4 address in IPv6's clothes, `::ffff:0:0/96`.
    public var isMappedV4: Bool { family == .v6 && value >> 32 == 0xFFFF }
    /// The IPv4 address where it is one in IPv6's clothes, else the address itself.
    public var unmapped: IPAddress {
        isMappedV4 ? IPAddress(family: .v4, value: value & 0xFFFF_FFFF) : self
    }
}

/// A block of addresses: `10.0.0.0/16`.
public struct IPAddressBlock: Hashable, Sendable, CustomStringConvertible {
    /// As it was written; bits beyond the prefix may be set.
    public let address: IPAddress
    public let prefixLength: Int

    /// - Parameter zeros: whether the numbers may have leading zeros.
    /// - Returns: `nil` where the text is no address, a slash and a number of bits.
    public init?(_ text: String, leadingZeros zeros: IPAddress.LeadingZeros = .refused) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0], leadingZeros: zeros),
            parts[1].utf8.allSatisfy(ByteRules.isDigit), let length = Int(parts[1]),
            zeros == .ignored || String(length) == parts[1], (0...address.family.bitWidth).contains(length)
        else { return nil }
        self.address = address
        prefixLength = length
    }

    private var hostBits: Int { address.family.bitWidth - prefixLength }

    /// The lowest address.
    public var first: IPAddress {
        IPAddress(family: address.family, value: hostBits == 128 ? 0 : (address.value >> hostBits) << hostBits)
    }

    /// The highest address.
    public var last: IPAddress {
        let mask: UInt128 = hostBits == 128 ? .max : (1 << hostBits) - 1
        return IPAddress(family: address.family, value: first.value | mask)
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && first <= other && other <= last
    }

    /// Whether all of another block lies in this one, and this one is larger.
    public func strictlyContains(_ other: IPAddressBlock) -> Bool {
        other.prefixLength > prefixLength && contains(other.first)
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
