import GRDB
import GRDBSQLite

/// SQLite's online backup of a store's database, a number of pages at a time.
///
/// It reads through the connection that writes. SQLite passes on what that one commits between two steps to the pages
/// that are copied already, so that the copy is the state at the last step and never has to begin anew.
// Unchecked: `step` and `abandon` are called on the store's writer queue, `finish` after them.
final class SQLiteBackup: LogBackup, @unchecked Sendable {
    private let path: String
    private let source: DatabaseQueue
    private var pagesPerStep: Int32
    /// How many pages were still to be copied after the last step.
    private var remainingPages: Int32?
    private var destination: OpaquePointer?
    private var backup: OpaquePointer?

    init(of source: DatabaseQueue, to path: String, pagesPerStep: Int) throws {
        self.path = path
        self.source = source
        self.pagesPerStep = Int32(clamping: max(1, pagesPerStep))
        try DurableFile.createPrivate(path)
        let code = sqlite3_open_v2(path, &destination, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK else {
            let error = StorageError.sqlite(code, destination)
            sqlite3_close(destination)
            throw error
        }
        do {
            // What is left by a crash has no name yet, and `finish` makes the whole durable.
            try execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            backup = source.writeWithoutTransaction {
                sqlite3_backup_init(destination, "main", $0.sqliteConnection, "main")
            }
            guard backup != nil else { throw StorageError.sqlite(sqlite3_errcode(destination), destination) }
        } catch {
            sqlite3_close(destination)
            throw error
        }
    }

    func step() throws -> Bool {
        let code = source.writeWithoutTransaction { _ in sqlite3_backup_step(backup, pagesPerStep) }
        if code == SQLITE_OK {
            keepAheadOfWrites()
            return false
        }
        let result = source.writeWithoutTransaction { _ in sqlite3_backup_finish(backup) }
        backup = nil
        guard code == SQLITE_DONE, result == SQLITE_OK else {
            throw StorageError.sqlite(code == SQLITE_DONE ? result : code, destination)
        }
        return true
    }

    /// Takes larger steps where the database grows about as fast as it is copied, or the copy would never be complete.
    private func keepAheadOfWrites() {
        let remaining = sqlite3_backup_remaining(backup)
        if let before = remainingPages, Int(remaining) > Int(before) - Int(pagesPerStep) / 2 {
            pagesPerStep = pagesPerStep.multipliedReportingOverflow(by: 2).overflow ? .max : pagesPerStep * 2
        }
        remainingPages = remaining
    }

    func finish() throws {
        try execute(
            """
            PRAGMA journal_mode = DELETE;
            PRAGMA synchronous = OFF;
            INSERT OR REPLACE INTO meta VALUES ('\(SQLiteSchema.Meta.isBackup)', 1);
            """)
        let code = sqlite3_close(destination)
        guard code == SQLITE_OK else { throw StorageError.sqlite(code, destination) }
        destination = nil
        try DurableFile.synchronize(path)
    }

    func abandon() {
        if backup != nil { source.writeWithoutTransaction { _ in _ = sqlite3_backup_finish(backup) } }
        backup = nil
        sqlite3_close(destination)
        destination = nil
    }

    private func execute(_ sql: String) throws {
        let code = sqlite3_exec(destination, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StorageError.sqlite(code, destination) }
    }
}
