import JSON
import Testing

@testable import APIMachinery

@Suite struct KubernetesTimeTests {
    static let readable: [(text: String, seconds: Int64, nanoseconds: Int32, printed: String)] = [
        ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"),
        ("2026-11-23T16:54:52Z", 1_795_452_892, 0, "2026-11-23T16:54:52Z"),
        ("2000-02-29T23:59:59Z", 951_868_799, 0, "2000-02-29T23:59:59Z"),
        ("1969-12-31T23:59:59.5Z", -1, 500_000_000, "1969-12-31T23:59:59Z"),
        ("2026-01-01T00:30:00+01:00", 1_767_223_800, 0, "2025-12-31T23:30:00Z"),
        ("2026-01-01T00:30:00.123456789-07:30", 1_767_254_400, 123_456_789, "2026-01-01T08:00:00Z"),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", 253_402_300_799, 0, "9999-12-31T23:59:59Z"),
    ]

    @Test(arguments: readable.indices)
    func readsAndPrints(_ index: Int) throws {
        let row = Self.readable[index]
        let time = try KubernetesTime(parsing: row.text)
        #expect(time == KubernetesTime(epochSeconds: row.seconds, nanoseconds: row.nanoseconds))
        #expect(time.description == row.printed)
    }

    static let unreadable: [(text: String, message: String)] = [
        ("", #"parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006""#),
        ("yesterday", #"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#),
        ("2026-11-23", #"parsing time "2026-11-23" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T""#),
        (
            "2026-11-23 10:00:00Z",
            #"parsing time "2026-11-23 10:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse " 10:00:00Z" as "T""#
        ),
        ("2026-13-23T10:00:00Z", #"parsing time "2026-13-23T10:00:00Z": month out of range"#),
        ("2026-02-29T10:00:00Z", #"parsing time "2026-02-29T10:00:00Z": day out of range"#),
        ("2026-02-20T24:00:00Z", #"parsing time "2026-02-20T24:00:00Z": hour out of range"#),
        (
            "2026-02-20T10:00:00",
            #"parsing time "2026-02-20T10:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00""#
        ),
        ("2026-02-20T10:00:00Zx", #"parsing time "2026-02-20T10:00:00Zx": extra text: "x""#),
    ]

    @Test(arguments: unreadable)
    func refusesInGosWords(_ text: String, _ message: String) {
        #expect(throws: TimeParseError(message: message)) { try KubernetesTime(parsing: text) }
    }

    @Test func readsAndPrintsMicroTime() throws {
        let text = "2026-11-23T16:54:52.000120Z"
        let time = try KubernetesTime(parsing: text, layout: .microseconds)
        #expect(time.nanoseconds == 120_000)
        #expect(time.microTime == text)
        #expect(time.wholeSeconds.microTime == "2026-11-23T16:54:52.000000Z")
        #expect(throws: TimeParseError.self) {
            try KubernetesTime(parsing: "2026-11-23T16:54:52Z", layout: .microseconds)
        }
    }

    @Test func everyDayOfFourCenturiesReadsBack() {
        for days in Int64(-146_097)...146_097 {
            let date = KubernetesTime.civil(fromDays: days)
            if KubernetesTime.days(year: date.year, month: date.month, day: date.day) != days {
                Issue.record("day \(days) became \(date)")
            }
        }
    }

    @Test func convertsNanoseconds() {
        let time = KubernetesTime(epochNanoseconds: -1)
        #expect(time == KubernetesTime(epochSeconds: -1, nanoseconds: 999_999_999))
        #expect(time.epochNanoseconds == -1)
        #expect(KubernetesTime(epochSeconds: .max).epochNanoseconds == .max)
    }

    static let durations: [(seconds: Int64, text: String)] = [
        (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"),
        (600, "10m"), (10_799, "179m"), (10_800, "3h"), (10_860, "3h1m"), (28_799, "7h59m"), (28_800, "8h"),
        (172_799, "47h"), (172_800, "2d"), (180_000, "2d2h"), (691_199, "7d23h"), (691_200, "8d"),
        (63_071_999, "729d"), (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"), (400_000_000, "12y"),
    ]

    @Test(arguments: durations)
    func printsAges(_ seconds: Int64, _ text: String) {
        #expect(KubernetesTime.humanDuration(seconds: seconds) == text)
        let start = KubernetesTime(epochSeconds: 1000, nanoseconds: 5)
        #expect(start.age(at: KubernetesTime(epochSeconds: 1000 + seconds, nanoseconds: 5)) == text)
    }

    @Test(arguments: [
        ("2026-01-31T08:00:00Z", Duration.seconds(90), "2026-01-31T08:01:30.000000Z"),
        ("2026-01-31T08:00:00.75Z", .milliseconds(500), "2026-01-31T08:00:01.250000Z"),
        ("2026-01-31T08:00:00.25Z", .milliseconds(-500), "2026-01-31T07:59:59.750000Z"),
        ("1970-01-01T00:00:00Z", .microseconds(-1), "1969-12-31T23:59:59.999999Z"),
    ])
    func addsADuration(_ text: String, _ duration: Duration, _ sum: String) throws {
        let start = try KubernetesTime(parsing: text)
        #expect((start + duration).microTime == sum)
        #expect((start + duration) - start == duration)
    }

    @Test func staysWithinItsRange() {
        let last = KubernetesTime(epochSeconds: .max)
        #expect(last + .seconds(1) == last)
        #expect(KubernetesTime(epochSeconds: .min).advanced(bySeconds: -1).epochSeconds == .min)
    }

    @Test func readsAMember() {
        #expect(KubernetesTime(json: "2026-01-31T10:09:10.5+02:00")?.microTime == "2026-01-31T08:09:10.500000Z")
        #expect(KubernetesTime(json: "2026-01-31") == nil)
        #expect(KubernetesTime(json: 5) == nil)
    }
}
