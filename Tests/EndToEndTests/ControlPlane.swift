import Foundation
import JSON
import Testing

/// `martlet up`, or the API server alone, as a process on a free port with a directory of its own.
///
/// The process ends with the tests, however they end: it holds the reading end of a pipe that they hold the other end of.
final class ControlPlane: Sendable {
    let directory: TemporaryDirectory
    let port: Int
    private let process: RunningProcess
    private let keepsDirectory: Bool

    /// The data directory, named as `martlet up` names it in its working directory.
    var dataDirectory: String { directory.path + "/martlet-data" }
    var kubeconfig: String { dataDirectory + "/admin.kubeconfig" }
    var server: String { "https://127.0.0.1:\(port)" }

    enum Failure: Error {
        case noPort
        case notReady(String)
    }

    /// Starts all the parts, or one, and waits until the API server is ready.
    init(
        arguments: [String] = ["up"], in directory: TemporaryDirectory? = nil, port: Int? = nil
    ) async throws {
        let port = try port ?? Self.freePort()
        self.port = port
        keepsDirectory = directory != nil
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        var command = Command(
            [Repository.martlet] + arguments + ["--secure-port", "\(port)", "--exit-with-standard-input"])
        command.directory = directory.path
        process = try RunningProcess(
            command, output: directory.path + "/log", errors: directory.path + "/log", holdsInput: true)
        try await waitUntilReady()
    }

    var log: String { (try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? "" }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if FileManager.default.fileExists(atPath: kubeconfig),
                try await request("/readyz").output == "ok"
            {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure.notReady(log)
    }

    /// Ends all processes and takes the directory away, if it is this one's own.
    func stop(with signal: Int32 = SIGTERM) async {
        process.send(signal)
        _ = await process.waitForExit(within: .seconds(20))
        if !keepsDirectory { directory.remove() }
    }

    // MARK: Parts

    /// The process of a part that `martlet up` runs; `nil` while there is none.
    func part(_ name: String) -> Int32? {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.lazy.compactMap { Int32($0) }.first { candidate in
            guard let stat = try? String(contentsOfFile: "/proc/\(candidate)/stat", encoding: .utf8),
                let line = try? String(contentsOfFile: "/proc/\(candidate)/cmdline", encoding: .utf8)
            else { return false }
            // The fields behind the name, which may hold anything: state, then the parent.
            let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
            let words = line.split(separator: "\0")
            return fields.count > 2 && Int32(fields[2]) == process.identifier && words.count > 1 && words[1] == name
        }
    }

    /// Kills a part without a warning. The supervisor starts it anew.
    func kill(_ name: String) async throws {
        try await eventually("\(name) runs") { self.part(name) != nil }
        if let identifier = part(name) { Foundation.kill(identifier, SIGKILL) }
    }

    // MARK: Clients

    /// The environment of a client: its own home, so that kubectl's caches of other servers do not matter.
    func environment(_ client: KubectlClient? = nil) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = directory.path
        environment["KUBECONFIG"] = kubeconfig
        environment["LC_ALL"] = "C.UTF-8"
        if let path = client?.directory { environment["PATH"] = path + ":" + (environment["PATH"] ?? "") }
        return environment
    }

    /// Runs a line of shell with kubectl in its path.
    func shell(
        _ line: String, _ client: KubectlClient? = .installed, within limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        var command = Command(["bash", "-c", line])
        command.environment = environment(client)
        command.directory = directory.path
        var outcome = try await command.run(within: limit)
        outcome.command = line
        return outcome
    }

    var clientCertificate: [String] {
        ["--cert", dataDirectory + "/pki/admin.crt", "--key", dataDirectory + "/pki/admin.key"]
    }

    /// Runs curl against the server as its administrator.
    func request(
        _ path: String, method: String = "GET", body: JSON? = nil, contentType: String = "application/json",
        options: [String] = [], within limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        var arguments = ["curl", "--silent", "--show-error", "--cacert", dataDirectory + "/pki/ca.crt"]
        arguments += clientCertificate + ["--request", method] + options
        if body != nil { arguments += ["--header", "Content-Type: \(contentType)", "--data-binary", "@-"] }
        var command = Command(arguments + [server + path])
        command.input = body.map { $0.description }
        return try await command.run(within: limit)
    }

    /// What the server answers; `nil` where it cannot be reached or answers no JSON.
    func get(_ path: String) async throws -> JSON? {
        let outcome = try await request(path)
        return outcome.status == 0 ? try? JSON(parsing: Array(outcome.output.utf8)) : nil
    }

    /// Sends an object, and gives what became of it; `nil` where it was not accepted.
    @discardableResult
    func send(_ method: String, _ path: String, _ body: JSON?, contentType: String = "application/json") async throws
        -> JSON?
    {
        let outcome = try await request(
            path, method: method, body: body, contentType: contentType, options: ["--fail-with-body"])
        return outcome.status == 0 ? try? JSON(parsing: Array(outcome.output.utf8)) : nil
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw Failure.noPort }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Runs a body with a control plane of its own.
func withControlPlane<Result>(
    _ arguments: [String] = ["up"], _ body: (ControlPlane) async throws -> Result
) async throws -> Result {
    let plane = try await ControlPlane(arguments: arguments)
    do {
        let result = try await body(plane)
        await plane.stop()
        return result
    } catch {
        Issue.record("the control plane's log: \(plane.log.suffix(4000))")
        await plane.stop()
        throw error
    }
}

struct Late: Error, CustomStringConvertible {
    var description: String
}

/// Waits until a condition holds.
/// - Throws: `Late` after a deadline that only a broken program reaches.
func eventually(
    _ remark: String, within limit: Duration = .seconds(120), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw Late(description: "not within \(limit): \(remark)")
}
