/// What a server has counted and measured, in Prometheus' data model, before it is written in one of its formats.
struct MetricFamilies {
    enum Kind: String { case counter, gauge, histogram }

    typealias Labels = [(name: String, value: String)]

    /// Values up to upper bounds, as a histogram has them.
    struct Buckets {
        /// Of each bound the values that do not exceed it, those of lower bounds too. All values are under the bound
        /// that is not named.
        var cumulative: [(upperBound: Double, count: UInt64)]
        var sum: Double
        var count: UInt64
    }

    enum Value {
        case number(Double)
        case histogram(Buckets)
    }

    struct Family {
        var name: String
        var kind: Kind
        var help: String
        var metrics: [(labels: Labels, value: Value)] = []
    }

    private(set) var all: [Family] = []

    /// Begins a family; what follows is part of it.
    mutating func family(_ name: String, _ kind: Kind, help: String) {
        all.append(Family(name: name, kind: kind, help: help))
    }

    mutating func sample(_ labels: [(String, String)] = [], _ value: Double) { add(labels, .number(value)) }

    mutating func sample(_ labels: [(String, String)] = [], _ value: some BinaryInteger) {
        add(labels, .number(Double(value)))
    }

    mutating func histogram(_ labels: [(String, String)], _ histogram: Histogram) {
        var total: UInt64 = 0
        let cumulative = zip(histogram.bounds, histogram.counts).map { bound, count in
            total += count
            return (upperBound: bound, count: total)
        }
        let buckets = Buckets(cumulative: cumulative, sum: histogram.sum, count: histogram.count)
        self.histogram(labels, buckets)
    }

    mutating func histogram(_ labels: [(String, String)], _ buckets: Buckets) { add(labels, .histogram(buckets)) }

    private mutating func add(_ labels: [(String, String)], _ value: Value) {
        guard !all.isEmpty else { return }
        all[all.count - 1].metrics.append((labels.map { (name: $0.0, value: $0.1) }, value))
    }
}
