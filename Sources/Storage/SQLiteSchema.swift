import APIMachinery
import GRDB

/// The tables of a store's database, and what tells it from others.
///
/// `revisions` is state and history at once: a row a write. An object's state is its newest row, unless that is a
/// deletion. Rows go when a compaction finds them superseded; `meta` has what must outlive them.
enum SQLiteSchema {
    /// "MRTL", in the header of the database.
    static let applicationID: Int32 = 0x4D52_544C
    static let version = 1

    enum Meta {
        /// The history up to this revision is gone.
        static let compacted = "compacted"
        /// No revision up to this one may be given out again, even if no row has it any more.
        static let highest = "highest"
        /// There in a backup until a store is opened from it.
        static let isBackup = "backup"
    }

    enum RowKind {
        static let put: Int32 = 0
        static let delete: Int32 = 1
    }

    /// What each version adds to the one before it.
    private static let upgrades = [
        """
        CREATE TABLE revisions (
            revision INTEGER PRIMARY KEY,
            resource TEXT NOT NULL,
            path TEXT NOT NULL,
            kind INTEGER NOT NULL,
            previous INTEGER,
            value BLOB NOT NULL
        ) STRICT;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """
    ]

    /// Refuses a database that is not a store's, or one of a newer program, before anything in it is changed.
    static func check(_ db: Database, at path: String) throws {
        let applicationID = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        let isEmpty = applicationID == 0 && version == 0 && tables == 0
        guard isEmpty || applicationID == Self.applicationID else {
            throw StorageError.engine("\(path) is the database of another program (application_id \(applicationID))")
        }
        guard version <= Self.version else {
            throw StorageError.engine(
                "\(path) has version \(version) of the schema; this program knows it up to \(Self.version)")
        }
    }

    /// Brings a database to the current version.
    static func upgrade(_ db: Database) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version < Self.version else { return }
        try db.inTransaction(.immediate) {
            for upgrade in upgrades[max(0, version)...] { try db.execute(sql: upgrade) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(Self.version)")
            return .commit
        }
    }

    static func readMeta(_ key: String, in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }

    static func writeMeta(_ value: Int64, for key: String, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }

    static func removeMeta(_ key: String, in db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE key = ?", arguments: [key])
    }
}
