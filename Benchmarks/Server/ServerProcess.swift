import Foundation
import KubernetesClient

/// An API server as a process of its own, on an empty store, and what the system says of its cost.
final class ServerProcess: @unchecked Sendable {
    // Unchecked: nothing changes once it is made, and `Process` guards its own state.
    let client: APIClient
    /// From the start of the process to its first answer that it is ready.
    let secondsToReady: Double
    private let process: Process
    private let directory: String

    struct NotReady: Error {}

    private static let patience = 30.0

    init(executable: String, directory: String, port: Int) async throws {
        self.directory = directory
        process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = [
            "apiserver", "--data-dir", directory, "--secure-port", String(port), "--log-level", "warning",
        ]
        let start = Date()
        try process.run()
        let kubeconfig = directory + "/admin.kubeconfig"
        var ready: APIClient?
        while ready == nil {
            guard Date().timeIntervalSince(start) < Self.patience, process.isRunning else { throw NotReady() }
            if FileManager.default.fileExists(atPath: kubeconfig),
                let client = try? APIClient(try KubeConfig(contentsOf: kubeconfig).configuration()),
                (try? await client.rawRequest(.get, "/readyz")) != nil
            {
                ready = client
            } else {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        guard let ready else { throw NotReady() }
        client = ready
        secondsToReady = Date().timeIntervalSince(start)
    }

    /// User and system time that the process has used, in microseconds.
    var cpuMicroseconds: Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) * 1_000_000 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    var residentMebibytes: Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
