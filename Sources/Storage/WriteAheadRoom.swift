import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps the file of SQLite's write-ahead log longer than the log, and takes the log over into the database when it is
/// long enough.
///
/// A commit at the end of a file makes it longer, which costs the file system a transaction of its own in each
/// `fdatasync`; one within the file only overwrites what is there. So zeros are written ahead of the log, many pages at
/// once. SQLite finds the log's end by the salts and checksums of its pages and takes no notice of what is behind.
///
/// Belongs to the queue of its connection.
final class WriteAheadRoom {
    /// The bytes of a page of 4 KiB in the log, with its header.
    private static let frameByteCount = 4_120
    private static let headerByteCount = 32
    /// How many pages the file is made longer by.
    private static let framesPerStep = 64
    /// Pages that a commit changes beside those that its rows fill.
    private static let spareFrames = 8

    private let descriptor: Int32
    private let checkpointFrames: Int
    /// Pages in the log, as of the last commit.
    private var frames = 0
    /// Bytes of the file, or fewer: SQLite makes it longer by itself where it must.
    private var size = 0

    /// The longest that the file gets, but for a commit that is larger than a step: what SQLite should leave of it.
    static func maximumByteCount(checkpointFrames: Int) -> Int {
        headerByteCount + (checkpointFrames + 2 * framesPerStep) * frameByteCount
    }

    /// - Parameters:
    ///   - path: of the log.
    ///   - connection: the one that writes it; its automatic checkpoints are this object's from now on.
    /// - Returns: `nil` where the log is no file.
    init?(path: String, checkpointFrames: Int, of connection: OpaquePointer) {
        // What is written through it goes behind all that is in the file by then, and so never over the log.
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.checkpointFrames = checkpointFrames
        sqlite3_wal_hook(
            connection,
            { context, connection, name, frames in
                guard let context else { return SQLITE_OK }
                let room = Unmanaged<WriteAheadRoom>.fromOpaque(context).takeUnretainedValue()
                room.frames = Int(frames)
                // As SQLite's own hook: a checkpoint that does not come about now comes about after the next commit.
                if room.frames >= room.checkpointFrames { sqlite3_wal_checkpoint(connection, name) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { close(descriptor) }

    /// Makes sure that a commit of rows of so many bytes finds room.
    func makeRoom(for byteCount: Int) {
        let wanted = frames + byteCount / 4_096 + Self.spareFrames
        let needed = Self.headerByteCount + wanted * Self.frameByteCount
        guard needed > size else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        size = Int(status.st_size)
        guard needed > size else { return }
        let zeros = [UInt8](repeating: 0, count: needed - size + Self.framesPerStep * Self.frameByteCount)
        // Where there is no space left, it is SQLite's to say so when it needs some.
        let count = zeros.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { size += count }
    }
}
