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
    private let exit: AsyncStream<Int32>

    /// Starts this same program with other arguments.
    /// - Throws: where the process cannot be started.
    init(name: String, arguments: [String]) throws {
        self.name = name
        process = Process()
        lifeline = Pipe()
        process.executableURL = Self.executable
        process.arguments = arguments + ["--exit-with-standard-input"]
        process.standardInput = lifeline.fileHandleForReading
        let (exit, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.exit = exit
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        try lifeline.fileHandleForReading.close()
    }

    var processIdentifier: Int32 { process.processIdentifier }

    /// Waits for the end of the process and gives its status.
    func waitForExit() async -> Int32 {
        for await status in exit { return status }
        return process.terminationStatus
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

    private static var executable: URL {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: link ?? CommandLine.arguments[0])
    }
}
