import Testing

@testable import APIServer

@Suite struct NameGeneratorTests {
    @Test func uidsAreOfVersionFour() {
        for bits in [0, UInt64.max, 0x0123_4567_89ab_cdef] {
            let uid = Array(NameGenerator { bits }.uid())
            #expect(uid.count == 36)
            #expect([8, 13, 18, 23].allSatisfy { uid[$0] == "-" })
            #expect(uid[14] == "4")
            #expect("89ab".contains(uid[19]))
        }
    }

    @Test func generatedNamesKeepTheirPrefixAndFit() {
        let generator = NameGenerator { .random(in: 0 ... .max) }
        #expect(generator.name(from: "web-").hasPrefix("web-"))
        #expect(generator.name(from: "web-").count == 9)
        #expect(generator.name(from: String(repeating: "x", count: 200)).count == 63)
    }
}
