import Testing

@testable import APIServer

@Suite struct WatchDurationTests {
    @Test(
        "A watch lasts as long as Kubernetes' arithmetic says",
        arguments: [
            (nil, 1800...3599, "no word of it"), (0, 1800...3599, "zero is no word of it"), (1, 1...1, "as asked for"),
            (86_400, 86_400...86_400, "longer than the default"), (-1, 0...0, "negative is over at once"),
            (.min, 1800...3599, "so far below that nothing is left of it"), (.max, 0...0, "goes round to below zero"),
            (9_223_372_036, 9_223_372_036...9_223_372_036, "the most that fits"),
            (9_223_372_037, 0...0, "one too many"),
            (1 << 55, 1800...3599, "goes round to zero"), (18_446_744_074, 1...1, "goes round to a part of a second"),
        ] as [(Int64?, ClosedRange<Int64>, String)])
    func duration(given: Int64?, range: ClosedRange<Int64>, remark: String) {
        for random in [0, 1799, 1800, UInt64.max] {
            #expect(range.contains(APIServer.watchSeconds(given, random: random)), "\(remark)")
        }
    }
}
