import APIMachinery
import HTTPTransport
import JSON
import Storage

/// One client's watch: what it selects, in which form it is told, and the stream that it reads.
///
/// Confined to its connection's reactor, as the stream is.
final class Watch: @unchecked Sendable {
    // Unchecked: made and used on the reactor alone.
    let representation: Representation
    let filter: ObjectFilter
    /// Only objects of this namespace; `nil` for all, and for cluster-scoped resources.
    let namespace: String?
    /// The collection or the one object that is watched: `namespace/name` where a name was given.
    let path: String?
    let stream: HTTPResponseStream
    let sendsBookmarks: Bool
    private let eventSizes: EventSizes
    /// Events up to this revision have been sent, or are not wanted.
    var revision: Revision
    /// Table headers go with the first event only. (Where three or more watches are told of a change, Kubernetes gives the
    /// same bytes to all of one form, and sends the headers once more to those that were not the first to be told.)
    private var isFirstEvent = true
    var timers: [ReactorTimer] = []

    init(
        representation: Representation, filter: ObjectFilter, namespace: String?, path: String?,
        stream: HTTPResponseStream, sendsBookmarks: Bool, revision: Revision, eventSizes: EventSizes
    ) {
        self.eventSizes = eventSizes
        self.representation = representation
        self.filter = filter
        self.namespace = namespace
        self.path = path
        self.stream = stream
        self.sendsBookmarks = sendsBookmarks
        self.revision = revision
    }

    var resource: ServedResource { representation.resource }

    // MARK: Events

    /// Tells the client of a change, where it concerns what is selected. An object that comes into the selection is
    /// added to the client, one that leaves it is deleted (API concepts, "Efficient detection of changes").
    func send(_ event: Event, frames: inout WatchFrames) {
        guard event.revision > revision, concerns(event.object) else { return }
        let wasSelected = event.previous.map(filter.matches) ?? false
        let isSelected = event.kind != .deleted && filter.matches(event.object)
        switch (wasSelected, isSelected) {
        case (false, false): return
        case (false, true): send(.added, event.object, &frames)
        case (true, true): send(.modified, event.object, &frames)
        case (true, false):
            if event.kind == .deleted {
                send(.deleted, event.object, &frames)
            } else if let previous = event.previous {
                send(.deleted, frames.departure(of: previous, at: event.revision), &frames)
            }
        }
    }

    /// Tells the client of an object that was there when the watch began.
    /// - Returns: whether it is selected.
    func sendInitial(_ object: StoredObject, frames: inout WatchFrames) -> Bool {
        guard concerns(object), filter.matches(object) else { return false }
        send(.added, object, &frames)
        return true
    }

    private func concerns(_ object: StoredObject) -> Bool { path == nil || object.key.path == path }

    private func send(_ type: WatchFrames.EventType, _ object: StoredObject, _ frames: inout WatchFrames) {
        do {
            let frame: ByteSegments
            if representation.isVerbatim, resource.isCurrent(object) {
                frame = frames.verbatim(type, object)
            } else {
                frame = try frames.frame(type, object, representation, isFirst: isFirstEvent)
                isFirstEvent = false
            }
            stream.write(frame)
            frames.noteSent(frame.byteCount, in: eventSizes)
        } catch {
            end(with: APIServer.status(of: error))
        }
    }

    // MARK: Bookmarks and the end

    /// Tells the client how far it has come. `isInitialEventsEnd` marks the end of a streaming list (KEP-3157).
    func sendBookmark(at revision: Revision, isInitialEventsEnd: Bool = false) {
        var metadata: JSONObject = ["resourceVersion": .string(revision.description)]
        if isInitialEventsEnd { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        var document: JSON = [
            "kind": .string(resource.definition.names.kind),
            "apiVersion": .string(resource.groupVersion.description), "metadata": .object(metadata),
        ]
        do {
            if !resource.definition.isCustom { _ = try resource.version.schema.canonicalize(&document) }
            let object = try representation.transformed(.document(document), showsHeaders: isFirstEvent)
            isFirstEvent = false
            stream.write(WatchFrames.frame("BOOKMARK", try representation.eventObject(object), representation.form))
        } catch {
            end(with: APIServer.status(of: error))
        }
    }

    /// Ends the watch with an error that the client can read.
    func end(with status: APIStatus) {
        // Every form has a `Status`.
        if let object = try? representation.eventObject(status.json) {
            stream.write(WatchFrames.frame("ERROR", object, representation.form))
        }
        stream.finish()
    }

    func cancelTimers() {
        for timer in timers { timer.cancel() }
        timers = []
    }
}

/// The bytes of watch events, made once for all the watches of a reactor that are told of the same change.
struct WatchFrames {
    enum EventType: String {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    private struct Key: Hashable {
        var object: ObjectIdentifier
        var type: EventType
        var form: OutputForm
        var version: String
        var isFirst: Bool
    }

    private var made: [Key: ByteSegments] = [:]
    private var lastVerbatim: (object: StoredObject, type: EventType, frame: ByteSegments)?
    private var departed: [ObjectIdentifier: StoredObject] = [:]

    /// What was sent in a row and is not in the metrics yet, which all reactors share.
    private var sent: (sizes: EventSizes, byteCount: Int, count: Int)?

    private static let end = Array("}\n".utf8)
    private static let starts: [EventType: [UInt8]] = [
        .added: Array("{\"type\":\"ADDED\",\"object\":".utf8),
        .modified: Array("{\"type\":\"MODIFIED\",\"object\":".utf8),
        .deleted: Array("{\"type\":\"DELETED\",\"object\":".utf8),
    ]

    /// A line of JSON, or a length and a message.
    static func frame(_ type: String, _ object: ByteSegments, _ form: OutputForm) -> ByteSegments {
        if form.mediaType == .protobuf {
            return ByteSegments(ProtobufWatchEvent(type: type, object: object.joined()[...]).frame)
        }
        var frame = ByteSegments(Array("{\"type\":\"\(type)\",\"object\":".utf8))
        frame.append(contentsOf: object)
        frame.append(end)
        return frame
    }

    /// An event with the stored bytes.
    mutating func verbatim(_ type: EventType, _ object: StoredObject) -> ByteSegments {
        if let lastVerbatim, lastVerbatim.object === object, lastVerbatim.type == type { return lastVerbatim.frame }
        var bytes = Self.starts[type] ?? []
        bytes.reserveCapacity(bytes.count + object.bytes.count + 2)
        bytes.append(contentsOf: object.bytes)
        bytes.append(contentsOf: Self.end)
        let frame = ByteSegments(bytes)
        lastVerbatim = (object, type, frame)
        return frame
    }

    /// An event in another form than the stored one.
    mutating func frame(
        _ type: EventType, _ object: StoredObject, _ representation: Representation, isFirst: Bool
    ) throws -> ByteSegments {
        let key = Key(
            object: ObjectIdentifier(object), type: type, form: representation.form,
            version: representation.resource.groupVersion.description, isFirst: isFirst)
        if let frame = made[key] { return frame }
        let frame = Self.frame(
            type.rawValue, try representation.eventObject(object, isFirst: isFirst), representation.form)
        made[key] = frame
        return frame
    }

    /// Counts an event that a watch was sent. `finish` is called after the last.
    mutating func noteSent(_ byteCount: Int, in sizes: EventSizes) {
        if let sent, sent.sizes === sizes, sent.byteCount == byteCount {
            self.sent?.count += 1
        } else {
            finish()
            sent = (sizes, byteCount, 1)
        }
    }

    mutating func finish() {
        if let sent { sent.sizes.observe(sent.byteCount, times: sent.count) }
        sent = nil
    }

    /// The last selected state of an object that a change took out of a selection, with that change's revision.
    mutating func departure(of previous: StoredObject, at revision: Revision) -> StoredObject {
        if let object = departed[ObjectIdentifier(previous)], object.revision == revision { return object }
        let object = previous.restated(at: revision)
        departed[ObjectIdentifier(previous)] = object
        return object
    }
}

extension StoredObject {
    /// The same state with another `resourceVersion`.
    func restated(at revision: Revision) -> StoredObject {
        StoredObject(
            key: key, revision: revision, bytes: bytes.replacingResourceVersion(with: revision), attributes: nil)
    }
}

extension [UInt8] {
    /// An object's bytes with another value in `metadata.resourceVersion`.
    func replacingResourceVersion(with revision: Revision) -> [UInt8] {
        let range = withUnsafeBytes { JSONScanner($0).range(of: ["metadata", "resourceVersion"]) }
        guard let range else { return self }
        var bytes = self
        bytes.replaceSubrange(range, with: "\"\(revision)\"".utf8)
        return bytes
    }
}
