import Foundation

/// What one kind of request cost.
struct Measurement {
    var job: String
    var operations: Int
    var elapsed: Duration
    /// User and system time of the server's process, over all operations.
    var serverCPU: Duration
    /// A request each.
    var latencies: [Duration]
    /// Of the server, when the job was done.
    var residentBytes: Int

    static let header = """
        | job | operations | per second | p50 ms | p99 ms | server CPU µs per operation | resident MiB |
        |---|---:|---:|---:|---:|---:|---:|
        """

    var row: String {
        let sorted = latencies.sorted()
        let rate = Double(operations) / elapsed.seconds
        let cells = [
            job, "\(operations)", text(rate, rate < 10 ? 1 : 0),
            text(Self.quantile(0.5, of: sorted) * 1000, 2), text(Self.quantile(0.99, of: sorted) * 1000, 2),
            text(serverCPU.seconds * 1e6 / Double(max(operations, 1)), 1), text(residentBytes.mebibytes, 1),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private static func quantile(_ fraction: Double, of sorted: [Duration]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(fraction * Double(sorted.count)))].seconds
    }
}

/// What a run found: a table of requests, and single figures about starts and memory.
struct Report {
    var measurements: [Measurement] = []
    var figures: [(what: String, value: String)] = []
    var remarks: [String] = []

    mutating func add(_ what: String, milliseconds time: Duration) {
        figures.append((what, text(time.seconds * 1000, 0) + " ms"))
    }

    mutating func add(_ what: String, mebibytes bytes: Int) {
        figures.append((what, text(bytes.mebibytes, 1) + " MiB"))
    }

    mutating func add(_ what: String, kibibytes bytes: Double) {
        figures.append((what, text(bytes / 1024, 1) + " KiB"))
    }

    func markdown(title: String) -> String {
        let rows = measurements.map(\.row).joined(separator: "\n")
        let figures = figures.map { "| \($0.what) | \($0.value) |" }.joined(separator: "\n")
        let remarks = remarks.map { "\n\($0)\n" }.joined()
        return """
            # \(title)

            \(Measurement.header)
            \(rows)

            | | |
            |---|---:|
            \(figures)
            \(remarks)
            """
    }
}

private func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

extension Duration {
    var seconds: Double { self / .seconds(1) }
}

extension Int {
    fileprivate var mebibytes: Double { Double(self) / 1_048_576 }
}
