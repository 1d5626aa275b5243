/// The shapes of names, byte by byte.
package enum ByteRules {
    @inline(__always)
    package static func isLowercaseLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
    @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    @inline(__always)
    package static func isLowercaseAlphanumeric(_ byte: UInt8) -> Bool { isLowercaseLetter(byte) || isDigit(byte) }
    @inline(__always)
    package static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowercaseLetter(byte | 0x20) || isDigit(byte) }
    /// `-`, `_` or `.`.
    @inline(__always)
    package static func isPunctuation(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x5F || byte == 0x2E }

    /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
    package static func isLabel(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return isLowercaseAlphanumeric(first) && isLowercaseAlphanumeric(last)
            && bytes.allSatisfy { isLowercaseAlphanumeric($0) || $0 == 0x2D }
    }

    /// `[a-z]([-a-z0-9]*[a-z0-9])?`
    package static func isLabel1035(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        return isLowercaseLetter(first) && isLabel(bytes)
    }

    /// Labels joined by dots.
    package static func isSubdomain(_ bytes: some Sequence<UInt8>) -> Bool {
        // A label may neither start nor end with a dash, nor be empty: `previous` is what came before.
        var previous: UInt8 = 0x2E
        for byte in bytes {
            if isLowercaseAlphanumeric(byte) {
                previous = byte
            } else if byte == 0x2D {
                if previous == 0x2E { return false }
                previous = byte
            } else if byte == 0x2E {
                if previous == 0x2E || previous == 0x2D { return false }
                previous = byte
            } else {
                return false
            }
        }
        return isLowercaseAlphanumeric(previous)
    }

    /// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
    package static func isQualifiedPart(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || isPunctuation($0) }
    }
}
