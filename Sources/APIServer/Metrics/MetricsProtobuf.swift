/// Metrics in Prometheus' protobuf format: messages `io.prometheus.client.MetricFamily`, each behind its length
/// (`metrics.proto` of the client model).
enum MetricsProtobuf {
    static func encode(_ families: MetricFamilies) -> [UInt8] {
        var stream = ProtobufBytes()
        for family in families.all { stream.append(delimited: message(family)) }
        return stream.bytes
    }

    private static func message(_ family: MetricFamilies.Family) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, string: family.name)
        message.append(2, string: family.help)
        message.append(3, integer: number(of: family.kind))
        for metric in family.metrics {
            message.append(4, bytes: self.message(metric.labels, metric.value, family.kind))
        }
        return message.bytes
    }

    /// `MetricType`.
    private static func number(of kind: MetricFamilies.Kind) -> Int64 {
        switch kind {
        case .counter: 0
        case .gauge: 1
        case .histogram: 4
        }
    }

    private static func message(
        _ labels: MetricFamilies.Labels, _ value: MetricFamilies.Value, _ kind: MetricFamilies.Kind
    ) -> [UInt8] {
        var message = ProtobufBytes()
        for label in labels {
            var pair = ProtobufBytes()
            pair.append(1, string: label.name)
            pair.append(2, string: label.value)
            message.append(1, bytes: pair.bytes)
        }
        switch value {
        case .number(let number):
            var content = ProtobufBytes()
            content.append(1, double: number)
            message.append(kind == .counter ? 3 : 2, bytes: content.bytes)
        case .histogram(let buckets): message.append(7, bytes: self.message(buckets))
        }
        return message.bytes
    }

    private static func message(_ buckets: MetricFamilies.Buckets) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, integer: Int64(clamping: buckets.count))
        message.append(2, double: buckets.sum)
        for bucket in buckets.cumulative {
            var content = ProtobufBytes()
            content.append(1, integer: Int64(clamping: bucket.count))
            content.append(2, double: bucket.upperBound)
            message.append(3, bytes: content.bytes)
        }
        return message.bytes
    }
}
