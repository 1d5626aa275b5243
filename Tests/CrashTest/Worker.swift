import APIMachinery
import Storage
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Opens the store, tells what is in it and what a watcher missed, then writes until it is killed.
struct Worker {
    static let resource = ResourceKey(group: "", resource: "things")
    private static let writerCount = 8
    private static let objectsPerWriter = 40

    let directory: String
    /// The revision up to which the driver's watcher has seen events.
    let lastSeen: Int64
    let seed: UInt64

    func run() async throws {
        let store = try SQLiteStorage(directory: directory, configuration: configuration)
        let output = Output()
        try report(store, to: output)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writerCount {
                group.addTask { try await write(to: store, as: writer, output) }
            }
            group.addTask { try await compact(store) }
            try await group.waitForAll()
        }
    }

    /// Limits so small that checkpoints and compactions happen all the time.
    private var configuration: StorageConfiguration {
        var configuration = StorageConfiguration()
        configuration.walCheckpointPages = 50
        configuration.maxHistoryEvents = 3_000
        configuration.maxCompactedRowsPerStep = 20
        return configuration
    }

    /// Registers the watcher, and has it catch up, before anything else is written.
    private func report(_ store: SQLiteStorage, to output: Output) throws {
        let (start, _) = store.addObserver { batch in output.write(batch.events.map { .event($0.entry) }) }
        let missed = try store.events(of: Self.resource, after: Revision(lastSeen))
        output.write(missed.filter { $0.revision <= start }.map { .event($0.entry) })
        let snapshot = store.snapshot
        var state: [Report] = []
        snapshot.forEach(in: Self.resource, prefix: "") { object in
            state.append(.state(object.entry))
            return true
        }
        output.write(state + [.ready(snapshot.revision.rawValue)])
    }

    /// Writes to paths that no other writer has, so that each can say what must be there.
    private func write(to store: SQLiteStorage, as writer: Int, _ output: Output) async throws {
        var generator = SeededGenerator(seed: seed &+ UInt64(writer))
        while true {
            let count = Int.random(in: 0..<10, using: &generator) == 0 ? 3 : 1
            let first = Int.random(in: 0..<Self.objectsPerWriter, using: &generator)
            let writes = (0..<count).map { index in
                let path = "w\(writer)/\((first + index) % Self.objectsPerWriter)"
                return randomWrite(at: path, in: store, &generator)
            }
            let events = try await store.commit(writes)
            output.write(events.map { .acknowledged($0.entry) })
        }
    }

    private func randomWrite(at path: String, in store: SQLiteStorage, _ generator: inout SeededGenerator) -> Write {
        let key = ObjectKey(resource: Self.resource, path: path)
        let current = store.snapshot[key]
        let count = Int.random(in: 1...3_000, using: &generator)
        let byte = UInt8.random(in: 0...255, using: &generator)
        let value = EncodedValue(
            bytes: [UInt8](repeating: byte, count: count), revisionOffset: count / 2, attributes: SelectableAttributes()
        )
        guard let current else { return Write(.put(value), at: key, if: .absent) }
        let isDeletion = Int.random(in: 0..<4, using: &generator) == 0
        return Write(isDeletion ? .delete(value) : .put(value), at: key, if: .revision(current.revision))
    }

    private func compact(_ store: SQLiteStorage) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(3))
            let revision = Revision(max(0, store.snapshot.revision.rawValue - 1_000))
            try await store.compact(through: revision)
        }
    }
}

/// The pipe to the driver, a whole line or several at a time.
private final class Output: Sendable {
    private let lock = Mutex(())

    func write(_ reports: [Report]) {
        let bytes = Array(reports.map(\.line).joined().utf8)
        lock.withLock { _ in
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    writeToOutput($0.baseAddress?.advanced(by: written), bytes.count - written)
                }
                // The driver is gone.
                guard count > 0 else { exit(0) }
                written += count
            }
        }
    }
}

extension Event {
    fileprivate var entry: Report.Entry {
        Report.Entry(
            revision: revision.rawValue, path: object.key.path,
            checksum: kind == .deleted ? nil : Report.Entry.checksum(of: object.bytes))
    }
}

extension StoredObject {
    fileprivate var entry: Report.Entry {
        Report.Entry(revision: revision.rawValue, path: key.path, checksum: Report.Entry.checksum(of: bytes))
    }
}

private func writeToOutput(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int { write(STDOUT_FILENO, bytes, count) }
