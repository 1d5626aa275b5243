import ArgumentParser
import Foundation
import KubernetesClient
import Logging

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a running server's store, consistent at one revision, into a file.")

    @Argument(help: "File to write. An existing one is replaced once the copy is whole.")
    var file: String
    @OptionGroup var client: ClientOptions
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.bootstrap(label: "backup")
        let response = try await client.client(userAgent: "backup", logger: logger).open(
            .get, "/martlet/backup", accept: "*/*")
        let temporary = file + ".new"
        guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw ValidationError("cannot write \(temporary)") }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
        var byteCount = 0
        for try await chunk in response.body {
            try handle.write(contentsOf: Data(chunk))
            byteCount += chunk.count
        }
        try handle.synchronize()
        try handle.close()
        guard rename(temporary, file) == 0 else { throw ValidationError("cannot write \(file)") }
        print("wrote \(file), \(byteCount) bytes")
    }
}
