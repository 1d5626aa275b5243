import Foundation
import Synchronization

/// A part of the control plane as a process of its own, which ends when this one does.
///
/// The child holds the reading end of a pipe as its standard input and ends when that closes, so that not even a killed
/// supervisor leaves it behind.
final class ChildProcess: Sendable {
    let name: String
    private let process: Process
    private let lifeline: Pipe
    private let exit = Mutex(Exit.awaited(by: []))

    private enum Exit {
        case awaited(by: [CheckedContinuation<Int32, Never>])
        case happened(status: Int32)
    }

    /// Starts this same program with other arguments.
    /// - Throws: where the process cannot be started.
    init(name: String, arguments: [String]) throws {
        self.name = name
        process = Process()
        lifeline = Pipe()
        // A process that is started later must not hold this one's lifeline.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = Self.executable
        process.arguments = arguments + ["--exit-with-standard-input"]
        process.standardInput = lifeline.fileHandleForReading
        process.terminationHandler = { [weak self] in self?.ended(status: $0.terminationStatus) }
        try process.run()
        try lifeline.fileHandleForReading.close()
    }

    var processIdentifier: Int32 { process.processIdentifier }

    /// Waits for the end of the process and gives its status, also to several who wait, and in a cancelled task.
    func waitForExit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = exit.withLock { exit -> Int32? in
                switch exit {
                case .happened(let status): return status
                case .awaited(let waiters):
                    exit = .awaited(by: waiters + [continuation])
                    return nil
                }
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func ended(status: Int32) {
        let waiters = exit.withLock { exit in
            defer { exit = .happened(status: status) }
            if case .awaited(let waiters) = exit { return waiters }
            return []
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    /// Asks the process to end, and kills it where it has not within a time.
    func terminate(within grace: Duration) async {
        process.terminate()
        let killer = Task { [process] in
            try await Task.sleep(for: grace)
            kill(process.processIdentifier, SIGKILL)
        }
        _ = await waitForExit()
        killer.cancel()
    }

    /// Found once: the link no longer leads anywhere when the file has been replaced by a newer one, which is then started.
    private static let executable: URL = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: link ?? CommandLine.arguments[0])
    }()
}
