import Foundation

/// The server under test, as a process of its own that ends with this one.
final class FuzzedServer {
    private let process = Process()
    private let input = Pipe()
    private let output: String
    private let port: UInt16
    let plainPort: UInt16

    /// - Parameter port: of HTTPS; plain HTTP has the one above it.
    init(executable: String, port: UInt16, output: String) throws {
        self.output = output
        self.port = port
        plainPort = port + 1
        let directory = "\(output)/server-\(port)"
        try? FileManager.default.removeItem(atPath: directory)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("\(Self.token),admin,uid-1,\"system:masters\"\n".utf8)
            .write(to: URL(fileURLWithPath: directory + "/tokens.csv"))
        try Data().write(to: URL(fileURLWithPath: directory + "/log"))
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = [
            "apiserver", "--data-dir", directory + "/data", "--secure-port", "\(port)", "--insecure-port",
            "\(plainPort)", "--token-auth-file", directory + "/tokens.csv", "--log-level", "warning",
            "--exit-with-standard-input",
        ]
        process.standardInput = input
        process.standardError = FileHandle(forWritingAtPath: directory + "/log")
        process.standardOutput = process.standardError
        try process.run()
    }

    static let token = "fuzz-token"

    func waitUntilReady() throws {
        let end = Date(timeIntervalSinceNow: 60)
        let request = Array(
            "GET /readyz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(Self.token)\r\nConnection: close\r\n\r\n".utf8)
        while Date() < end, process.isRunning {
            if let connection = try? RawConnection(port: plainPort), connection.send(request),
                let answer = try? connection.readAnswer(isHead: false, isStream: false), answer.status == 200
            {
                return
            }
            usleep(50_000)
        }
        throw FuzzFailure("the server does not become ready")
    }

    /// - Throws: where the server has ended; its last requests are then in the output folder.
    func checkAlive(keeping history: [[UInt8]]) throws {
        // A process that has trapped writes its backtrace before it is gone.
        let end = Date(timeIntervalSinceNow: 15)
        while Date() < end {
            if !process.isRunning {
                let separator = Array("\n=====\n".utf8)
                let path = "\(output)/requests-\(UInt32.random(in: 0 ... .max))"
                try Data(history.joined(separator: separator)).write(to: URL(fileURLWithPath: path))
                let log = "\(output)/server-\(port)/log"
                try? FileManager.default.copyItem(atPath: log, toPath: path + ".log")
                throw FuzzFailure("the server ended (\(process.terminationStatus)); see \(path)")
            }
            if let connection = try? RawConnection(port: plainPort),
                connection.send(Array("GET /livez HTTP/1.0\r\nHost: a\r\n\r\n".utf8)),
                (try? connection.readAnswer(isHead: false, isStream: false)) != nil
            {
                return
            }
            usleep(100_000)
        }
        throw FuzzFailure("the server answers no more")
    }
}
