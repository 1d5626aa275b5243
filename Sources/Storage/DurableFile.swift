#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// File operations whose effects must survive a power cut.
enum DurableFile {
    /// Makes what has been written to a file, or the entries of a directory, durable.
    static func synchronize(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("cannot synchronize \(path)") }
    }

    /// Gives a complete file its name, in place of whatever had it.
    static func move(_ path: String, to destination: String) throws(StorageError) {
        guard rename(path, destination) == 0 else { throw .system("cannot rename \(path) to \(destination)") }
        try synchronize(directory(of: destination))
    }

    /// Makes a file that only its owner can read, unless there is one.
    static func createPrivate(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot create \(path)") }
        close(descriptor)
        try synchronize(directory(of: path))
    }

    /// Makes a directory that only its owner can enter, and those above it, unless they exist.
    static func createDirectory(_ path: String) throws(StorageError) {
        if mkdir(path, 0o700) == 0 { return try synchronize(directory(of: path)) }
        switch errno {
        case EEXIST: return
        case ENOENT where directory(of: path) != path:
            try createDirectory(directory(of: path))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("cannot create \(path)") }
            try synchronize(directory(of: path))
        default: throw .system("cannot create \(path)")
        }
    }

    static func remove(_ path: String) { unlink(path) }

    /// A file's size; zero where there is none.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether two paths lead to one file.
    static func areSame(_ first: String, _ second: String) -> Bool {
        var one = stat()
        var other = stat()
        return stat(first, &one) == 0 && stat(second, &other) == 0 && one.st_dev == other.st_dev
            && one.st_ino == other.st_ino
    }

    private static func directory(of path: String) -> String {
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}

extension StorageError {
    /// What the last system call failed with.
    static func system(_ what: String) -> StorageError {
        let code = errno
        return .engine("\(what): \(String(cString: strerror(code)))")
    }
}
