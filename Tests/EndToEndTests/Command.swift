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
final class RunningProcess: Sendable {
    private let process: Process
    private let lifeline: Pipe?
    private let exit = Mutex(Exit.awaited(by: nil))

    private enum Exit {
        case awaited(by: CheckedContinuation<Int32, Never>?)
        case happened(status: Int32)
    }

    /// - Parameter holdsInput: keeps the program's standard input open until it is told to end, or the tests end, for
    ///   programs that end with it.
    init(_ command: Command, output: String, errors: String, holdsInput: Bool = false) throws {
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command.arguments
        process.environment = command.environment
        process.currentDirectoryURL = URL(filePath: command.directory)
        process.standardOutput = try Self.file(output)
        process.standardError = output == errors ? process.standardOutput : try Self.file(errors)
        lifeline = holdsInput || command.input != nil ? Pipe() : nil
        process.standardInput = lifeline?.fileHandleForReading ?? FileHandle.nullDevice
        process.terminationHandler = { [weak self] in self?.ended(status: $0.terminationStatus) }
        try process.run()
        try lifeline?.fileHandleForReading.close()
        if let input = command.input, let lifeline {
            try lifeline.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try lifeline.fileHandleForWriting.close()
        }
    }

    var identifier: Int32 { process.processIdentifier }

    /// Waits for the end, also in a cancelled task, and makes one when the time is over. Called once.
    func waitForExit(within limit: Duration) async -> Int32 {
        let killer = Task { [process] in
            try await Task.sleep(for: limit)
            kill(process.processIdentifier, SIGKILL)
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

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    private static func file(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
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
