import APIMachinery
import HTTPTransport
import Storage
import Synchronization

/// Hands each committed batch to every reactor once; there, the reactor's own watches are served.
final class WatchHub: Sendable {
    private struct State {
        var watches: [ObjectIdentifier: ReactorWatches] = [:]
        var observer: ObserverID?
    }

    private let storage: any Storage
    private let state = Mutex(State())

    init(storage: any Storage) { self.storage = storage }

    /// The watches of the reactor that calls this, made when first asked for.
    func watches(on reactor: Reactor) -> ReactorWatches {
        state.withLock { state in
            if let watches = state.watches[ObjectIdentifier(reactor)] { return watches }
            let watches = ReactorWatches(reactor: reactor)
            state.watches[ObjectIdentifier(reactor)] = watches
            if state.observer == nil {
                state.observer = storage.addObserver { [weak self] batch in self?.deliver(batch) }.1
            }
            return watches
        }
    }

    private func deliver(_ batch: EventBatch) {
        let all = state.withLock { Array($0.watches.values) }
        for watches in all where watches.hasAny { watches.reactor.execute { watches.deliver(batch) } }
    }

    var watchCount: Int { state.withLock { $0.watches.values.reduce(0) { $0 + $1.count } } }

    /// Ends the watches of a resource that is no longer served.
    func endAll(of resource: ResourceKey) {
        let all = state.withLock { Array($0.watches.values) }
        for watches in all { watches.reactor.execute { watches.endAll(of: resource) } }
    }
}

/// The watches whose connections live on one reactor.
///
/// A watch that joins has read the store up to some revision. The batches behind it reach the reactor later than it
/// joined, because a batch is visible in the store before it is handed over; and what it has read already it drops by
/// revision. So nothing is missed and nothing comes twice.
final class ReactorWatches: @unchecked Sendable {
    // Unchecked: all but `reactor` and `counter` is touched on the reactor alone.
    private struct Collection {
        var everywhere: [ObjectIdentifier: Watch] = [:]
        var byNamespace: [String: [ObjectIdentifier: Watch]] = [:]

        var isEmpty: Bool { everywhere.isEmpty && byNamespace.isEmpty }
    }

    let reactor: Reactor
    private let counter = Atomic<Int>(0)
    private var collections: [ResourceKey: Collection] = [:]
    /// Batches up to this revision have been delivered here.
    private var delivered = Revision.zero

    init(reactor: Reactor) { self.reactor = reactor }

    var count: Int { counter.load(ordering: .relaxed) }
    var hasAny: Bool { count > 0 }

    func add(_ watch: Watch) {
        let id = ObjectIdentifier(watch)
        if let namespace = watch.namespace {
            collections[watch.resource.key, default: Collection()].byNamespace[namespace, default: [:]][id] = watch
        } else {
            collections[watch.resource.key, default: Collection()].everywhere[id] = watch
        }
        counter.add(1, ordering: .relaxed)
    }

    func remove(_ watch: Watch) {
        watch.cancelTimers()
        let id = ObjectIdentifier(watch)
        let key = watch.resource.key
        let removed: Watch?
        if let namespace = watch.namespace {
            removed = collections[key]?.byNamespace[namespace]?.removeValue(forKey: id)
            if collections[key]?.byNamespace[namespace]?.isEmpty == true {
                collections[key]?.byNamespace[namespace] = nil
            }
        } else {
            removed = collections[key]?.everywhere.removeValue(forKey: id)
        }
        if collections[key]?.isEmpty == true { collections[key] = nil }
        if removed != nil { counter.subtract(1, ordering: .relaxed) }
    }

    func deliver(_ batch: EventBatch) {
        var frames = WatchFrames()
        for event in batch.events {
            guard let collection = collections[event.object.key.resource] else { continue }
            for watch in collection.everywhere.values { watch.send(event, frames: &frames) }
            if !collection.byNamespace.isEmpty, let namespace = event.object.key.namespace,
                let watches = collection.byNamespace[namespace]
            {
                for watch in watches.values { watch.send(event, frames: &frames) }
            }
        }
        frames.finish()
        delivered = max(delivered, batch.revision)
    }

    /// Every event of a watch up to this revision has been sent: what a bookmark may say.
    func bookmarkRevision(of watch: Watch) -> Revision { max(delivered, watch.revision) }

    func endAll(of resource: ResourceKey) {
        guard let collection = collections[resource] else { return }
        let watches = Array(collection.everywhere.values) + collection.byNamespace.values.flatMap(\.values)
        for watch in watches {
            watch.stream.finish()
            remove(watch)
        }
    }
}

extension ObjectKey {
    /// The namespace of a namespaced object's key.
    var namespace: String? {
        guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(path[..<slash])
    }

    /// The object's name.
    var name: String {
        guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }
}
