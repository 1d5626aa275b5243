import APIMachinery
import Foundation
import GRDB
import Storage
import Testing

@Suite("SQLite storage")
struct SQLiteStorageTests {
    @Test func restartKeepsStateHistoryAndOrder() async throws {
        try await withTemporaryDirectory { directory in
            var store = try SQLiteStorage(directory: directory, configuration: .test())
            let first = try await store.commit(.create("a", "one"))
            try await store.commit(.create("d", of: deployments))
            let second = try await store.commit(.update("a", "two"))
            let last = try await store.commit([.create("b"), .delete("b")])
            let contents = store.snapshot.contents
            await store.close()

            store = try SQLiteStorage(directory: directory, configuration: .test())
            #expect(store.snapshot.contents == contents)
            #expect(store.snapshot.revision == last[1].revision)
            #expect(store.snapshot[objectKey("a")]?.text == text("two", at: second.revision))
            let events = try store.events(of: pods, after: .zero)
            #expect(events.map(\.kind) == [.added, .modified, .added, .deleted])
            #expect(events.map(\.revision) == [first.revision, second.revision] + last.map(\.revision))
            #expect(events[1].previous?.text == text("one", at: first.revision))
            #expect(try store.snapshot(at: first.revision).paths() == ["a"])
            #expect(try await store.commit(.create("c")).revision > last[1].revision)
            await store.close()
        }
    }

    @Test func attributesOfLoadedObjectsAreExtractedOnce() async throws {
        try await withTemporaryDirectory { directory in
            var store = try SQLiteStorage(directory: directory, configuration: .test())
            try await store.commit(.create("a"))
            await store.close()
            store = try SQLiteStorage(directory: directory, configuration: .test())
            let object = try #require(store.snapshot[objectKey("a")])
            var extractions = 0
            for _ in 0..<2 {
                let attributes = object.attributes { _ in
                    extractions += 1
                    return SelectableAttributes(labels: ["a": "b"])
                }
                #expect(attributes.labels == ["a": "b"])
            }
            #expect(extractions == 1)
            await store.close()
        }
    }

    @Test func compactionSurvivesRestartAndDeletesRows() async throws {
        try await withTemporaryDirectory { directory in
            var configuration = StorageConfiguration.test()
            configuration.maxCompactedRowsPerStep = 7
            var store = try SQLiteStorage(directory: directory, configuration: configuration)
            for index in 0..<100 { try await store.commit(.create("\(index)")) }
            for index in 0..<100 {
                try await store.commit(index % 2 == 0 ? .delete("\(index)") : .update("\(index)", "x"))
            }
            let revision = store.snapshot.revision
            let contents = store.snapshot.contents
            try await store.compact(through: revision)
            await store.close()
            // Rows that the close left behind go after the next start.
            store = try SQLiteStorage(directory: directory, configuration: configuration)
            #expect(store.compactedRevision == revision)
            #expect(store.snapshot.contents == contents)
            #expect(store.snapshot.revision == revision)
            #expect(throws: StorageError.self) { try store.events(of: pods, after: Revision(revision.rawValue - 1)) }
            // The queue deletes a few at a time; each pass through it lets it delete some more.
            for _ in 0..<30 { try await store.compactExpired() }
            await store.close()
            let rows = try await DatabaseQueue(path: directory + "/" + SQLiteStorage.databaseFileName).read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM revisions")
            }
            #expect(rows == 50)

            store = try SQLiteStorage(directory: directory, configuration: configuration)
            #expect(store.snapshot.contents == contents)
            // The last row is gone, and its number with it if it were not remembered.
            #expect(try await store.commit(.create("new")).revision.rawValue == revision.rawValue + 1)
            await store.close()
        }
    }

    @Test func revisionsAreNotGivenAgainWhenAllRowsAreGone() async throws {
        try await withTemporaryDirectory { directory in
            var store = try SQLiteStorage(directory: directory, configuration: .test())
            try await store.commit(.create("a"))
            let deleted = try await store.commit(.delete("a"))
            try await store.compact(through: deleted.revision)
            await store.close()
            store = try SQLiteStorage(directory: directory, configuration: .test())
            #expect(store.snapshot.revision == deleted.revision)
            #expect(try await store.commit(.create("a")).revision > deleted.revision)
            await store.close()
        }
    }

    @Test func directoryIsForOneStoreAlone() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStorage(directory: directory, configuration: .test())
            do {
                _ = try SQLiteStorage(directory: directory, configuration: .test())
                Issue.record("the directory is in use")
            } catch StorageError.engine(let message) {
                #expect(message.contains(directory))
                #expect(message.contains("process \(getpid())"))
            }
            await store.close()
            await (try SQLiteStorage(directory: directory, configuration: .test())).close()
        }
    }

    /// A process that is being started while the store is closed has the lock's file open until it executes its program.
    @Test func directoryIsFreeThoughAnotherHasTheLockOpen() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStorage(directory: directory, configuration: .test())
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(
                Int32.init)
            let lock = try #require(
                descriptors.first {
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
                    return target?.hasSuffix(URL(filePath: directory).lastPathComponent + "/lock") == true
                })
            let inherited = dup(lock)
            defer { close(inherited) }
            await store.close()
            try await SQLiteStorage(directory: directory, configuration: .test()).close()
        }
    }

    @Test func directoryIsMadeForThisUserAlone() async throws {
        try await withTemporaryDirectory { parent in
            let directory = parent + "/x/y"
            let store = try SQLiteStorage(directory: directory, configuration: .test())
            try await store.commit(.create("a"))
            for (path, permissions) in [("", 0o700), ("/store.sqlite", 0o600), ("/store.sqlite-wal", 0o600)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory + path)
                #expect(attributes[.posixPermissions] as? Int == permissions, "\(path)")
            }
            await store.close()
        }
    }

    /// What is done to a database before it is opened, and what the refusal says.
    @Test(arguments: [
        ("CREATE TABLE x (y)", "another program"),
        ("PRAGMA application_id = 7", "another program"),
        ("PRAGMA application_id = \(0x4D52_544C); PRAGMA user_version = 99", "version 99"),
    ])
    func foreignDatabaseIsRefusedAndLeftAlone(sql: String, words: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/" + SQLiteStorage.databaseFileName
            let database = try DatabaseQueue(path: path)
            try await database.writeWithoutTransaction { try $0.execute(sql: sql) }
            try database.close()
            let before = try Data(contentsOf: URL(filePath: path))
            do {
                _ = try SQLiteStorage(directory: directory, configuration: .test())
                Issue.record("the database must be refused")
            } catch StorageError.engine(let message) {
                #expect(message.contains(words))
                #expect(message.contains(path))
            }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test func fileThatIsNoDatabaseIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/" + SQLiteStorage.databaseFileName
            try Data(repeating: 7, count: 10_000).write(to: URL(filePath: path))
            #expect(throws: StorageError.self) { try SQLiteStorage(directory: directory, configuration: .test()) }
        }
    }

    /// What a power cut leaves of a store that was being made, which had taken no write yet.
    @Test(arguments: [
        [("store.sqlite", 0)], [("store.sqlite.new", 5000)], [("store.sqlite.new", 0), ("store.sqlite.new-wal", 40)],
        [("store.sqlite", 0), ("store.sqlite-wal", 5000)],
    ])
    func halfMadeStoreIsMadeAnew(leftovers: [(name: String, size: Int)]) async throws {
        try await withTemporaryDirectory { directory in
            for file in leftovers {
                try Data(repeating: 7, count: file.size).write(to: URL(filePath: directory + "/" + file.name))
            }
            var store = try SQLiteStorage(directory: directory, configuration: .test())
            let event = try await store.commit(.create("a"))
            await store.close()
            #expect(!FileManager.default.fileExists(atPath: directory + "/store.sqlite.new"))
            store = try SQLiteStorage(directory: directory, configuration: .test())
            #expect(store.snapshot.revision == event.revision)
            await store.close()
        }
    }

    @Test func missingRowIsNoticed() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStorage(directory: directory, configuration: .test())
            let first = try await store.commit(.create("a"))
            try await store.commit(.update("a", "x"))
            await store.close()
            let database = try DatabaseQueue(path: directory + "/" + SQLiteStorage.databaseFileName)
            try await database.write {
                try $0.execute(sql: "DELETE FROM revisions WHERE revision = ?", arguments: [first.revision.rawValue])
            }
            try database.close()
            do {
                _ = try SQLiteStorage(directory: directory, configuration: .test())
                Issue.record("the database is damaged")
            } catch StorageError.engine(let message) {
                #expect(message.contains("damaged"))
            }
        }
    }
}
