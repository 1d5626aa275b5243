import APIMachinery
import Foundation
import Storage
import Testing

@Suite("Backup")
struct BackupTests {
    private func openCopy(_ path: String, in directory: String, at clock: TestClock) throws -> SQLiteStorage {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: directory + "/" + SQLiteStorage.databaseFileName)
        return try SQLiteStorage(directory: directory, configuration: .test(clock: clock))
    }

    @Test(arguments: Engine.allCases)
    func copyContinuesWithGreaterRevisions(engine: Engine) async throws {
        let clock = TestClock(1_700_000_000_000_000_000)
        try await withTemporaryDirectory { directory in
            try await engine.withStore(.test(clock: clock)) { store in
                for index in 0..<300 { try await store.commit(.create("ns/\(index)", "\(index)")) }
                try await store.commit(.create("d", of: deployments))
                try await store.commit(.delete("ns/7"))
                let contents = store.snapshot.contents
                let texts = store.snapshot.paths().map { store.snapshot[objectKey($0)]?.text }
                try await store.backUp(to: directory + "/copy")
                let later = try await store.commit(.create("later")).revision
                clock.advance(by: .seconds(60))

                var copy = try openCopy(directory + "/copy", in: directory + "/restored", at: clock)
                #expect(copy.snapshot.contents == contents)
                #expect(copy.snapshot.paths().map { copy.snapshot[objectKey($0)]?.text } == texts)
                #expect(throws: StorageError.self) { try copy.events(of: pods, after: later) }
                let first = try await copy.commit(.create("new")).revision
                #expect(first > later)
                #expect(first.rawValue == clock.nanoseconds / 1_000)
                await copy.close()

                // It is a store as any other from then on.
                clock.advance(by: .seconds(60))
                copy = try SQLiteStorage(directory: directory + "/restored", configuration: .test(clock: clock))
                #expect(try await copy.commit(.create("next")).revision.rawValue == first.rawValue + 1)
                #expect(try copy.events(of: pods, after: first).map(\.object.key.path) == ["next"])
                await copy.close()
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["copy", "restored"])
        }
    }

    @Test func writesGoOnDuringABackup() async throws {
        let clock = TestClock(1_700_000_000_000_000_000)
        try await withTemporaryDirectory { directory in
            var configuration = StorageConfiguration.test(clock: clock)
            configuration.backupPagesPerStep = 2
            let store = try SQLiteStorage(directory: directory + "/store", configuration: configuration)
            let padding = String(repeating: "x", count: 1_000)
            try await store.commit((0..<1_000).map { .create("old/\($0)", padding) })
            let recorder = Recorder()
            let (start, _) = store.addObserver { recorder.record($0) }
            let baseline = store.snapshot
            let writers = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            var index = 0
                            while !Task.isCancelled {
                                try await store.commit(.create("w\(writer)/\(index)", padding))
                                try await store.commit(.update("old/\(writer * 250 + index % 250)", "\(index)"))
                                if index % 3 == 0 { try await store.commit(.delete("w\(writer)/\(index)")) }
                                index += 1
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await store.backUp(to: directory + "/copy")
            let during = recorder.events.count
            writers.cancel()
            try await writers.value
            #expect(during > 0)

            let copy = try openCopy(directory + "/copy", in: directory + "/restored", at: clock)
            #expect(start == baseline.revision)
            #expect(isState(copy.snapshot, after: recorder.events, on: baseline))
            await copy.close()
            await store.close()
        }
    }

    /// Whether a store has the state that a snapshot had after some first part of the events.
    private func isState(_ copy: Snapshot, after events: [Event], on baseline: Snapshot) -> Bool {
        var newest = Revision.zero
        copy.forEach(in: pods, prefix: "") { object in
            newest = max(newest, object.revision)
            return true
        }
        var state: [String: Revision] = [:]
        baseline.forEach(in: pods, prefix: "") { object in
            state[object.key.path] = object.revision
            return true
        }
        var copied: [String: Revision] = [:]
        copy.forEach(in: pods, prefix: "") { object in
            copied[object.key.path] = object.revision
            return true
        }
        for event in events {
            // Deletions may follow on the newest object that is there.
            if event.revision > newest, state == copied { return true }
            state[event.object.key.path] = event.kind == .deleted ? nil : event.revision
        }
        return state == copied
    }

    @Test func copyReplacesAnOlderOneAndFailsCleanly() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStorage(directory: directory + "/store", configuration: .test())
            try await store.commit(.create("a"))
            try await store.backUp(to: directory + "/copy")
            try await store.commit(.create("b"))
            try await store.backUp(to: directory + "/copy")
            for path in ["/nowhere/copy", "/store/store.sqlite", "/store"] {
                await #expect(throws: StorageError.self) { try await store.backUp(to: directory + path) }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["copy", "store"])
            try await store.commit(.create("c"))
            let copy = try openCopy(directory + "/copy", in: directory + "/restored", at: TestClock())
            #expect(copy.snapshot.paths() == ["a", "b"])
            await copy.close()
            await store.close()
            await #expect(throws: StorageError.self) { try await store.backUp(to: directory + "/copy") }
        }
    }

    @Test func closingEndsABackup() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = StorageConfiguration.test()
            configuration.backupPagesPerStep = 1
            let store = try SQLiteStorage(directory: directory + "/store", configuration: configuration)
            let padding = String(repeating: "x", count: 3_000)
            try await store.commit((0..<2_000).map { .create("\($0)", padding) })
            let backup = Task { try await store.backUp(to: directory + "/copy") }
            try await eventually {
                try FileManager.default.contentsOfDirectory(atPath: directory).count > 1
            }
            await store.close()
            await #expect(throws: StorageError.self) { try await backup.value }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["store"])
            await (try SQLiteStorage(directory: directory + "/store", configuration: .test())).close()
        }
    }
}
