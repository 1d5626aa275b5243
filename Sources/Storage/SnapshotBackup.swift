import APIMachinery
import GRDB

/// A database made of a snapshot, for a store that has none itself.
///
/// A snapshot stays as it is, so all the work is in `finish`, beside the store's.
final class SnapshotBackup: LogBackup {
    private let snapshot: Snapshot
    private let path: String

    init(of snapshot: Snapshot, to path: String, configuration: StorageConfiguration) throws {
        self.snapshot = snapshot
        self.path = path
        try DurableFile.createPrivate(path)
    }

    func step() throws -> Bool { true }

    func finish() throws {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { db in
            try SQLiteSchema.upgrade(db)
            let statements = try RevisionStatements(db)
            try statements.inTransaction {
                for resource in snapshot.resources { try insertObjects(of: resource, statements) }
                for key in [SQLiteSchema.Meta.compacted, SQLiteSchema.Meta.highest] {
                    try SQLiteSchema.writeMeta(snapshot.revision.rawValue, for: key, in: db)
                }
                try SQLiteSchema.writeMeta(1, for: SQLiteSchema.Meta.isBackup, in: db)
            }
        }
        try database.close()
        try DurableFile.synchronize(path)
    }

    private func insertObjects(of resource: ResourceKey, _ statements: RevisionStatements) throws {
        var failure: (any Error)?
        snapshot.forEach(in: resource, prefix: "") { object in
            do {
                try statements.insert(object, isDeletion: false, previous: nil)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    func abandon() {}
}
