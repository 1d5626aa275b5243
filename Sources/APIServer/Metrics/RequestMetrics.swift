import APIMachinery
import Synchronization

/// What the server counts of its requests, under Kubernetes' names (`apiserver/pkg/endpoints/metrics`).
///
/// One short lock a request. The sets of labels are bounded: only resources that are served are named, and beyond
/// `maximumSeries` all goes to one series without a name.
final class RequestMetrics: Sendable {
    /// The labels that a request is counted under, but for its status.
    struct Labels: Hashable, Sendable {
        var verb: String
        var groupVersion = GroupVersion(group: "", version: "")
        var resource = ""
        var subresource = ""
        var scope = ""
        var isDryRun = false
    }

    struct Series: Sendable {
        /// Requests by status.
        var codes: [(code: Int, count: UInt64)] = []
        var seconds = Histogram(bounds: RequestMetrics.durationBounds)
        var sizes = Histogram(bounds: RequestMetrics.sizeBounds)

        mutating func count(_ code: Int) {
            for index in codes.indices where codes[index].code == code {
                codes[index].count += 1
                return
            }
            codes.append((code, 1))
        }
    }

    static let durationBounds: [Double] = [
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
    ]
    static let sizeBounds: [Double] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
    private static let maximumSeries = 8192

    struct State: Sendable {
        var series: [Labels: Series] = [:]
        var authentications: (successes: UInt64, failures: UInt64) = (0, 0)
    }

    private let state = Mutex(State())
    private let readsInFlight = Atomic<Int>(0)
    private let writesInFlight = Atomic<Int>(0)

    func begin(isMutating: Bool) {
        if isMutating {
            writesInFlight.add(1, ordering: .relaxed)
        } else {
            readsInFlight.add(1, ordering: .relaxed)
        }
    }

    func end(isMutating: Bool) {
        if isMutating {
            writesInFlight.subtract(1, ordering: .relaxed)
        } else {
            readsInFlight.subtract(1, ordering: .relaxed)
        }
    }

    /// - Parameter byteCount: of the answer's body; `nil` where it is a stream.
    func record(_ labels: Labels, code: Int, seconds: Double, byteCount: Int?) {
        state.withLock { state in
            let isKnown = state.series[labels] != nil
            let labels = isKnown || state.series.count < Self.maximumSeries ? labels : Labels(verb: labels.verb)
            if code == 401 { state.authentications.failures += 1 } else { state.authentications.successes += 1 }
            state.series[labels, default: Series()].update { series in
                series.count(code)
                // How long a stream lasts says nothing of the server.
                guard let byteCount else { return }
                series.seconds.observe(seconds)
                series.sizes.observe(Double(byteCount))
            }
        }
    }

    var snapshot: State { state.withLock { $0 } }
    var inFlight: (reads: Int, writes: Int) {
        (readsInFlight.load(ordering: .relaxed), writesInFlight.load(ordering: .relaxed))
    }
}

extension RequestMetrics.Series {
    fileprivate mutating func update(_ change: (inout Self) -> Void) { change(&self) }
}
