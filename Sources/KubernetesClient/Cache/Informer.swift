import Synchronization

/// What an informer calls: after its cache has changed, in the order of the changes, one call at a time.
///
/// Calls hold up the informer: they should do no more than put a key into a queue. They may read the informer's cache;
/// they may not add or remove handlers of it.
public struct InformerHandler: Sendable {
    public var onAdd: @Sendable (_ object: KubernetesObject) -> Void
    public var onUpdate: @Sendable (_ old: KubernetesObject, _ new: KubernetesObject) -> Void
    /// With the last state that was seen; where the deletion itself was missed, that is an older one.
    public var onDelete: @Sendable (_ object: KubernetesObject) -> Void

    public init(
        onAdd: @escaping @Sendable (_ object: KubernetesObject) -> Void = { _ in },
        onUpdate: @escaping @Sendable (_ old: KubernetesObject, _ new: KubernetesObject) -> Void = { _, _ in },
        onDelete: @escaping @Sendable (_ object: KubernetesObject) -> Void = { _ in }
    ) {
        self.onAdd = onAdd
        self.onUpdate = onUpdate
        self.onDelete = onDelete
    }

    /// One call for every change, with the newest state.
    public static func anyChange(_ body: @escaping @Sendable (_ object: KubernetesObject) -> Void) -> InformerHandler {
        InformerHandler(onAdd: body, onUpdate: { _, new in body(new) }, onDelete: body)
    }
}

/// A collection of the API in memory, kept up to date by a reflector, with indexes and handlers.
///
/// Reads are synchronous and cheap, and see a state that the server had: never a mixture, but maybe an older one.
public final class Informer: Sendable {
    public struct Options: Sendable {
        public var reflector = Reflector.Options()
        /// Calls every handler's `onUpdate` for each object again and again; `nil` does not.
        public var resyncPeriod: Duration?
        /// Cuts objects down before they are kept, to save memory: `managedFields`, say.
        public var transform: (@Sendable (inout KubernetesObject) -> Void)?

        public init() {}
    }

    /// A handler's place in an informer.
    public struct Registration: Sendable, Hashable {
        fileprivate let id: Int
    }

    private struct Contents {
        var cache = ObjectCache()
        var resourceVersion = ""
        var hasSynced = false
        var syncWaiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var cancelledWaiters: Set<Int> = []
        var nextWaiter = 0
    }

    private struct Handlers {
        var byID: [Int: InformerHandler] = [:]
        var nextID = 0

        /// In the order in which they were added.
        var all: [InformerHandler] { byID.sorted { $0.key < $1.key }.map(\.value) }
    }

    public let resource: ResourceClient
    private let options: Options
    private let contents = Mutex(Contents())
    /// Held while handlers are called, so that one that is added late misses nothing and sees nothing twice.
    private let handlers = Mutex(Handlers())

    public init(_ resource: ResourceClient, options: Options = Options()) {
        self.resource = resource
        self.options = options
    }

    /// Keeps the cache up to date until the task is cancelled. To be run once.
    public func run() async {
        let reflector = Reflector(resource, store: Feed(informer: self), options: options.reflector)
        await withDiscardingTaskGroup { group in
            if let period = options.resyncPeriod { group.addTask { await self.resync(every: period) } }
            await reflector.run()
            group.cancelAll()
        }
    }
}

// Reading.
extension Informer {
    public func get(_ key: NamespacedName) -> KubernetesObject? { contents.withLock { $0.cache.objects[key] } }

    public func get(namespace: String = "", name: String) -> KubernetesObject? {
        get(NamespacedName(namespace: namespace, name: name))
    }

    /// The objects of a namespace, or all, in no order.
    public func list(namespace: String? = nil) -> [KubernetesObject] {
        contents.withLock { contents in
            namespace.map { contents.cache.inNamespace($0) } ?? Array(contents.cache.objects.values)
        }
    }

    public func list(
        namespace: String? = nil, where matches: (KubernetesObject) throws -> Bool
    ) rethrows -> [KubernetesObject] {
        try list(namespace: namespace).filter(matches)
    }

    public var keys: [NamespacedName] { contents.withLock { Array($0.cache.objects.keys) } }

    public var count: Int { contents.withLock { $0.cache.objects.count } }

    /// The version up to which the cache was last replaced or changed.
    public var resourceVersion: String { contents.withLock { $0.resourceVersion } }

    /// Adds an index over what is there and what will come; one of the same name is replaced.
    /// - Parameter values: under which an object is found. Called with the cache locked: it must not read it.
    public func addIndex(_ name: String, _ values: @escaping @Sendable (KubernetesObject) -> [String]) {
        contents.withLock { $0.cache.addIndex(name, values) }
    }

    public func hasIndex(_ name: String) -> Bool { contents.withLock { $0.cache.hasIndex(name) } }

    /// The objects under a value of an index, in no order; none where there is no such index.
    public func objects(index: String, value: String) -> [KubernetesObject] {
        contents.withLock { contents in
            contents.cache.keys(index, value).compactMap { contents.cache.objects[$0] }
        }
    }

    public func keys(index: String, value: String) -> [NamespacedName] {
        contents.withLock { Array($0.cache.keys(index, value)) }
    }

    /// The values under which an index has objects.
    public func values(ofIndex index: String) -> [String] { contents.withLock { $0.cache.values(of: index) } }
}

// Syncing.
extension Informer {
    /// Whether the cache has held the whole collection once, and the handlers have been told.
    public var hasSynced: Bool { contents.withLock { $0.hasSynced } }

    /// - Throws: `CancellationError` where the task is cancelled first.
    public func waitForSync() async throws {
        let id = contents.withLock { contents in
            contents.nextWaiter += 1
            return contents.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = contents.withLock { contents in
                    if contents.cancelledWaiters.remove(id) != nil { return .failure(CancellationError()) }
                    if contents.hasSynced { return .success(()) }
                    contents.syncWaiters[id] = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = contents.withLock { contents in
                let waiter = contents.syncWaiters.removeValue(forKey: id)
                if waiter == nil { contents.cancelledWaiters.insert(id) }
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func setSynced() {
        let waiters = contents.withLock { contents in
            contents.hasSynced = true
            defer { contents.syncWaiters = [:] }
            return Array(contents.syncWaiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}

// Handlers.
extension Informer {
    /// Adds a handler, which is told of every object that is there (`onAdd`) before this returns.
    @discardableResult
    public func addHandler(_ handler: InformerHandler) -> Registration {
        handlers.withLock { handlers in
            handlers.nextID += 1
            handlers.byID[handlers.nextID] = handler
            for object in list() { handler.onAdd(object) }
            return Registration(id: handlers.nextID)
        }
    }

    /// No call to the handler begins after this has returned.
    public func removeHandler(_ registration: Registration) {
        handlers.withLock { $0.byID[registration.id] = nil }
    }

    private func resync(every period: Duration) async {
        while (try? await options.reflector.timeSource.sleep(for: period)) != nil {
            handlers.withLock { handlers in
                let objects = list()
                for handler in handlers.all {
                    for object in objects { handler.onUpdate(object, object) }
                }
            }
        }
    }
}

// Writing, by the reflector.
extension Informer {
    private struct Feed: ReflectorStore {
        let informer: Informer

        func replace(_ objects: [KubernetesObject], resourceVersion: String) async {
            informer.replace(objects, resourceVersion: resourceVersion)
        }

        func apply(_ event: WatchEvent) async { informer.apply(event) }
    }

    private enum Change {
        case added(KubernetesObject)
        case updated(old: KubernetesObject, new: KubernetesObject)
        case deleted(KubernetesObject)
    }

    private func replace(_ objects: [KubernetesObject], resourceVersion: String) {
        let objects = objects.map(transformed)
        handlers.withLock { handlers in
            let changes = contents.withLock { contents in
                let changes = Self.replace(&contents.cache, with: objects)
                contents.resourceVersion = resourceVersion
                return changes
            }
            Self.notify(handlers.all, of: changes)
        }
        setSynced()
    }

    private func apply(_ event: WatchEvent) {
        handlers.withLock { handlers in
            let change: Change? = contents.withLock { contents in
                switch event {
                case .added(let object), .modified(let object):
                    contents.resourceVersion = object.resourceVersion
                    let object = transformed(object)
                    guard let old = contents.cache.set(object) else { return .added(object) }
                    return .updated(old: old, new: object)
                case .deleted(let object):
                    contents.resourceVersion = object.resourceVersion
                    // The event carries the last state; the object need not have been seen before.
                    return contents.cache.remove(object.key).map { _ in .deleted(transformed(object)) }
                case .bookmark, .error: return nil
                }
            }
            if let change { Self.notify(handlers.all, of: [change]) }
        }
    }

    private static func replace(_ cache: inout ObjectCache, with objects: [KubernetesObject]) -> [Change] {
        var changes: [Change] = []
        var gone = Set(cache.objects.keys)
        for object in objects {
            let key = object.key
            gone.remove(key)
            guard let old = cache.objects[key] else {
                _ = cache.set(object)
                changes.append(.added(object))
                continue
            }
            // Deleted and made again while no watch was there to see it.
            if old.uid != object.uid {
                changes += [.deleted(old), .added(object)]
            } else if old.resourceVersion
                != object.resourceVersion
            {
                changes.append(.updated(old: old, new: object))
            } else {
                continue
            }
            _ = cache.set(object)
        }
        for key in gone {
            if let old = cache.remove(key) { changes.append(.deleted(old)) }
        }
        return changes
    }

    private static func notify(_ handlers: [InformerHandler], of changes: [Change]) {
        for handler in handlers {
            for change in changes {
                switch change {
                case .added(let object): handler.onAdd(object)
                case .updated(let old, let new): handler.onUpdate(old, new)
                case .deleted(let object): handler.onDelete(object)
                }
            }
        }
    }

    private func transformed(_ object: KubernetesObject) -> KubernetesObject {
        guard let transform = options.transform else { return object }
        var object = object
        transform(&object)
        return object
    }
}
