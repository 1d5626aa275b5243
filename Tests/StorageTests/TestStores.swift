import APIMachinery
import Foundation
import Storage
import Synchronization
import Testing

/// The engines that the contract is tested on.
enum Engine: CaseIterable, CustomTestStringConvertible {
    case memory, sqlite

    var testDescription: String { self == .memory ? "in memory" : "SQLite" }

    /// Runs `body` with a new store, and closes it.
    func withStore(
        _ configuration: StorageConfiguration = .test(), _ body: (RevisionedStorage) async throws -> Void
    ) async throws {
        switch self {
        case .memory:
            let store = try InMemoryStorage(configuration: configuration)
            try await body(store)
            await store.close()
        case .sqlite:
            try await withTemporaryDirectory { directory in
                let store = try SQLiteStorage(directory: directory, configuration: configuration)
                try await body(store)
                await store.close()
            }
        }
    }
}

extension StorageConfiguration {
    /// Without a timer, for tests that say themselves when history ages.
    static func test(clock: TestClock = TestClock()) -> StorageConfiguration {
        var configuration = StorageConfiguration(clock: { clock.nanoseconds })
        configuration.compactionInterval = nil
        return configuration
    }
}

/// A clock that stands still until it is told to go on.
final class TestClock: Sendable {
    private let time: Mutex<Int64>

    init(_ nanoseconds: Int64 = 1_000_000_000_000) { time = Mutex(nanoseconds) }

    var nanoseconds: Int64 { time.withLock { $0 } }
    func advance(by duration: Duration) {
        time.withLock { $0 += duration.components.seconds * 1_000_000_000 }
    }
}

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "storage-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try await body(url.path)
}

let pods = ResourceKey(group: "", resource: "pods")
let deployments = ResourceKey(group: "apps", resource: "deployments")

func objectKey(_ path: String, of resource: ResourceKey = pods) -> ObjectKey {
    ObjectKey(resource: resource, path: path)
}

/// `{"revision":"…","value":"<content>"}`
func value(_ content: String) -> EncodedValue {
    let head = #"{"revision":""#
    return EncodedValue(
        bytes: Array((head + #"","value":""# + content + #""}"#).utf8), revisionOffset: head.utf8.count,
        attributes: SelectableAttributes(labels: ["content": content]))
}

func text(_ content: String, at revision: Revision) -> String { #"{"revision":"\#(revision)","value":"\#(content)"}"# }

extension Write {
    static func create(_ path: String, _ content: String = "new", of resource: ResourceKey = pods) -> Write {
        Write(.put(value(content)), at: objectKey(path, of: resource), if: .absent)
    }
    static func update(
        _ path: String, _ content: String, of resource: ResourceKey = pods, if precondition: Precondition = .exists
    ) -> Write {
        Write(.put(value(content)), at: objectKey(path, of: resource), if: precondition)
    }
    static func delete(_ path: String, of resource: ResourceKey = pods, if precondition: Precondition = .exists)
        -> Write
    {
        Write(.delete(value("deleted")), at: objectKey(path, of: resource), if: precondition)
    }
}

extension StoredObject {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Snapshot {
    func paths(in resource: ResourceKey = pods, prefix: String = "", from start: String? = nil, limit: Int = .max)
        -> [String]
    {
        var paths: [String] = []
        guard limit > 0 else { return [] }
        forEach(in: resource, prefix: prefix, from: start) { object in
            paths.append(object.key.path)
            return paths.count < limit
        }
        return paths
    }

    /// Every object of every collection, as `resource path revision`, in an order of its own.
    var contents: [String] {
        resources.flatMap { resource in
            var lines: [String] = []
            forEach(in: resource, prefix: "") { object in
                lines.append("\(resource) \(object.key.path) \(object.revision)")
                return true
            }
            return lines
        }.sorted()
    }
}

/// The seed of a random test: `STORAGE_TEST_SEED`, or another one each time. The test prints it where it fails.
func testSeed() -> UInt64 {
    ProcessInfo.processInfo.environment["STORAGE_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
}

/// Waits for a condition, which must come to hold within a time that only a broken store needs.
func eventually(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("the condition did not come to hold in time")
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// What an observer was called with.
final class Recorder: Sendable {
    private let state = Mutex<(batches: [EventBatch], wereVisible: Bool)>(([], true))

    func record(_ batch: EventBatch, isVisible: Bool = true) {
        state.withLock { state in
            state.batches.append(batch)
            state.wereVisible = state.wereVisible && isVisible
        }
    }

    var batches: [EventBatch] { state.withLock { $0.batches } }
    var events: [Event] { batches.flatMap(\.events) }
    var revisions: [Revision] { events.map(\.revision) }
    /// Whether each batch was in the store's snapshot by the time of the call.
    var wereVisible: Bool { state.withLock { $0.wereVisible } }
}
