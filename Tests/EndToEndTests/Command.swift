import Foundation
import Synchronization

/// What a finished command left.
struct Outcome: Sendable, CustomStringConvertible {
    var command: String
    var status: Int32
    var output: String
    var errors: String

    var description: String {
        """
        \(command)
        status \(status)
        \(output.suffix(Self.shownLength))\(errors.isEmpty ? "" : "\nstandard error: " + errors.suffix(Self.shownLength))
        """
    }

    private static let shownLength = 4000
}

/// A program with its arguments, ready to run.
struct Command: Sendable {
    var arguments: [String]
    var environment: [String: String] = ProcessInfo.processInfo.environment
    var directory: String = FileManager.default.currentDirectoryPath
    var input: String?

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Runs the program to its end, which comes by force when the time is over.
    func run(within limit: Duration = .seconds(120)) async throws -> Outcome {
        // Files, and no pipes: a program that writes much never waits for a reader.
        let files = try TemporaryDirectory()
        defer { files.remove() }
        let process = try RunningProcess(self, output: files.path + "/output", errors: files.path + "/errors")
        let status = await process.waitForExit(within: limit)
        return Outcome(
            command: arguments.joined(separator: " "), status: status,
            output: try String(contentsOfFile: files.path + "/output", encoding: .utf8),
            errors: try String(contentsOfFile: files.path + "/errors", encoding: .utf8))
    }
}

/// A program that runs, with its output in files.
///
/// Started by `posix_spawn`, and not by Foundation's `Process`, which now and then crashed where many were started at
/// once.
final class RunningProcess: Sendable {
    let identifier: pid_t
    /// The writing end of the program's standard input, while there is one.
    private let lifeline: Int32?
    private let exit = Mutex(Exit.awaited(by: nil))

    private enum Exit {
        case awaited(by: CheckedContinuation<Int32, Never>?)
        case happened(status: Int32)
    }

    struct Failure: Error {
        var call: String
        var code: Int32
    }

    /// - Parameter holdsInput: keeps the program's standard input open until it is told to end, or the tests end, for
    ///   programs that end with it.
    init(_ command: Command, output: String, errors: String, holdsInput: Bool = false) throws {
        (identifier, lifeline) = try Self.starting.withLock { _ in
            let input = holdsInput || command.input != nil ? try Self.pipe() : nil
            defer { if let input { close(input.reading) } }
            do {
                return (
                    try Self.start(command, reading: input?.reading, output: output, errors: errors), input?.writing
                )
            } catch {
                if let input { close(input.writing) }
                throw error
            }
        }
        Thread.detachNewThread { [weak self, identifier] in
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            self?.ended(status: status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F)
        }
        if let text = command.input, let lifeline {
            try FileHandle(fileDescriptor: lifeline, closeOnDealloc: true).write(contentsOf: Data(text.utf8))
        }
    }

    /// One at a time, so that no program inherits another's pipe before that is marked as not to be inherited.
    private static let starting = Mutex(())

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        try check("pipe", Foundation.pipe(&ends) == 0 ? 0 : errno)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func start(
        _ command: Command, reading input: Int32?, output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, writing, 0o600)
        let line = ["env", "--chdir=" + command.directory] + command.arguments
        var words: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            command.environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { for text in words + variables { free(text) } }
        var identifier: pid_t = 0
        try check("posix_spawn", posix_spawn(&identifier, "/usr/bin/env", &actions, nil, &words, &variables))
        return identifier
    }

    private static func check(_ call: String, _ code: Int32) throws {
        if code != 0 { throw Failure(call: call, code: code) }
    }

    /// Waits for the end, also in a cancelled task, and makes one when the time is over. Called once.
    /// - Returns: the program's status, or the number of the signal that ended it.
    func waitForExit(within limit: Duration) async -> Int32 {
        let killer = Task { [identifier] in
            try await Task.sleep(for: limit)
            kill(identifier, SIGKILL)
        }
        defer { killer.cancel() }
        return await withCheckedContinuation { continuation in
            let status = exit.withLock { exit -> Int32? in
                if case .happened(let status) = exit { return status }
                exit = .awaited(by: continuation)
                return nil
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func ended(status: Int32) {
        let waiter = exit.withLock { exit in
            defer { exit = .happened(status: status) }
            if case .awaited(let waiter) = exit { return waiter }
            return nil
        }
        waiter?.resume(returning: status)
    }

    func send(_ signal: Int32) { kill(identifier, signal) }
}

/// A directory of a test's own.
struct TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "martlet-" + UUID().uuidString.prefix(8).lowercased()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
