import Testing

@testable import APIMachinery

@Suite struct QuantityTests {
    static let canonical: [(text: String, canonical: String)] = [
        ("0", "0"), ("0Mi", "0"), ("-0", "0"), ("-", "0"), (".", "0"), ("m", "0"), ("1", "1"), ("+5", "5"),
        ("100m", "100m"), ("1000m", "1"), ("1500m", "1500m"), ("0.5", "500m"), (".5", "500m"), ("1.", "1"),
        ("1.5", "1500m"), ("1.50", "1500m"), ("010.010", "10010m"), ("12000000", "12M"), ("12500000", "12500k"),
        ("1k", "1k"), ("1000k", "1M"), ("1100k", "1100k"), ("1E", "1E"), ("1000E", "1000E"), ("100E", "100E"),
        ("1e3", "1e3"), ("1e4", "10e3"), ("1E3", "1e3"), ("1.5e3", "1500"), ("100e-3", "100e-3"), ("1e0", "1"),
        ("1e-1", "100e-3"), ("1Ki", "1Ki"), ("1024", "1024"), ("1024Ki", "1Mi"), ("1.5Gi", "1536Mi"), ("0.5Ki", "512"),
        ("1.1Ki", "1126400m"), ("0.5Mi", "512Ki"), ("100Mi", "100Mi"), ("-2Ki", "-2Ki"), ("-1.5", "-1500m"),
        ("500Mi", "500Mi"),
        ("8Ei", "9223372036854775807"), ("9223372036854775807", "9223372036854775807"),
        ("100000000000000000000", "100E"), ("1n", "1n"), ("0.1n", "1n"), ("-0.1n", "-1n"),
        ("1.0000000001", "1000000001n"),
        ("1u", "1u"), ("1e-12", "1e-9"), ("1e999999999", "1e999999999"),
        ("0.000001", "1u"), ("100000000000000000000000000000000001", "100000000000000000000000000000000001"),
    ]

    @Test(arguments: canonical)
    func printsTheCanonicalForm(_ text: String, _ canonical: String) throws {
        #expect(try Quantity(parsing: text).description == canonical)
        #expect(try Quantity(parsing: canonical) == Quantity(parsing: text))
    }

    static let unreadable: [(text: String, error: QuantityError)] = [
        ("", .format), ("abc", .format), ("1.2.3", .format), ("10x", .format), (" 1", .format), ("1 Gi", .format),
        ("1-", .suffix), ("1Kb", .format), ("1ee", .suffix), ("1e", .suffix), ("1K", .suffix), ("1Ki5", .suffix),
        ("1mi", .suffix),
        ("1e99999999999", .suffix), ("--1", .suffix), ("1e5m", .format),
        ("1234567890123456789012345678901234567", .number),
    ]

    @Test(arguments: unreadable)
    func refusesInKubernetesWords(_ text: String, _ error: QuantityError) {
        #expect(throws: error) { try Quantity(parsing: text) }
    }

    @Test func compares() throws {
        let ordered = [
            "-1e999999999", "-1Gi", "-1", "-1n", "0", "1n", "999u", "1m", "0.5", "1", "1001m", "1k", "1Ki", "1Mi", "1E",
            "1e30", "1e999999999",
        ]
        let quantities = try ordered.map { try Quantity(parsing: $0) }
        for (i, left) in quantities.enumerated() {
            for (j, right) in quantities.enumerated() {
                #expect((left < right) == (i < j))
                #expect((left == right) == (i == j))
            }
        }
    }

    static let sums: [(left: String, right: String, sum: String, difference: String)] = [
        ("1", "500m", "1500m", "500m"), ("1Gi", "512Mi", "1536Mi", "512Mi"), ("0", "1Ki", "1Ki", "-1Ki"),
        ("1Ki", "0", "1Ki", "1Ki"), ("100m", "0.1", "200m", "0"), ("1k", "1Ki", "2024", "-24"),
        ("1e3", "1", "1001", "999"),
        ("1E", "1n", "1000000000000000000000000001n", "999999999999999999999999999n"),
        ("1e999999999", "1", "1e999999999", "1e999999999"), ("1", "1e999999999", "1e999999999", "-1e999999999"),
    ]

    @Test(arguments: sums.indices)
    func addsAndSubtracts(_ index: Int) throws {
        let row = Self.sums[index]
        let (left, right) = (try Quantity(parsing: row.left), try Quantity(parsing: row.right))
        #expect((left + right).description == row.sum)
        #expect((left - right).description == row.difference)
    }

    @Test func sumsStayWithinTheirDigits() throws {
        var sum = try Quantity(parsing: String(repeating: "9", count: 36))
        for _ in 0..<200 { sum += sum }
        #expect(sum.sign == 1)
        #expect(sum + Quantity(1) == sum)
    }

    @Test func givesWholeUnitsAndThousandthsRoundedUp() throws {
        #expect(try Quantity(parsing: "1.1").value == 2)
        #expect(try Quantity(parsing: "-1.1").value == -2)
        #expect(try Quantity(parsing: "1Gi").value == 1 << 30)
        #expect(try Quantity(parsing: "1500m").milliValue == 1500)
        #expect(try Quantity(parsing: "1n").milliValue == 1)
        #expect(try Quantity(parsing: "1e30").value == .max)
        #expect(try Quantity(parsing: "-1e999999999").value == .min)
        #expect(try Quantity(parsing: "250m").approximateValue == 0.25)
    }
}
