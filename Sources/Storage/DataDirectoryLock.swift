import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Holds a data directory for one store alone, across processes and within this one, until it is let go of.
///
/// The lock is one of the kernel's on a file of the directory, so that it ends with the process, however that ends.
final class DataDirectoryLock: Sendable {
    static let fileName = "lock"
    private let file: Mutex<Int32?>

    /// - Throws: `.engine`, with the process that has it, where the directory is in use.
    init(directory: String) throws(StorageError) {
        let path = directory + "/" + Self.fileName
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let error = StorageError.system("cannot lock \(path)")
            let holder = Self.readHolder(of: descriptor)
            close(descriptor)
            throw isHeld ? .engine("the data directory \(directory) is already in use by \(holder)") : error
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let error = StorageError.system("cannot write \(path)")
            close(descriptor)
            throw error
        }
        file = Mutex(descriptor)
    }

    deinit { release() }

    /// Lets go of the directory for certain: closing alone would not, where a process that is being started has inherited
    /// the open file and has not executed its program yet (`flock(2)` locks the open file, not the descriptor).
    func release() {
        file.withLock { descriptor in
            if let descriptor {
                flock(descriptor, LOCK_UN)
                close(descriptor)
            }
            descriptor = nil
        }
    }

    private static func readHolder(of descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
    }
}
