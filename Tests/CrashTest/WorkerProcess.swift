#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A process of this program that reports by a pipe until it is killed.
final class WorkerProcess {
    /// How long a worker may take for its start.
    private static let startDeadlineInMilliseconds = 60_000

    private let id: pid_t
    private let input: Int32
    private var buffer: [UInt8] = []
    private var isReady = false
    private var hasEnded = false

    init(arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure("pipe: \(String(cString: strerror(errno)))") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var words: [UnsafeMutablePointer<CChar>?] = (["martlet-crash-test"] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, "/proc/self/exe", &actions, nil, words, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw Failure("posix_spawn: \(String(cString: strerror(code)))")
        }
        self.id = id
        input = ends[0]
    }

    deinit { close(input) }

    func readUntilReady(_ body: (Report) throws -> Void) throws {
        let deadline = Self.now + Self.startDeadlineInMilliseconds
        while !isReady {
            guard Self.now < deadline else { throw Failure("the worker did not get ready in time") }
            guard !hasEnded else { throw Failure("the worker ended by itself") }
            try readSome(forMilliseconds: deadline - Self.now, body)
        }
    }

    func read(forMilliseconds milliseconds: Int, _ body: (Report) throws -> Void) throws {
        let deadline = Self.now + milliseconds
        while Self.now < deadline {
            guard !hasEnded else { throw Failure("the worker ended by itself") }
            try readSome(forMilliseconds: deadline - Self.now, body)
        }
    }

    /// Kills the worker, and reads what it had reported by then.
    func kill(_ body: (Report) throws -> Void) throws {
        #if canImport(Glibc)
            _ = Glibc.kill(id, SIGKILL)
        #elseif canImport(Musl)
            _ = Musl.kill(id, SIGKILL)
        #else
            _ = Darwin.kill(id, SIGKILL)
        #endif
        while !hasEnded { try readSome(forMilliseconds: 1_000, body) }
        var status: Int32 = 0
        guard waitpid(id, &status, 0) == id else { throw Failure("waitpid: \(String(cString: strerror(errno)))") }
        guard status & 0x7f == SIGKILL else { throw Failure("the worker ended by itself, with status \(status)") }
    }

    private func readSome(forMilliseconds milliseconds: Int, _ body: (Report) throws -> Void) throws {
        var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Int32(clamping: max(0, milliseconds))) > 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = chunk.withUnsafeMutableBytes { Self.read(input, $0) }
        if count <= 0 {
            hasEnded = true
            return
        }
        buffer += chunk[..<count]
        // The rest of a line that the kill cut off is never completed, and never used.
        guard let end = buffer.lastIndex(of: UInt8(ascii: "\n")) else { return }
        let lines = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        for line in lines.split(separator: "\n") {
            guard let report = Report(line) else { throw Failure("not a report: \(line)") }
            try body(report)
            if case .ready = report { isReady = true }
        }
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
