import Foundation
import KubernetesClient

/// An API server as a process of its own over one data directory, and what the system says of its cost.
///
/// It can be started and stopped any number of times; the store stays.
final class ServerProcess {
    private static let readyPatience: Duration = .seconds(120)
    private static let stopPatience: Duration = .seconds(30)
    /// How long the server keeps what watches go back to: less than it would by itself, so that a run can see it go.
    static let historyAge: Duration = .seconds(10)

    private let executable: String
    private let directory: String
    private let port: UInt16
    /// Whether the watch history is kept for `historyAge` alone.
    private let forgetsSoon: Bool
    private var process: Process?

    /// - Parameter directory: of the server's state; made by the server.
    init(executable: String, directory: String, forgetsSoon: Bool = false) throws {
        self.forgetsSoon = forgetsSoon
        self.executable = executable
        self.directory = directory
        port = try Self.freePort()
    }

    /// Starts the server.
    /// - Returns: the time from the process's start to its first answer that it is ready.
    func start() async throws -> Duration {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = [
            "apiserver", "--data-dir", directory, "--secure-port", String(port), "--log-level", "warning",
        ]
        if forgetsSoon {
            process.arguments? += ["--etcd-compaction-interval", "\(Int(Self.historyAge.seconds))s"]
        }
        let start = ContinuousClock.now
        try process.run()
        self.process = process
        var client: APIClient?
        while true {
            // The file is there before the server listens, and from an earlier start already.
            if client == nil { client = try? makeClient() }
            if let client, (try? await client.rawRequest(.get, "/readyz")) != nil { return start.duration(to: .now) }
            guard process.isRunning else { throw BenchError("the server ended before it was ready") }
            guard start.duration(to: .now) < Self.readyPatience else { throw BenchError("the server is not ready") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// A client with connections of its own.
    /// - Parameter streams: requests at once on one connection.
    func makeClient(streamsPerConnection streams: Int = 1) throws -> APIClient {
        let configuration = try KubeConfig(contentsOf: directory + "/admin.kubeconfig").configuration()
        var limits = CurlTransport.Limits()
        limits.maximumStreamsPerConnection = streams
        return APIClient(transport: try CurlTransport(configuration, limits: limits))
    }

    func makeClients(_ count: Int, streamsPerConnection streams: Int = 1) throws -> [APIClient] {
        try (0..<count).map { _ in try makeClient(streamsPerConnection: streams) }
    }

    /// Ends the server in good order, or kills it where it does not end.
    func stop() async {
        guard let process else { return }
        self.process = nil
        process.terminate()
        let start = ContinuousClock.now
        while process.isRunning {
            if start.duration(to: .now) > Self.stopPatience { kill(process.processIdentifier, SIGKILL) }
            // Not `Task.sleep`: a run that is being cancelled has to wait for the end too.
            usleep(2000)
        }
    }

    /// User and system time that the process has used.
    func cpuTime() throws -> Duration {
        let text = try processFile("stat")
        // The name, in parentheses, may have spaces in it; the third field follows it.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
            throw BenchError("/proc does not say what the server used")
        }
        return .seconds(Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    func residentBytes() throws -> Int {
        guard let pages = Int(try processFile("statm").split(separator: " ").dropFirst().first ?? "") else {
            throw BenchError("/proc does not say how large the server is")
        }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private func processFile(_ name: String) throws -> String {
        guard let process else { throw BenchError("the server does not run") }
        return try String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8)
    }

    private static func freePort() throws -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 ? getsockname(socket, $0, &size) : -1
            }
        }
        guard code == 0 else { throw BenchError("no port is free") }
        return UInt16(bigEndian: address.sin_port)
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
