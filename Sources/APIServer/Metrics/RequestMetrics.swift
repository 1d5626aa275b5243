import APIMachinery
import Synchronization

/// What the server counts of its requests, under Kubernetes' names (`apiserver/pkg/endpoints/metrics`).
///
/// One short lock a request. The sets of labels are bounded: only resources that are served are named, and beyond
/// `maximumSeries` all goes to one series without a name.
final class RequestMetrics: Sendable {
    /// Requests under one set of labels.
    struct Series: Sendable {
        /// By status.
        private(set) var codes: [(code: Int, count: UInt64)] = []
        private(set) var seconds = Histogram(bounds: RequestMetrics.durationBounds)
        private(set) var sizes = Histogram(bounds: RequestMetrics.sizeBounds)

        mutating func observe(code: Int, seconds: Double, byteCount: Int?) {
            if let index = codes.firstIndex(where: { $0.code == code }) {
                codes[index].count += 1
            } else {
                codes.append((code, 1))
            }
            // How long a stream lasts says nothing of the server.
            guard let byteCount else { return }
            self.seconds.observe(seconds)
            sizes.observe(Double(byteCount))
        }

        mutating func merge(_ other: Series) {
            for (code, count) in other.codes {
                if let index = codes.firstIndex(where: { $0.code == code }) {
                    codes[index].count += count
                } else {
                    codes.append((code, count))
                }
            }
            seconds.merge(other.seconds)
            sizes.merge(other.sizes)
        }
    }

    // Unchecked: touched under the lock of `state` alone.
    private final class Box: @unchecked Sendable {
        var series = Series()
    }

    private struct State: Sendable {
        var boxes: [RequestLabels: Box] = [:]
        var authentications = Authentications()
    }

    struct Authentications: Sendable {
        var successes: UInt64 = 0
        var failures: UInt64 = 0
        /// Successes by what is told of the user.
        var users: [String: UInt64] = [:]
    }

    static let durationBounds: [Double] = [
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
    ]
    static let sizeBounds: [Double] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
    private static let maximumSeries = 8192

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
    func record(_ labels: RequestLabels, of user: UserInfo, code: Int, seconds: Double, byteCount: Int?) {
        state.withLock { state in
            if code == 401 {
                state.authentications.failures += 1
            } else {
                state.authentications.successes += 1
                state.authentications.users[user.metricsName, default: 0] += 1
            }
            let box = state.boxes[labels] ?? Self.newBox(for: labels, in: &state)
            box.series.observe(code: code, seconds: seconds, byteCount: byteCount)
        }
    }

    private static func newBox(for labels: RequestLabels, in state: inout State) -> Box {
        let labels = state.boxes.count < maximumSeries ? labels : RequestLabels(verb: .other)
        if let box = state.boxes[labels] { return box }
        let box = Box()
        state.boxes[labels] = box
        return box
    }

    /// Lets go of the resources that are no longer served: what was counted for one that has another definition now goes
    /// on under that, the rest is gone.
    func forgetResources(notIn contents: ResourceRegistry.Contents) {
        state.withLock { state in
            for (labels, box) in state.boxes {
                guard let resource = labels.resource else { continue }
                let current = contents.resource(resource.groupVersion, resource.definition.names.plural)
                guard current !== resource else { continue }
                state.boxes[labels] = nil
                guard let current else { continue }
                var labels = labels
                labels.resource = current
                if let kept = state.boxes[labels] { kept.series.merge(box.series) } else { state.boxes[labels] = box }
            }
        }
    }

    /// Each set of labels once, whatever states of the registry its resource was in.
    var snapshot: [(labels: RequestLabels, series: Series)] {
        let all = state.withLock { $0.boxes.map { (labels: $0.key, series: $0.value.series) } }
        var merged: [String: (labels: RequestLabels, series: Series)] = [:]
        for entry in all { merged[entry.labels.order, default: (entry.labels, Series())].series.merge(entry.series) }
        return merged.sorted { $0.key < $1.key }.map(\.value)
    }

    var authentications: Authentications { state.withLock { $0.authentications } }

    var inFlight: (reads: Int, writes: Int) {
        (readsInFlight.load(ordering: .relaxed), writesInFlight.load(ordering: .relaxed))
    }
}

extension RequestLabels {
    fileprivate var order: String {
        "\(groupVersion)/\(resourceName)/\(subresource)/\(verb.rawValue)/\(scope.rawValue)/\(isDryRun)"
    }
}

extension UserInfo {
    /// What metrics tell of a user: names that every cluster has, and of all others no more than their form.
    fileprivate var metricsName: String {
        switch name {
        case "admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default": name
        case _ where name.utf8.contains(UInt8(ascii: "@")): "email_id"
        default: "other"
        }
    }
}
