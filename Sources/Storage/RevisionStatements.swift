import APIMachinery
import GRDB
import GRDBSQLite

/// The prepared statements by which rows are written, stepped without GRDB's per-row work.
///
/// Belongs to the queue of its connection, like the connection itself.
struct RevisionStatements {
    private let connection: OpaquePointer
    private let beginStatement: Statement
    private let commitStatement: Statement
    private let rollbackStatement: Statement
    private let insertStatement: Statement
    private let deleteStatement: Statement

    init(_ db: Database) throws {
        guard let connection = db.sqliteConnection else { throw StorageError.closed }
        self.connection = connection
        beginStatement = try db.makeStatement(sql: "BEGIN IMMEDIATE")
        commitStatement = try db.makeStatement(sql: "COMMIT")
        rollbackStatement = try db.makeStatement(sql: "ROLLBACK")
        insertStatement = try db.makeStatement(
            sql: "INSERT INTO revisions (revision, resource, path, kind, previous, value) VALUES (?, ?, ?, ?, ?, ?)")
        deleteStatement = try db.makeStatement(sql: "DELETE FROM revisions WHERE revision = ?")
    }

    /// Room for the log of the connection.
    func writeAheadRoom(_ path: String, _ checkpointFrames: Int) -> WriteAheadRoom? {
        WriteAheadRoom(path: path, checkpointFrames: checkpointFrames, of: connection)
    }

    /// Leaves nothing with the connection that it would call.
    func endHooks() { sqlite3_wal_hook(connection, nil, nil) }

    /// Runs `body` in a transaction, which is rolled back where anything throws.
    func inTransaction(_ body: () throws -> Void) throws {
        try step(beginStatement)
        do {
            try body()
            try step(commitStatement)
        } catch {
            // SQLite has rolled back by itself after some errors.
            if sqlite3_get_autocommit(connection) == 0 { try step(rollbackStatement) }
            throw error
        }
    }

    func insert(_ object: StoredObject, isDeletion: Bool, previous: Revision?) throws {
        let statement = insertStatement.sqliteStatement
        sqlite3_bind_int64(statement, 1, object.revision.rawValue)
        sqlite3_bind_int(statement, 4, isDeletion ? SQLiteSchema.RowKind.delete : SQLiteSchema.RowKind.put)
        if let previous { sqlite3_bind_int64(statement, 5, previous.rawValue) } else { sqlite3_bind_null(statement, 5) }
        // SQLite copies nothing of what is bound here, so it must be there until the step.
        try Self.withBytes(of: object.key.resource.description) { resource in
            try Self.withBytes(of: object.key.path) { path in
                try object.bytes.withUnsafeBytes { value in
                    try bind(resource, at: 2, of: statement)
                    try bind(path, at: 3, of: statement)
                    // A null pointer would be NULL, not an empty blob.
                    let code =
                        value.isEmpty
                        ? sqlite3_bind_zeroblob(statement, 6, 0)
                        : sqlite3_bind_blob64(statement, 6, value.baseAddress, UInt64(value.count), nil)
                    guard code == SQLITE_OK else { throw failure(code) }
                    defer { sqlite3_clear_bindings(statement) }
                    try step(insertStatement)
                }
            }
        }
    }

    func delete(_ revision: Revision) throws {
        sqlite3_bind_int64(deleteStatement.sqliteStatement, 1, revision.rawValue)
        try step(deleteStatement)
    }

    private func bind(_ text: UnsafeBufferPointer<UInt8>, at index: Int32, of statement: OpaquePointer) throws {
        let code = text.withMemoryRebound(to: CChar.self) { text in
            sqlite3_bind_text64(statement, index, text.baseAddress, UInt64(text.count), nil, UInt8(SQLITE_UTF8))
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func step(_ statement: Statement) throws {
        let code = sqlite3_step(statement.sqliteStatement)
        guard code == SQLITE_DONE else {
            let error = failure(code)
            sqlite3_reset(statement.sqliteStatement)
            throw error
        }
        sqlite3_reset(statement.sqliteStatement)
    }

    private func failure(_ code: Int32) -> StorageError { .sqlite(code, connection) }

    private static func withBytes(of string: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        if try string.utf8.withContiguousStorageIfAvailable(body) == nil {
            try Array(string.utf8).withUnsafeBufferPointer(body)
        }
    }
}

extension StorageError {
    static func sqlite(_ code: Int32, _ connection: OpaquePointer?) -> StorageError {
        let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        return .engine("SQLite: \(message) (result code \(code))")
    }

    /// What an engine threw, as the one error that callers know.
    static func wrapping(_ error: any Error) -> StorageError {
        error as? StorageError ?? .engine(String(describing: error))
    }
}
