/// Counts of values by upper bounds, as Prometheus' histograms have them.
struct Histogram: Sendable {
    /// Upper bounds of the buckets, rising; the last bucket has none.
    let bounds: [Double]
    /// Values by bucket, each counted once.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    mutating func observe(_ value: Double, times count: UInt64 = 1) {
        // Most values are small, so looking from below is as fast as a search.
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index] += count
        sum += value * Double(count)
    }

    /// Takes in what another histogram with the same bounds has counted.
    mutating func merge(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }

    var count: UInt64 { counts.reduce(0, +) }
}
