import APIMachinery
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct MetricsTests {
    @Test func writesPrometheusText() {
        var families = MetricFamilies()
        families.family("requests_total", .counter, help: "Requests.")
        families.sample([("code", "200"), ("path", "a\"b\\c\nd")], 3)
        #expect(
            String(decoding: MetricsText.encode(families), as: UTF8.self) == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{code="200",path="a\\"b\\\\c\\nd"} 3

                """)
    }

    @Test func sumsBucketsUp() {
        var histogram = Histogram(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        var families = MetricFamilies()
        families.family("seconds", .histogram, help: "Seconds.")
        families.histogram([("verb", "GET")], histogram)
        #expect(
            String(decoding: MetricsText.encode(families), as: UTF8.self) == """
                # HELP seconds Seconds.
                # TYPE seconds histogram
                seconds_bucket{verb="GET",le="0.1"} 2
                seconds_bucket{verb="GET",le="1"} 3
                seconds_bucket{verb="GET",le="+Inf"} 4
                seconds_sum{verb="GET"} 7.65
                seconds_count{verb="GET"} 4

                """)
    }

    @Test func tellsHowLongAdmissionTook() {
        let metrics = AdmissionMetrics(names: ["A", "B"])
        for (noted, isRejected) in [(2, false), (2, false), (1, true)] {
            var passage = AdmissionMetrics.Passage(pluginCount: 2)
            for _ in 0..<noted { passage.note() }
            metrics.record(passage, .create, isRejected: isRejected)
        }
        var families = MetricFamilies()
        metrics.write(to: &families)
        let text = String(decoding: MetricsText.encode(families), as: UTF8.self)
        let (step, plugin) = ("apiserver_admission_step_admission", "apiserver_admission_controller_admission")
        func count(_ family: String, _ labels: String) -> Substring? {
            let start = "\(family)_duration_seconds_count{\(labels),type=\"admit\"} "
            return text.split(separator: "\n").first { $0.hasPrefix(start) }?.dropFirst(start.count)
        }
        #expect(count(step, #"operation="CREATE",rejected="false""#) == "2")
        #expect(count(step, #"operation="CREATE",rejected="true""#) == "1")
        #expect(count(plugin, #"name="A",operation="CREATE",rejected="false""#) == "2")
        #expect(count(plugin, #"name="A",operation="CREATE",rejected="true""#) == "1")
        #expect(count(plugin, #"name="B",operation="CREATE",rejected="false""#) == "2")
        #expect(count(plugin, #"name="B",operation="CREATE",rejected="true""#) == nil)
    }

    @Test func countsEachEventOfAWatchThoughTheyAreTakenTogether() {
        let (sizes, others) = (EventSizes(), EventSizes())
        var frames = WatchFrames()
        for byteCount in [10, 10, 2000, 10] { frames.noteSent(byteCount, in: sizes) }
        frames.noteSent(10, in: others)
        frames.finish()
        frames.finish()
        #expect(sizes.histogram.counts.prefix(3) == [3, 1, 0])
        #expect(sizes.histogram.sum == 2030)
        #expect(others.histogram.counts.first == 1)
    }

    @Test func countsByLabelsAndStatus() {
        let metrics = RequestMetrics()
        let labels = RequestLabels(verb: .get, scope: .resource)
        metrics.record(labels, of: .anonymous, code: 200, seconds: 0.001, byteCount: 10)
        metrics.record(labels, of: .anonymous, code: 200, seconds: 0.001, byteCount: 10)
        metrics.record(labels, of: .anonymous, code: 404, seconds: 0.001, byteCount: 10)
        metrics.record(.init(verb: .list), of: .anonymous, code: 200, seconds: 0.001, byteCount: 10)
        #expect(metrics.snapshot.count == 2)
        let series = metrics.snapshot.first { $0.labels == labels }?.series
        #expect(series?.codes.map(\.code) == [200, 404])
        #expect(series?.codes.map(\.count) == [2, 1])
        #expect(series?.seconds.count == 3)
    }

    @Test func countsAResourceOnceThoughTheRegistryHasChanged() {
        let metrics = RequestMetrics()
        for _ in 0..<2 {
            let registry = ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:)))
            let resource = registry.contents.resource(GroupVersion(group: "", version: "v1"), "pods")
            metrics.record(
                .init(verb: .get, resource: resource), of: .anonymous, code: 200, seconds: 0.001, byteCount: 10)
        }
        #expect(metrics.snapshot.map { $0.series.seconds.count } == [2])
    }

    @Test func doesNotTimeStreams() {
        let metrics = RequestMetrics()
        metrics.record(.init(verb: .watch), of: .anonymous, code: 200, seconds: 60, byteCount: nil)
        #expect(metrics.snapshot.first?.series.seconds.count == 0)
    }

    @Test(arguments: [(0.005, "0.005"), (1, "1"), (1.25, "1.25"), (60, "60")])
    func writesBoundsAsGoDoes(value: Double, text: String) {
        #expect(MetricsText.text(value) == text)
    }

    @Test(arguments: [
        (nil, false), ("text/plain;version=0.0.4", false), ("application/openmetrics-text;version=1.0.0", false),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", true),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", false),
        (
            "text/plain;q=0.5,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
            true
        ),
    ])
    func agreesOnAFormat(accept: String?, isProtobuf: Bool) {
        #expect(MetricsForm(accept: accept) == (isProtobuf ? .protobuf : .text))
    }

    /// Field numbers of `metrics.proto`, written out by hand.
    @Test func writesProtobufBehindItsLength() {
        var families = MetricFamilies()
        families.family("a", .counter, help: "h")
        families.sample([("l", "v")], 1)
        let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
        let label: [UInt8] = [0x0A, 6, 0x0A, 1, 0x6C, 0x12, 1, 0x76]
        let counter: [UInt8] = [0x1A, 9, 9] + one
        let family: [UInt8] = [0x0A, 1, 0x61, 0x12, 1, 0x68, 0x18, 0, 0x22, 19] + label + counter
        #expect(MetricsProtobuf.encode(families) == [UInt8(family.count)] + family)
    }

    @Test func writesBucketsInProtobufWithoutTheUnnamedOne() {
        var histogram = Histogram(bounds: [1])
        histogram.observe(1)
        histogram.observe(1)
        var families = MetricFamilies()
        families.family("a", .histogram, help: "")
        families.histogram([], histogram)
        let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
        let two: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x40]
        let content: [UInt8] = [8, 2, 0x11] + two + [0x1A, 11, 8, 2, 0x11] + one
        let family: [UInt8] = [0x0A, 1, 0x61, 0x12, 0, 0x18, 4, 0x22, 26, 0x3A, 24] + content
        #expect(MetricsProtobuf.encode(families) == [UInt8(family.count)] + family)
    }

    @Test func tellsOfUsersNoMoreThanTheirForm() {
        let metrics = RequestMetrics()
        for name in ["admin", "a@b.test", "alice", "bob"] {
            metrics.record(.init(verb: .get), of: UserInfo(name: name), code: 200, seconds: 0, byteCount: 1)
        }
        metrics.record(.init(verb: .get), of: UserInfo(name: ""), code: 401, seconds: 0, byteCount: 1)
        #expect(metrics.authentications.users == ["admin": 1, "email_id": 1, "other": 2])
    }
}
