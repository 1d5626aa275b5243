import APIMachinery
import JSON
public import Logging
import Synchronization

/// Writes events about objects, for people to read: best effort, and never in the way of the work.
///
/// `record` only puts an event into a bounded queue, which `run()` empties. An event that repeats one of the last
/// (same object, type, reason and message) counts that one up by a patch. An object that causes very many events has
/// most of them dropped, at the rates of client-go's spam filter.
public final class EventRecorder: Sendable {
    public enum EventType: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    public struct Options: Sendable {
        /// Events that wait to be written; more are dropped.
        public var queueLimit = 1000
        /// Events that are remembered, to count them up.
        public var rememberedEvents = 4096
        /// Events an object may cause at once, and then a second.
        public var burstPerObject = 25
        public var ratePerObject = 1.0 / 300
        /// A message is cut to this.
        public var maximumMessageBytes = 1024
        public var timeSource: any TimeSource = SystemTimeSource()
        public var random = RandomSource.system
        public var logger = Logger(label: "event-recorder")

        public init() {}
    }

    struct Entry: Sendable {
        var object: KubernetesObject
        var type: EventType
        var reason: String
        var message: String
        var time: KubernetesTime
    }

    private let client: APIClient
    private let component: String
    private let instance: String
    private let options: Options
    private let dropped = Mutex(0)
    private let entries: AsyncStream<Entry>
    private let queue: AsyncStream<Entry>.Continuation

    /// - Parameters:
    ///   - component: who reports: `deployment-controller`.
    ///   - instance: which one of them: its pod's or host's name.
    public init(client: APIClient, component: String, instance: String = "", options: Options = Options()) {
        self.client = client
        self.component = component
        self.instance = instance
        self.options = options
        (entries, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(max(1, options.queueLimit)))
    }

    /// Notes an event about an object. Returns at once.
    public func record(_ object: KubernetesObject, _ type: EventType, reason: String, message: String) {
        let entry = Entry(
            object: object, type: type, reason: reason, message: Self.cut(message, options.maximumMessageBytes),
            time: options.timeSource.wallTime)
        if case .dropped = queue.yield(entry) { dropped.withLock { $0 += 1 } }
    }

    /// Events that found the queue full.
    public var droppedCount: Int { dropped.withLock { $0 } }

    /// Writes the events until the task is cancelled. To be run once.
    public func run() async {
        var correlator = EventCorrelator(options)
        for await entry in entries {
            let key = EventCorrelator.Key(entry)
            guard correlator.admits(key, at: options.timeSource.uptime) else { continue }
            do {
                try await write(entry, key, &correlator)
            } catch is CancellationError {
                return
            } catch {
                let text = (error as? APIStatus)?.message ?? "\(error)"
                options.logger.debug("Failed to write an event", metadata: ["error": .string(text)])
            }
        }
    }

    private func write(_ entry: Entry, _ key: EventCorrelator.Key, _ correlator: inout EventCorrelator) async throws {
        if let known = correlator.repeated(key) {
            let patch: JSON = ["count": .int(known.count), "lastTimestamp": .string(entry.time.description)]
            do {
                _ = try await client.resource(.events, namespace: known.name.namespace)
                    .patch(known.name.name, .merge(patch))
                return
            } catch  where error.isNotFound {
                // Expired on the server: begins anew.
            }
        }
        let event = event(entry)
        let written = try await client.resource(.events, namespace: event.namespace).create(event)
        correlator.remember(key, as: written.key)
    }

    private func event(_ entry: Entry) -> KubernetesObject {
        let object = entry.object
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let time = JSON.string(entry.time.description)
        var involved: JSONObject = [:]
        let members = [
            ("kind", object.kind), ("namespace", object.namespace), ("name", object.name), ("uid", object.uid),
            ("apiVersion", object.apiVersion), ("resourceVersion", object.resourceVersion),
        ]
        for (member, value) in members where !value.isEmpty { involved[member] = .string(value) }
        var source: JSONObject = ["component": .string(component)]
        if !instance.isEmpty { source["host"] = .string(instance) }
        return KubernetesObject(
            .events, namespace: namespace, name: object.name + "." + suffix(entry.time),
            [
                "involvedObject": .object(involved), "reason": .string(entry.reason), "message": .string(entry.message),
                "source": .object(source), "firstTimestamp": time, "lastTimestamp": time, "count": 1,
                "type": .string(entry.type.rawValue), "reportingComponent": .string(component),
                "reportingInstance": .string(instance),
            ])
    }

    /// Tells events of one object apart: the time and a random part, as hexadecimal digits.
    private func suffix(_ time: KubernetesTime) -> String {
        let nanoseconds = UInt64(bitPattern: time.epochNanoseconds)
        return String(nanoseconds &+ UInt64(options.random.next() * 1000), radix: 16)
    }

    private static func cut(_ text: String, _ maximumBytes: Int) -> String {
        if text.utf8.count <= maximumBytes { return text }
        var cut = text
        while cut.utf8.count > maximumBytes - 3, !cut.isEmpty {
            cut.removeLast(max(1, (cut.utf8.count - maximumBytes) / 4))
        }
        return cut + "..."
    }
}

/// Remembers the last events, to count repetitions up and to hold back floods.
struct EventCorrelator {
    struct Key: Hashable, Sendable {
        var object: ObjectIdentity
        var type: String
        var reason: String
        var message: String

        init(_ entry: EventRecorder.Entry) {
            object = ObjectIdentity(
                apiVersion: entry.object.apiVersion, kind: entry.object.kind, key: entry.object.key,
                uid: entry.object.uid)
            type = entry.type.rawValue
            reason = entry.reason
            message = entry.message
        }
    }

    struct ObjectIdentity: Hashable, Sendable {
        var apiVersion: String
        var kind: String
        var key: NamespacedName
        var uid: String
    }

    struct Known {
        var name: NamespacedName
        var count: Int64
    }

    private let options: EventRecorder.Options
    private var known: Recent<Key, Known>
    private var buckets: Recent<ObjectIdentity, TokenBucket>

    init(_ options: EventRecorder.Options) {
        self.options = options
        known = Recent(capacity: options.rememberedEvents)
        buckets = Recent(capacity: options.rememberedEvents)
    }

    mutating func admits(_ key: Key, at now: Duration) -> Bool {
        var bucket = buckets[key.object] ?? TokenBucket(rate: options.ratePerObject, burst: options.burstPerObject)
        defer { buckets[key.object] = bucket }
        return bucket.take(at: now)
    }

    /// Counts up an event that was written before.
    mutating func repeated(_ key: Key) -> Known? {
        guard var entry = known[key] else { return nil }
        entry.count += 1
        known[key] = entry
        return entry
    }

    mutating func remember(_ key: Key, as name: NamespacedName) { known[key] = Known(name: name, count: 1) }
}

/// A dictionary that forgets what has not been set for longest: in halves, when the younger half is full.
struct Recent<Key: Hashable, Value> {
    private let halfCapacity: Int
    private var younger: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(capacity: Int) { halfCapacity = max(1, capacity / 2) }

    subscript(key: Key) -> Value? {
        get { younger[key] ?? older[key] }
        set {
            younger[key] = newValue
            older[key] = nil
            if younger.count >= halfCapacity {
                older = younger
                younger = [:]
            }
        }
    }
}
