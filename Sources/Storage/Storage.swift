public import APIMachinery

/// A revisioned store of encoded objects: the contract that every engine keeps.
///
/// - Every write that is acknowledged is durable and has a revision of its own; revisions only grow.
/// - Reads are answered from memory, at one revision.
/// - Events come in the order of their revisions, once each, without gaps, or `StorageError.compacted` says that
///   they are no longer kept.
public protocol Storage: AnyObject, Sendable {
    /// The state at the newest revision that has been acknowledged (or is about to be). Never waits.
    var snapshot: Snapshot { get }

    /// The state of the store as of an older revision.
    /// - Throws: `.compacted` where its history is gone, `.futureRevision` where it has not been reached.
    func snapshot(at revision: Revision) throws(StorageError) -> Snapshot

    /// The state of one collection as of an older revision; whether others are in the snapshot is not promised.
    /// Costs what has changed in the collection since then, and next to nothing when asked for again soon.
    /// - Throws: As `snapshot(at:)`.
    func snapshot(at revision: Revision, of resource: ResourceKey) throws(StorageError) -> Snapshot

    /// Applies one write, or throws and leaves everything as it was. Returns once the write is durable and visible.
    @discardableResult
    func commit(_ write: Write) async throws(StorageError) -> Event

    /// Applies all the writes or none; each gets a revision of its own, in order.
    @discardableResult
    func commit(_ writes: [Write]) async throws(StorageError) -> [Event]

    /// The kept events of a resource after a revision, oldest first.
    /// - Throws: `.compacted` where some of them are gone.
    func events(of resource: ResourceKey, after revision: Revision) throws(StorageError) -> [Event]

    /// The oldest revision from which `events` and `snapshot(at:)` can still answer.
    var compactedRevision: Revision { get }

    /// Calls `observer` on the store's own queue with each committed batch, in order, before its writes are acknowledged;
    /// the observer must not block. Returns the revision after which batches are seen, all of them.
    ///
    /// To follow a collection from revision R without a gap, and with each event once:
    ///
    /// 1. Register, keeping the batches that come meanwhile. The answer is revision S.
    /// 2. If R ≤ S, read `events(of:after: R)`. It has every event up to S, and maybe some that are newer: drop those.
    ///    If R > S, there is nothing to read.
    /// 3. Go on with the batches, without the events up to max(R, S).
    ///
    /// To begin with the state instead, register, then take `snapshot`, and go on with the batches without the events up
    /// to the snapshot's revision. One observer can serve many watches, if it notes the revision of the last batch that
    /// it was called with: for a watch that starts then, that one is S.
    func addObserver(_ observer: @escaping @Sendable (EventBatch) -> Void) -> (Revision, ObserverID)

    /// Ends the calls of an observer. One that has begun may still be under way.
    func removeObserver(_ id: ObserverID)

    /// Forgets the history up to a revision: a watch from before it is answered with `.compacted`.
    func compact(through revision: Revision) async throws(StorageError)

    /// Writes a copy of the whole store, consistent at one revision, while it goes on serving.
    /// A store opened from the copy continues with revisions greater than any that were given out so far.
    func backUp(to path: String) async throws(StorageError)

    /// Waits for the pending writes, then closes the engine. Later writes throw `.closed`.
    func close() async

    /// Counts and sizes for metrics. Cheap enough to be asked for every few seconds.
    var statistics: StorageStatistics { get }
}

public struct ObserverID: Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
}

/// Names a collection: a group and a resource's plural name, as `apps/deployments`; the core group is empty, as `/pods`.
/// All versions of a resource are one collection.
public struct ResourceKey: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(group: String, resource: String) { description = group + "/" + resource }
    public init(_ description: String) { self.description = description }
}

/// Names an object within a store. A collection's objects are in the byte order of their `path`.
public struct ObjectKey: Hashable, Sendable {
    public let resource: ResourceKey
    /// `namespace/name`, or `name` where the resource is cluster-scoped.
    public let path: String

    public init(resource: ResourceKey, namespace: String?, name: String) {
        self.resource = resource
        self.path = if let namespace { namespace + "/" + name } else { name }
    }

    public init(resource: ResourceKey, path: String) {
        self.resource = resource
        self.path = path
    }
}

/// An object's bytes as a caller made them, with the place where the revision goes.
///
/// The engine inserts the write's revision, in decimal, before the byte at `revisionOffset`: between the quotes of
/// `"resourceVersion":""`.
public struct EncodedValue: Sendable {
    public var bytes: [UInt8]
    public var revisionOffset: Int
    /// Labels and fields that selectors test.
    public var attributes: SelectableAttributes

    public init(bytes: [UInt8], revisionOffset: Int, attributes: SelectableAttributes) {
        self.bytes = bytes
        self.revisionOffset = revisionOffset
        self.attributes = attributes
    }
}

/// One change that a caller asks for.
public struct Write: Sendable {
    public enum Precondition: Sendable, Hashable {
        /// The object must not exist (create).
        case absent
        /// The object must exist and its last write be this one (compare and set).
        case revision(Revision)
        /// The object must exist, at whatever revision.
        case exists
    }

    public enum Operation: Sendable {
        case put(EncodedValue)
        /// The value is the object's last state, which watchers get, with the revision of its deletion.
        case delete(EncodedValue)
    }

    public var key: ObjectKey
    public var precondition: Precondition
    public var operation: Operation

    public init(_ operation: Operation, at key: ObjectKey, if precondition: Precondition) {
        self.key = key
        self.precondition = precondition
        self.operation = operation
    }
}

/// One change that has happened.
public struct Event: Sendable {
    public enum Kind: Sendable, Hashable { case added, modified, deleted }

    public let kind: Kind
    /// The state after the change; for a deletion the last state, with the deletion's revision.
    public let object: StoredObject
    /// The state before the change; `nil` for an addition.
    public let previous: StoredObject?

    public var revision: Revision { object.revision }

    package init(kind: Kind, object: StoredObject, previous: StoredObject?) {
        self.kind = kind
        self.object = object
        self.previous = previous
    }
}

/// The changes of one commit, oldest first, and the revision that the store has with them.
public struct EventBatch: Sendable {
    public let events: [Event]
    public let revision: Revision

    package init(events: [Event], revision: Revision) {
        self.events = events
        self.revision = revision
    }
}

public enum StorageError: Error, Sendable {
    /// The precondition does not hold; `current` is what is there instead (`nil`: nothing).
    case conflict(key: ObjectKey, current: StoredObject?)
    /// The history reaches back to `oldest` only.
    case compacted(oldest: Revision)
    /// The store has not got that far.
    case futureRevision(current: Revision)
    /// The disk or the database refused; nothing of the write has happened.
    case engine(String)
    case closed
}
