package import APIMachinery

/// Where a store's revisions are kept for good. The store works in memory and tells its log of each change.
///
/// All of it is called on the store's writer queue (`load` before there is one), but for `databasePath`, `sizeInBytes`, and a
/// backup's `finish`.
package protocol RevisionLog: AnyObject, Sendable {
    /// Hands all that is kept to the loader: first what `LoadedState.begin` asks for, then each row by revision.
    func load(into state: inout LoadedState) throws

    /// Makes the events durable, all or none.
    func append(_ events: [Event]) throws

    /// Makes durable that the history up to `compacted` is gone and that `highest` has been given out, and deletes rows.
    func recordCompaction(through compacted: Revision, highest: Revision, deleting rows: ArraySlice<Revision>) throws

    /// Deletes superseded rows, all or none.
    func delete(_ rows: ArraySlice<Revision>) throws

    /// Begins a copy of the store at `path`, where nothing may be yet.
    /// - Parameter snapshot: The state as of now, for a log that keeps nothing itself.
    func beginBackup(to path: String, of snapshot: Snapshot) throws -> any LogBackup

    /// The file that a backup must not take the place of.
    var databasePath: String? { get }

    /// What is used on disk.
    var sizeInBytes: Int { get }

    func close() throws
}

/// A copy of a store in the making.
package protocol LogBackup: AnyObject, Sendable {
    /// Copies some more; returns whether the copy is complete.
    func step() throws -> Bool
    /// Marks the complete copy as one, and makes it durable. May be called on any queue, as nothing else is by then.
    func finish() throws
    /// Lets go of an incomplete copy. Harmless at any time.
    func abandon()
}

/// Keeps nothing: the log of a store in memory.
package final class MemoryLog: RevisionLog {
    private let configuration: StorageConfiguration

    package init(configuration: StorageConfiguration) { self.configuration = configuration }

    package func load(into state: inout LoadedState) throws {}
    package func append(_ events: [Event]) throws {}
    package func recordCompaction(
        through compacted: Revision, highest: Revision, deleting rows: ArraySlice<Revision>
    ) throws {}
    package func delete(_ rows: ArraySlice<Revision>) throws {}
    package var databasePath: String? { nil }
    package var sizeInBytes: Int { 0 }
    package func close() throws {}

    package func beginBackup(to path: String, of snapshot: Snapshot) throws -> any LogBackup {
        try SnapshotBackup(of: snapshot, to: path, configuration: configuration)
    }
}
