import APIMachinery
import Synchronization

/// Sizes of the events that the watches of one kind were sent.
final class EventSizes: Sendable {
    static let bounds: [Double] = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131_072]

    private let state = Mutex(Histogram(bounds: bounds))

    func observe(_ byteCount: Int, times count: Int) {
        state.withLock { $0.observe(Double(byteCount), times: UInt64(count)) }
    }

    var histogram: Histogram { state.withLock { $0 } }
}

/// What was sent to watches, by kind. A watch looks its kind up once, when it begins.
final class WatchMetrics: Sendable {
    private let state = Mutex<[GroupVersionKind: EventSizes]>([:])
    private let initialCounts = Mutex<[GroupResource: Int]>([:])

    func sizes(of kind: GroupVersionKind) -> EventSizes {
        state.withLock { kinds in
            if let sizes = kinds[kind] { return sizes }
            let sizes = EventSizes()
            kinds[kind] = sizes
            return sizes
        }
    }

    /// Counts the objects that a watch was shown when it began.
    func countInitialEvents(_ count: Int, of resource: GroupResource) {
        if count > 0 { initialCounts.withLock { $0[resource, default: 0] += count } }
    }

    var initialEvents: [(resource: GroupResource, count: Int)] {
        initialCounts.withLock { $0 }.map { ($0.key, $0.value) }.sorted { $0.0.description < $1.0.description }
    }

    /// Lets go of what is no longer served.
    func forgetKinds(notIn contents: ResourceRegistry.Contents) {
        state.withLock { kinds in kinds = kinds.filter { contents.resource(of: $0.key) != nil } }
        initialCounts.withLock { counts in
            counts = counts.filter { contents.group(named: $0.key.group)?.definition(of: $0.key.resource) != nil }
        }
    }

    var snapshot: [(kind: GroupVersionKind, sizes: Histogram)] {
        state.withLock { $0 }.map { ($0.key, $0.value.histogram) }.sorted {
            $0.0.description < $1.0.description
        }
    }
}
