import APIMachinery
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct MetricsTests {
    @Test func writesPrometheusText() {
        var text = MetricsText()
        text.family("requests_total", .counter, help: "Requests.")
        text.sample("requests_total", [("code", "200"), ("path", "a\"b\\c\nd")], 3)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{code="200",path="a\\"b\\\\c\\nd"} 3

                """)
    }

    @Test func sumsBucketsUp() {
        var histogram = Histogram(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        var text = MetricsText()
        text.histogram("seconds", [("verb", "GET")], histogram)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                seconds_bucket{verb="GET",le="0.1"} 2
                seconds_bucket{verb="GET",le="1"} 3
                seconds_bucket{verb="GET",le="+Inf"} 4
                seconds_sum{verb="GET"} 7.65
                seconds_count{verb="GET"} 4

                """)
    }

    @Test func countsByLabelsAndStatus() {
        let metrics = RequestMetrics()
        let labels = RequestLabels(verb: .get, scope: .resource)
        metrics.record(labels, code: 200, seconds: 0.001, byteCount: 10)
        metrics.record(labels, code: 200, seconds: 0.001, byteCount: 10)
        metrics.record(labels, code: 404, seconds: 0.001, byteCount: 10)
        metrics.record(.init(verb: .list), code: 200, seconds: 0.001, byteCount: 10)
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
            metrics.record(.init(verb: .get, resource: resource), code: 200, seconds: 0.001, byteCount: 10)
        }
        #expect(metrics.snapshot.map { $0.series.seconds.count } == [2])
    }

    @Test func doesNotTimeStreams() {
        let metrics = RequestMetrics()
        metrics.record(.init(verb: .watch), code: 200, seconds: 60, byteCount: nil)
        #expect(metrics.snapshot.first?.series.seconds.count == 0)
    }

    @Test(arguments: [(0.005, "0.005"), (1, "1"), (1.25, "1.25"), (60, "60")])
    func writesBoundsAsGoDoes(value: Double, text: String) {
        #expect(MetricsText.text(value) == text)
    }
}
