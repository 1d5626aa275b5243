import APIMachinery
import Storage
import Synchronization
import Testing

/// A log whose disk is full when a test says so.
private final class FailingLog: RevisionLog {
    struct DiskFull: Error {}

    let isFailing = Mutex(false)
    let appended = Mutex<[Revision]>([])

    private func check() throws {
        if isFailing.withLock({ $0 }) { throw DiskFull() }
    }

    func load(into state: inout LoadedState) throws { try check() }
    func append(_ events: [Event]) throws {
        try check()
        appended.withLock { $0 += events.map(\.revision) }
    }
    func recordCompaction(through compacted: Revision, highest: Revision, deleting rows: ArraySlice<Revision>) throws {
        try check()
    }
    func delete(_ rows: ArraySlice<Revision>) throws { try check() }
    func beginBackup(to path: String, of snapshot: Snapshot) throws -> any LogBackup { throw DiskFull() }
    var databasePath: String? { nil }
    var sizeInBytes: Int { 0 }
    func close() throws {}
}

@Suite("Storage on a failing log")
struct FailingLogTests {
    @Test func failedCommitLeavesEverythingAsItWas() async throws {
        let log = FailingLog()
        let store = try RevisionedStorage(log: log, configuration: .test())
        let recorder = Recorder()
        _ = store.addObserver { recorder.record($0) }
        let first = try await store.commit(.create("a"))
        let before = store.snapshot
        log.isFailing.withLock { $0 = true }
        await withTaskGroup(of: Void.self) { group in
            for writes: [Write] in [[.create("b")], [.delete("a"), .create("c")], [.update("a", "x")]] {
                group.addTask {
                    await #expect {
                        try await store.commit(writes)
                    } throws: { error in
                        // A write that would have followed on a failed one fails with it, or finds what was before.
                        if case .engine(let message)? = error as? StorageError {
                            message.contains("DiskFull")
                        } else {
                            false
                        }
                    }
                }
            }
        }
        #expect(store.snapshot.contents == before.contents)
        #expect(store.snapshot.revision == before.revision)
        #expect(recorder.revisions == [first.revision])
        #expect(try store.events(of: pods, after: first.revision).isEmpty)
        log.isFailing.withLock { $0 = false }
        let second = try await store.commit(.update("a", "y"))
        #expect(second.previous === first.object)
        #expect(log.appended.withLock { $0 } == [first.revision, second.revision])
        #expect(store.statistics.counters.failedCommits > 0)
        await store.close()
    }

    @Test func failedCompactionKeepsTheHistory() async throws {
        let log = FailingLog()
        let store = try RevisionedStorage(log: log, configuration: .test())
        let event = try await store.commit(.create("a"))
        log.isFailing.withLock { $0 = true }
        await #expect(throws: StorageError.self) { try await store.compact(through: event.revision) }
        #expect(store.compactedRevision == .zero)
        #expect(try store.events(of: pods, after: .zero).count == 1)
        #expect(store.statistics.counters.failedCompactions == 1)
        await store.close()
    }

    @Test func storeDoesNotOpenWithoutItsLog() {
        let log = FailingLog()
        log.isFailing.withLock { $0 = true }
        #expect(throws: StorageError.self) { try RevisionedStorage(log: log, configuration: .test()) }
    }
}
