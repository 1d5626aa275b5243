import APIMachinery
import DequeModule

/// The events that are kept, by collection, and what is needed to tell which of them are too old or too many.
struct History: Sendable {
    /// A moment in the history: which revision and how much had been written by then.
    private struct Mark {
        var nanosecondsSinceEpoch: Int64
        var revision: Revision
        var totalEvents: Int
        var totalBytes: Int
    }

    /// Every event after it is kept.
    private(set) var compactedRevision: Revision
    /// The revision of the newest event, or the one that the history began at.
    private(set) var lastRevision: Revision
    private(set) var count = 0
    private(set) var byteCount = 0

    private var events: [ResourceKey: Deque<Event>] = [:]
    /// Events and bytes that ever went through, for the differences between marks.
    private var totalEvents = 0
    private var totalBytes = 0
    private var eventsAtLastMark = 0
    private var bytesAtLastMark = 0
    private var marks = Deque<Mark>()

    init(startingAt revision: Revision) {
        compactedRevision = revision
        lastRevision = revision
    }

    mutating func append(_ event: Event) {
        events[event.object.key.resource, default: Deque()].append(event)
        lastRevision = event.revision
        count += 1
        byteCount += event.object.bytes.count
        totalEvents += 1
        totalBytes += event.object.bytes.count
    }

    /// Raises the newest revision where numbers were given out without events.
    mutating func advance(to revision: Revision) { lastRevision = max(lastRevision, revision) }

    /// The events of a collection after a revision, oldest first.
    func events(of resource: ResourceKey, after revision: Revision) -> ArraySlice<Event> {
        guard let kept = events[resource] else { return [] }
        let start = Self.firstIndex(in: kept, after: revision)
        return ArraySlice(kept[start...])
    }

    /// The collections that have events after a revision.
    func resourcesChanged(after revision: Revision) -> [ResourceKey] {
        events.compactMap { resource, kept in (kept.last?.revision ?? .zero) > revision ? resource : nil }
    }

    private static func firstIndex(in events: Deque<Event>, after revision: Revision) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - Compaction

extension History {
    /// The rows that nothing needs once the history up to a revision is gone, in an order in which they may be deleted:
    /// what a deletion superseded comes before the deletion's own row, so that a crash between the two brings nothing
    /// back to life.
    func rowsSuperseded(through revision: Revision) -> [Revision] {
        var rows: [Revision] = []
        for kept in events.values {
            for event in kept.prefix(while: { $0.revision <= revision }) {
                if let previous = event.previous { rows.append(previous.revision) }
                if event.kind == .deleted { rows.append(event.revision) }
            }
        }
        return rows
    }

    /// Forgets the events up to a revision; returns them, so that they are let go of outside a lock.
    mutating func drop(through revision: Revision) -> [Event] {
        var dropped: [Event] = []
        for (resource, kept) in events {
            let end = Self.firstIndex(in: kept, after: revision)
            guard end > 0 else { continue }
            dropped += kept[..<end]
            if end == kept.count { events[resource] = nil } else { events[resource]?.removeFirst(end) }
        }
        count -= dropped.count
        byteCount -= dropped.reduce(0) { $0 + $1.object.bytes.count }
        compactedRevision = max(compactedRevision, revision)
        lastRevision = max(lastRevision, revision)
        while let first = marks.first, first.revision <= revision { marks.removeFirst() }
        return dropped
    }

    /// Remembers that all events so far are no younger than this.
    mutating func mark(at nanosecondsSinceEpoch: Int64) {
        guard lastRevision > (marks.last?.revision ?? compactedRevision) else { return }
        eventsAtLastMark = totalEvents
        bytesAtLastMark = totalBytes
        marks.append(
            Mark(
                nanosecondsSinceEpoch: nanosecondsSinceEpoch, revision: lastRevision, totalEvents: totalEvents,
                totalBytes: totalBytes))
    }

    /// Whether so much was written since the last mark that another one keeps the portions small.
    func needsMark(under limits: StorageConfiguration) -> Bool {
        totalEvents - eventsAtLastMark >= max(1, limits.maxHistoryEvents / 16)
            || totalBytes - bytesAtLastMark >= max(1, limits.maxHistoryBytes / 16)
    }

    /// The revision up to which the history is too old or too much; `nil` where it is neither.
    func expiredRevision(at now: Int64, under limits: StorageConfiguration) -> Revision? {
        let (newestExpired, overflow) = now.subtractingReportingOverflow(limits.historyAge.nanoseconds)
        var expired: Mark?
        for mark in marks {
            let remainingEvents = expired.map { totalEvents - $0.totalEvents } ?? count
            let remainingBytes = expired.map { totalBytes - $0.totalBytes } ?? byteCount
            let isOld = !overflow && mark.nanosecondsSinceEpoch <= newestExpired
            let isTooMuch = remainingEvents > limits.maxHistoryEvents || remainingBytes > limits.maxHistoryBytes
            guard isOld || isTooMuch else { break }
            expired = mark
        }
        return expired?.revision
    }
}
