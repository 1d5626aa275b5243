import TestSupport
import Testing

@testable import JSON

extension JSON {
    static func random(depth: Int, using generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .int(Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 3:
            let value = Double(bitPattern: generator.next())
            // Between 2^53 and 1e21 Go's shortest digits look like another integer, here as there.
            let isAmbiguous = (9_007_199_254_740_992..<1e21).contains(value.magnitude)
            return .double(value.isFinite && !isAmbiguous ? value : 0.5)
        case 4, 5: return .string(randomText(using: &generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                    random(depth: depth - 1, using: &generator)
                })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<(depth == 3 ? 60 : 6), using: &generator) {
                object[randomText(using: &generator)] = random(depth: depth - 1, using: &generator)
            }
            return .object(object)
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [0...0x7F, 0x61...0x7A, 0x80...0x7FF, 0x2020...0x2030, 0x1F600...0x1F610]
        var text = ""
        for _ in 0..<Int.random(in: 0..<24, using: &generator) {
            let range = ranges[Int.random(in: 0..<ranges.count, using: &generator)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

@Suite struct JSONRandomTests {
    @Test func randomDocumentsReadBackEqual() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<300 {
            let document = JSON.random(depth: 3, using: &generator)
            let again = try JSON(parsing: document.encoded)
            #expect(again == document, "seed \(seed), round \(round)")
            #expect(again.hashValue == document.hashValue, "seed \(seed), round \(round)")
            #expect(again.encoded == document.encoded, "seed \(seed), round \(round)")
            #expect(try JSON(parsing: document.prettyEncoded) == document, "seed \(seed), round \(round)")
        }
    }

    @Test func copiesAreEqualUntilOneChanges() {
        let original: JSON = ["list": [1, 2], "object": ["a": 1]]
        var copy = original
        #expect(copy == original)
        #expect(copy.sharesStorage(with: original))
        copy["object"]?["a"] = 2
        #expect(copy != original)
        #expect(!copy.sharesStorage(with: original))
        #expect(copy["list"] == original["list"])
        copy["object"]?["a"] = 1
        #expect(copy == original)
    }

    @Test func objectsOfManyMembersChangeAsSmallOnesDo() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var object = JSONObject()
        var expected: [(String, JSON)] = []
        for step in 0..<4000 {
            let key = "k\(Int.random(in: 0..<80, using: &generator))"
            let place = expected.firstIndex { $0.0 == key }
            #expect(object.index(of: key) == place, "seed \(seed), step \(step)")
            if Bool.random(using: &generator) {
                object[key] = .int(Int64(step))
                if let place {
                    expected[place].1 = .int(Int64(step))
                } else {
                    expected.append((key, .int(Int64(step))))
                }
            } else {
                object[key] = nil
                if let place { expected.remove(at: place) }
            }
        }
        #expect(object.members == expected.map { .init(key: $0.0, value: $0.1) }, "seed \(seed)")
    }
}
