/// A generator whose numbers follow from its seed (SplitMix64), so that a random test can be run again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Whether the one case out of `count` has come up.
    package mutating func chance(oneIn count: Int) -> Bool { below(count) == 0 }

    /// A number of `0..<bound`; 0 where there is none.
    package mutating func below(_ bound: Int) -> Int { bound > 0 ? Int.random(in: 0..<bound, using: &self) : 0 }

    /// - Precondition: `choices` is not empty.
    package mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element {
        choices[choices.index(choices.startIndex, offsetBy: below(choices.count))]
    }
}

extension SeededGenerator {
    /// Bytes that mean something to one parser or another.
    private static let telling: [UInt8] = [
        0, 9, 10, 13, 32, 0x7F, 0x80, 0xC0, 0xED, 0xF4, 0xFF, 18, 58, 34, 39, 92, 123, 125, 91, 93, 44, 45, 46, 48, 57,
        38, 42, 33, 37, 61, 47, 126, 101,
    ]

    /// Some bytes changed, removed, doubled, moved or put in.
    package mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(8) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes[place] ^= 1 << UInt8(below(8))
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(bytes[place], at: place)
            case 4: bytes.insert(pick(Self.telling), at: place)
            case 5: bytes.removeSubrange(place..<min(bytes.count, place + 8))
            case 6: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 16)], at: below(bytes.count))
            default: chance(oneIn: 4) ? bytes.removeSubrange(place...) : (bytes[place] = pick(Self.telling))
            }
        }
        return bytes
    }
}
