#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// File operations whose effects must survive a power cut.
package enum DurableFile {
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
    /// - Parameter isLasting: whether its name must survive a power cut.
    static func createPrivate(_ path: String, isLasting: Bool = true) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("cannot create \(path)") }
        close(descriptor)
        if isLasting { try synchronize(directory(of: path)) }
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

    /// Writes files whole or not at all, in the place of what had their paths, for their owner's eyes only.
    ///
    /// A power cut may leave some of them and not the others.
    /// - Parameter isLasting: whether to wait until they are on the disk; what is not may be empty after a power cut.
    package static func write(
        _ files: [(path: String, bytes: [UInt8])], isLasting: Bool = true
    ) throws(StorageError) {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for file in files {
            let temporary = file.path + ".new"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .system("cannot create \(temporary)") }
            descriptors.append(descriptor)
            try write(file.bytes, to: descriptor, at: temporary)
        }
        for (file, descriptor) in zip(files, descriptors) where isLasting {
            guard fsync(descriptor) == 0 else { throw .system("cannot synchronize \(file.path)") }
        }
        for file in files where rename(file.path + ".new", file.path) != 0 {
            throw .system("cannot rename \(file.path).new")
        }
        guard isLasting else { return }
        for directory in Set(files.map { directory(of: $0.path) }) { try synchronize(directory) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, at path: String) throws(StorageError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                throw .system("cannot write \(path)")
            }
        }
    }

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

/// `write(2)`, which a method named so hides.
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }

extension StorageError {
    /// What the last system call failed with.
    static func system(_ what: String) -> StorageError {
        let code = errno
        return .engine("\(what): \(String(cString: strerror(code)))")
    }
}
