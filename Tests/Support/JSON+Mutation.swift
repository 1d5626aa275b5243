package import JSON

extension JSON {
    /// Values that a place may not be ready for: of every type, empty, huge, deep.
    package static func hostile(using random: inout SeededGenerator) -> JSON {
        switch random.below(12) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2:
            .int(random.pick([0, -1, 1, .min, .max, 1 << 31, -(1 << 31) - 1, 1 << 32, 65536, 9_007_199_254_740_993]))
        case 3: .double(random.pick([1e308, -1e308, 1e-308, 0.5, -0.0, 9.3e18, 1e19]))
        case 4: .string(random.pick(hostileTexts))
        case 5:
            .string(
                String(
                    repeating: random.pick(["x", "/", "é", "1", "-", "."]), count: random.pick([63, 64, 254, 4000])))
        case 6: .array([])
        case 7: .object([:])
        case 8: .array([.null, .object([:]), .array([])])
        case 9: nested(random.pick([3, 40, 150]), inArrays: .random(using: &random))
        case 10: .object(["": .null, "$patch": "delete", "name": "a"])
        default: .string("a")
        }
    }

    package static let hostileTexts = [
        "", " ", "\0", "\u{FEFF}", "a\nb", "../..", "/", "a/b/c", "-", "*", "%", "${HOME}", "\u{1F600}", "\u{FFFF}",
        "-1", "0", "1e99", "1e-99", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1Ei",
        "9999999999999Ei", "0.0000000001n", "1E400", "-0", "+1", "0x10", "NaN", "Infinity", "150%", "-5%", "%5",
        "9999999999999999999%", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59",
        "2026-02-30T00:00:00Z", "9223372036854775807h", "2562047h47m16.854775807s", "-2562047h47m16.854775808s",
        "1.2.3.4.5",
        "::ffff:1.2.3.4", "::", "1::2::3", "10.0.0.0/33", "10.0.0.0/0", "2001:db8::/129", "@every 9999999999999h",
        "* * * * * *", "*/0 * * * *", "0-99999999999999999999 * * * *", "a=b,c in (d,e),!f", "in (", "a!=",
        "http://[::1",
        "https://a:99999", "k:{\"a\":1}", "aGk", "====", "true", "null",
    ]

    private static func nested(_ depth: Int, inArrays: Bool) -> JSON {
        var value: JSON = .string("deep")
        for _ in 0..<depth { value = inArrays ? .array([value]) : .object(["a": value]) }
        return value
    }

    /// The document with some of its parts changed: types swapped, members doubled under other names, removed, made null,
    /// lists lengthened, values moved from one place to another.
    package func mutated(using random: inout SeededGenerator, times: Int = 3) -> JSON {
        var document = self
        for _ in 0..<Int.random(in: 1...max(times, 1), using: &random) { document.mutateOnce(using: &random) }
        return document
    }

    private mutating func mutateOnce(using random: inout SeededGenerator) {
        // Down to some place, more often a deep one than not.
        switch self {
        case .object(var object) where !object.isEmpty && !random.chance(oneIn: 6):
            let member = random.pick(object.members)
            self = .null
            switch random.below(12) {
            case 0: object[member.key] = nil
            case 1: object[random.pick([member.key + "x", member.key.uppercased(), "", "$patch"])] = member.value
            case 2: object[random.pick(object.members).key] = member.value
            default:
                var value = member.value
                value.mutateOnce(using: &random)
                object[member.key] = value
            }
            self = .object(object)
        case .array(var items) where !items.isEmpty && !random.chance(oneIn: 6):
            let place = random.below(items.count)
            self = .null
            switch random.below(8) {
            case 0: items.remove(at: place)
            case 1: items.append(items[place])
            case 2: items.append(contentsOf: Array(repeating: items[place], count: random.pick([1, 20, 200])))
            default: items[place].mutateOnce(using: &random)
            }
            self = .array(items)
        default: self = .hostile(using: &random)
        }
    }
}
