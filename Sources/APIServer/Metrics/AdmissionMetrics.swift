import Synchronization

/// How long admission took, each plugin and all of them together, by what was asked and whether it was refused.
final class AdmissionMetrics: Sendable {
    struct Labels: Hashable, Sendable {
        var operation: AdmissionRequest.Operation
        var isRejected: Bool

        var all: [(String, String)] { [("operation", operation.rawValue), ("rejected", String(isRejected))] }
    }

    /// One passage through the plugins.
    struct Passage {
        private(set) var seconds: [Double] = []
        private var last = ContinuousClock.now

        init(pluginCount: Int) { seconds.reserveCapacity(pluginCount) }

        /// Notes that the next plugin is done.
        mutating func note() {
            let now = ContinuousClock.now
            seconds.append((now - last) / .seconds(1))
            last = now
        }
    }

    /// Kubernetes' own.
    static let bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

    private struct Series {
        var whole = Histogram(bounds: AdmissionMetrics.bounds)
        var plugins: [Histogram]
    }

    let names: [String]
    private let state = Mutex<[Labels: Series]>([:])

    /// - Parameter names: of the plugins, in their order.
    init(names: [String]) { self.names = names }

    /// - Parameter isRejected: by the last plugin that the passage came to.
    func record(_ passage: Passage, _ operation: AdmissionRequest.Operation, isRejected: Bool) {
        state.withLock { series in
            for (index, seconds) in passage.seconds.enumerated() {
                let labels = Labels(operation: operation, isRejected: isRejected && index == passage.seconds.count - 1)
                series[labels, default: empty].plugins[index].observe(seconds)
            }
            let labels = Labels(operation: operation, isRejected: isRejected)
            series[labels, default: empty].whole.observe(passage.seconds.reduce(0, +))
        }
    }

    private var empty: Series { Series(plugins: names.map { _ in Histogram(bounds: Self.bounds) }) }

    func write(to families: inout MetricFamilies) {
        let series = state.withLock { $0 }.sorted { $0.key.order < $1.key.order }
        families.family(
            "apiserver_admission_step_admission_duration_seconds", .histogram,
            help: "Seconds of all admission plugins.")
        for (labels, series) in series where series.whole.count > 0 {
            families.histogram(labels.all + [("type", "admit")], series.whole)
        }
        families.family(
            "apiserver_admission_controller_admission_duration_seconds", .histogram,
            help: "Seconds of an admission plugin.")
        for (index, name) in names.enumerated() {
            for (labels, series) in series where series.plugins[index].count > 0 {
                families.histogram([("name", name)] + labels.all + [("type", "admit")], series.plugins[index])
            }
        }
    }
}

extension AdmissionMetrics.Labels {
    fileprivate var order: String { "\(operation.rawValue)/\(isRejected)" }
}
