package import APIMachinery
import Synchronization

/// What a controller has asked for and its cache has not shown yet, by the key of the object it was done for.
///
/// A controller that counts its pods in a cache that lags would create them twice. It notes what it has begun; while
/// the watch has not delivered all of it, the object is not counted again. What never arrives is forgotten after
/// `timeoutSeconds`, as an expectation that outlives its cause must not stop a controller.
package final class Expectations: Sendable {
    package static let timeoutSeconds: Int64 = 5 * 60

    private struct Entry {
        var creations = 0
        var deletions: Set<String> = []
        var since: KubernetesTime
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// Begins anew for a key: so many creations, and the deletion of the objects with these uids.
    package func expect(
        _ key: String, creations: Int = 0, deletions: some Sequence<String> = EmptyCollection(), now: KubernetesTime
    ) {
        entries.withLock {
            $0[key] = Entry(creations: creations, deletions: Set(deletions), since: now)
        }
    }

    /// A creation was seen, or is known to have failed.
    package func creationObserved(_ key: String, count: Int = 1) {
        entries.withLock { entries in
            guard var entry = entries[key] else { return }
            entry.creations -= count
            entries[key] = entry
        }
    }

    /// A deletion was seen, or is known to have failed.
    package func deletionObserved(_ key: String, uid: String) {
        _ = entries.withLock { $0[key]?.deletions.remove(uid) }
    }

    /// Whether the cache shows everything that was asked for.
    package func areFulfilled(_ key: String, now: KubernetesTime) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[key] else { return true }
            if entry.creations <= 0 && entry.deletions.isEmpty { return true }
            return entry.since.advanced(bySeconds: Self.timeoutSeconds) < now
        }
    }

    /// The object is gone.
    package func forget(_ key: String) {
        _ = entries.withLock { $0.removeValue(forKey: key) }
    }
}
