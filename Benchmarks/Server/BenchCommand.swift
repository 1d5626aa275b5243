import ArgumentParser
import Foundation

/// Measures an API server over real sockets.
///
/// Client and server share the machine; what is compared is the CPU time of the server's process.
@main
struct BenchCommand: AsyncParsableCommand {
    private static let clients = 4

    static let configuration = CommandConfiguration(
        commandName: "martlet-bench", abstract: "Measure an API server over TLS and HTTP/2.")

    @Option(help: "The server's executable.")
    var server: String
    @Option(help: "Folder in which the results are kept under the day's date.")
    var results: String?
    @Option(help: "Seconds that each kind of request is repeated for.")
    var seconds = 4.0
    @Option(help: "ConfigMaps of 1 KiB in the store that single requests are measured on.")
    var objects = 1000
    @Option(help: "ConfigMaps of 1 KiB in the large store; 0 leaves it out.")
    var largeStore = 100_000
    @Option(help: "Watches that see nothing, over 100 connections; 0 leaves them out.")
    var idleWatches = 10_000
    @Option(help: "CustomResourceDefinitions of some 150 fields; 0 leaves them out.")
    var definitions = 1000
    @Flag(help: "Measure nothing but custom resources.")
    var onlyDefinitions = false
    @Option(help: "Requests at a time, each on a connection of its own.")
    var workers = 16

    func validate() throws {
        guard seconds > 0, workers > 0, objects >= workers, largeStore >= 0, idleWatches >= 0,
            definitions >= 0
        else {
            throw ValidationError("--seconds and --workers must be greater than 0, --objects at least --workers")
        }
    }

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "martlet-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var report = Report()
        if !onlyDefinitions {
            try await withServer(directory.appendingPathComponent("small").path) { try await measure($0, &report) }
        }
        if largeStore > 0, !onlyDefinitions {
            try await withServer(directory.appendingPathComponent("large").path) { server in
                let store = LargeStore(
                    server: server, objects: largeStore, clients: Self.clients, workers: workers)
                try await store.run(into: &report)
            }
        }
        if definitions > 0 {
            try await withServer(directory.appendingPathComponent("custom").path, forgetsSoon: true) { server in
                let resources = CustomResources(
                    server: server, definitions: definitions, clients: Self.clients, workers: workers,
                    time: .seconds(seconds))
                try await resources.run(into: &report)
            }
        }
        try publish(report)
    }

    private func measure(_ server: ServerProcess, _ report: inout Report) async throws {
        report.add("ready on an empty store", milliseconds: try await server.start())
        try await Task.sleep(for: .seconds(1))
        report.add("resident when idle", mebibytes: try server.residentBytes())
        let load = Load(server: server, clients: try server.makeClients(Self.clients), workers: workers)
        try await RequestJobs(load: load, objects: objects, time: .seconds(seconds)).run(into: &report)
        let watches = WatchJobs(server: server)
        report.measurements.append(try await watches.fanOut(to: 200, for: .seconds(seconds)))
        await server.stop()
        report.add("ready on the store that the jobs left", milliseconds: try await server.start())
        try await Task.sleep(for: .seconds(1))
        report.add("resident then", mebibytes: try server.residentBytes())
        if idleWatches > 0 { try await watches.idle(idleWatches, connections: 100, into: &report) }
    }

    /// Stops the server however the body ends.
    private func withServer(
        _ directory: String, forgetsSoon: Bool = false, _ body: (ServerProcess) async throws -> Void
    ) async throws {
        let process = try ServerProcess(executable: server, directory: directory, forgetsSoon: forgetsSoon)
        do {
            try await body(process)
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }

    private func publish(_ report: Report) throws {
        let day = Date().formatted(.iso8601.year().month().day())
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let markdown =
            report.markdown(title: day) + """

                \(cores) cores, which server and client share; \(workers) requests at a time, \
                a connection each; each kind for \(seconds) s; ConfigMaps of 1 KiB.

                """
        print(markdown)
        guard let results else { return }
        try markdown.write(toFile: "\(results)/\(day).md", atomically: true, encoding: .utf8)
    }
}
