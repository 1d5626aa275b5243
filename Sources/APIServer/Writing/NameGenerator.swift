/// Makes names and uids of random bits.
struct NameGenerator {
    let random: @Sendable () -> UInt64

    /// How often a create with `generateName` tries another name where one is taken (Kubernetes' number).
    static let maximumAttempts = 8
    /// Characters of a generated name, its random ending included; a longer prefix is cut.
    static let maximumNameLength = 63
    static let suffixLength = 5
    /// No vowels and nothing that looks like another, as in every name that Kubernetes generates.
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    func name(from prefix: String) -> String {
        var name = Array(prefix.utf8.prefix(Self.maximumNameLength - Self.suffixLength))
        var bits = random()
        for _ in 0..<Self.suffixLength {
            name.append(Self.alphabet[Int(bits % UInt64(Self.alphabet.count))])
            bits /= UInt64(Self.alphabet.count)
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// A UUID of version 4 (RFC 9562).
    func uid() -> String {
        let high = random() & ~0xF000 | 0x4000
        let low = random() & ~(3 << 62) | 1 << 63
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (half, word) in [high, low].enumerated() {
            for index in 0..<16 {
                let place = half * 16 + index
                if place == 8 || place == 12 || place == 16 || place == 20 { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int(word >> UInt64(60 - index * 4) & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
