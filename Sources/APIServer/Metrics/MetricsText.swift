/// Metrics in Prometheus' text format (exposition format 0.0.4).
struct MetricsText {
    private(set) var bytes: [UInt8] = []

    static func encode(_ families: MetricFamilies) -> [UInt8] {
        var text = MetricsText()
        for family in families.all { text.write(family) }
        return text.bytes
    }

    private mutating func write(_ family: MetricFamilies.Family) {
        write("# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n")
        for metric in family.metrics {
            switch metric.value {
            case .number(let value): sample(family.name, metric.labels, value)
            case .histogram(let buckets): histogram(family.name, metric.labels, buckets)
            }
        }
    }

    private mutating func sample(_ name: String, _ labels: MetricFamilies.Labels, _ value: Double) {
        write(name)
        write(labels)
        write(" \(Self.text(value))\n")
    }

    private mutating func histogram(
        _ name: String, _ labels: MetricFamilies.Labels, _ buckets: MetricFamilies.Buckets
    ) {
        for bucket in buckets.cumulative {
            sample(name + "_bucket", labels + [("le", Self.text(bucket.upperBound))], Double(bucket.count))
        }
        sample(name + "_bucket", labels + [("le", "+Inf")], Double(buckets.count))
        sample(name + "_sum", labels, buckets.sum)
        sample(name + "_count", labels, Double(buckets.count))
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ labels: MetricFamilies.Labels) {
        guard !labels.isEmpty else { return }
        var separator = UInt8(ascii: "{")
        for (name, value) in labels {
            bytes.append(separator)
            separator = UInt8(ascii: ",")
            write(name + "=\"")
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
                case UInt8(ascii: "\n"): write("\\n")
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Whole numbers without a fraction, as Go writes them.
    static func text(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
