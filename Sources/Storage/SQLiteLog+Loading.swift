import APIMachinery
import GRDB
import GRDBSQLite

extension SQLiteLog {
    func load(into state: inout LoadedState) throws {
        try read { db, configuration in
            try Self.adoptBackup(in: db, configuration)
            let compacted = try SQLiteSchema.readMeta(SQLiteSchema.Meta.compacted, in: db) ?? 0
            let highest = try SQLiteSchema.readMeta(SQLiteSchema.Meta.highest, in: db) ?? 0
            state.begin(compacted: Revision(compacted), highest: Revision(highest))
            try Self.loadRows(of: db, into: &state)
        }
    }

    /// Makes a database that came as a backup this store's own.
    ///
    /// The store that it was made of has given out more revisions since. Fewer than one a microsecond, so that the
    /// time in microseconds is above them all; what clients know from before is history that is gone.
    private static func adoptBackup(in db: Database, _ configuration: StorageConfiguration) throws {
        guard try SQLiteSchema.readMeta(SQLiteSchema.Meta.isBackup, in: db) != nil else { return }
        let newest = try Int64.fetchOne(db, sql: "SELECT max(revision) FROM revisions") ?? 0
        let highest = try SQLiteSchema.readMeta(SQLiteSchema.Meta.highest, in: db) ?? 0
        let current = max(newest, highest, configuration.microsecondsSinceEpoch - 1)
        try db.inTransaction(.immediate) {
            try SQLiteSchema.writeMeta(current, for: SQLiteSchema.Meta.compacted, in: db)
            try SQLiteSchema.writeMeta(current, for: SQLiteSchema.Meta.highest, in: db)
            try SQLiteSchema.removeMeta(SQLiteSchema.Meta.isBackup, in: db)
            return .commit
        }
    }

    private static func loadRows(of db: Database, into state: inout LoadedState) throws {
        let statement = try db.makeStatement(
            sql: "SELECT revision, resource, path, kind, previous, value FROM revisions ORDER BY revision")
        let row = statement.sqliteStatement
        var resources: [ResourceKey: ResourceKey] = [:]
        var resource = ResourceKey("")
        while true {
            let code = sqlite3_step(row)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else { throw StorageError.sqlite(code, db.sqliteConnection) }
            let name = text(row, 1)
            if name != resource.description {
                // One string for all objects of a collection.
                let key = ResourceKey(name)
                resource = resources[key] ?? key
                resources[resource] = resource
            }
            let object = StoredObject(
                key: ObjectKey(resource: resource, path: text(row, 2)),
                revision: Revision(sqlite3_column_int64(row, 0)),
                bytes: blob(row, 5), attributes: nil)
            let hasPrevious = sqlite3_column_type(row, 4) != SQLITE_NULL
            try state.add(
                object, isDeletion: sqlite3_column_int(row, 3) == SQLiteSchema.RowKind.delete,
                previous: hasPrevious ? Revision(sqlite3_column_int64(row, 4)) : nil)
        }
    }

    private static func text(_ row: OpaquePointer, _ column: Int32) -> String {
        guard let start = sqlite3_column_text(row, column) else { return "" }
        let count = Int(sqlite3_column_bytes(row, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private static func blob(_ row: OpaquePointer, _ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(row, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, column))))
    }
}
