import APIMachinery
import GRDB
import GRDBSQLite

/// A store's revisions in an SQLite database of a data directory.
///
/// The one connection writes, checkpoints and backs up; the database is locked for it alone, so that the index of the
/// write-ahead log is in this process's memory and two connections cannot meet in a checkpoint.
// Unchecked: GRDB's statements are not Sendable. They, and all else that changes, are used on the writer queue only.
final class SQLiteLog: RevisionLog, @unchecked Sendable {
    static let fileName = "store.sqlite"

    private let path: String
    private let configuration: StorageConfiguration
    private let lock: DataDirectoryLock
    private let database: DatabaseQueue
    private var statements: RevisionStatements?
    private var room: WriteAheadRoom?

    init(directory: String, configuration: StorageConfiguration) throws {
        try DurableFile.createDirectory(directory)
        path = directory + "/" + Self.fileName
        self.configuration = configuration
        lock = try DataDirectoryLock(directory: directory)
        if DurableFile.size(of: path) == 0 { try Self.create(path) }
        database = try Self.open(path, configuration)
        (statements, room) = try database.writeWithoutTransaction { db in
            let statements = try RevisionStatements(db)
            return (statements, statements.writeAheadRoom(path + "-wal", configuration.walCheckpointPages))
        }
    }

    /// Makes an empty store. It gets its name once it is whole and on the disk: what a power cut leaves half made is made
    /// anew, and SQLite need not synchronize each of its own steps.
    private static func create(_ path: String) throws {
        let temporary = path + ".new"
        // Leftovers of an earlier attempt, and a log that belongs to no database.
        for leftover in [temporary, temporary + "-wal", temporary + "-journal", path + "-wal"] {
            DurableFile.remove(leftover)
        }
        try DurableFile.createPrivate(temporary, isLasting: false)
        var options = Configuration()
        options.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF") }
        let database = try DatabaseQueue(path: temporary, configuration: options)
        try database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = MEMORY")
            try SQLiteSchema.upgrade(db)
            try db.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try database.close()
        try DurableFile.synchronize(temporary)
        try DurableFile.move(temporary, to: path)
    }

    private static func open(_ path: String, _ configuration: StorageConfiguration) throws -> DatabaseQueue {
        var options = Configuration()
        options.foreignKeysEnabled = false
        options.busyMode = .immediateError
        options.label = "store"
        // Before the first access, or the index of the write-ahead log would be in shared memory.
        options.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        let database = try DatabaseQueue(path: path, configuration: options)
        try database.writeWithoutTransaction { db in
            try SQLiteSchema.check(db, at: path)
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StorageError.engine("\(path) cannot have a write-ahead log (journal mode \(mode ?? "none"))")
            }
            let logByteCount = WriteAheadRoom.maximumByteCount(checkpointFrames: configuration.walCheckpointPages)
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = \(configuration.walCheckpointPages);
                    PRAGMA journal_size_limit = \(logByteCount);
                    PRAGMA cache_size = -\(configuration.pageCacheKiB);
                    PRAGMA temp_store = MEMORY;
                    """)
            try SQLiteSchema.upgrade(db)
        }
        return database
    }

    /// Runs `body` with the connection outside of a transaction.
    func read(_ body: (Database, StorageConfiguration) throws -> Void) throws {
        try database.writeWithoutTransaction { try body($0, configuration) }
    }

    private func write(_ body: (RevisionStatements, Database) throws -> Void) throws {
        try database.writeWithoutTransaction { db in
            guard let statements else { throw StorageError.closed }
            try statements.inTransaction { try body(statements, db) }
        }
    }

    func append(_ events: [Event]) throws {
        room?.makeRoom(for: events.reduce(0) { $0 + $1.object.bytes.count })
        try write { statements, _ in
            for event in events {
                try statements.insert(
                    event.object, isDeletion: event.kind == .deleted, previous: event.previous?.revision)
            }
        }
    }

    func recordCompaction(through compacted: Revision, highest: Revision, deleting rows: ArraySlice<Revision>) throws {
        try write { statements, db in
            try SQLiteSchema.writeMeta(compacted.rawValue, for: SQLiteSchema.Meta.compacted, in: db)
            try SQLiteSchema.writeMeta(highest.rawValue, for: SQLiteSchema.Meta.highest, in: db)
            for row in rows { try statements.delete(row) }
        }
    }

    func delete(_ rows: ArraySlice<Revision>) throws {
        try write { statements, _ in
            for row in rows { try statements.delete(row) }
        }
    }

    func beginBackup(to path: String, of snapshot: Snapshot) throws -> any LogBackup {
        try SQLiteBackup(of: database, to: path, pagesPerStep: configuration.backupPagesPerStep)
    }

    var databasePath: String? { path }

    var sizeInBytes: Int { DurableFile.size(of: path) + DurableFile.size(of: path + "-wal") }

    func close() throws {
        guard statements != nil else { return }
        statements?.endHooks()
        (statements, room) = (nil, nil)
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try database.close()
        lock.release()
    }
}
