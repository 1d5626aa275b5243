import Foundation
import JSON
import KubernetesClient

// Measures an API server over real sockets: `martlet-bench --server EXECUTABLE [--results FOLDER] [--seconds N]`.
// Client and server share the machine, so the server's CPU time per operation is the figure to compare.

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

guard let executable = option("--server") else {
    FileHandle.standardError.write(Data("usage: martlet-bench --server EXECUTABLE [--results FOLDER]\n".utf8))
    exit(2)
}
let seconds = option("--seconds").flatMap { Double($0) } ?? 4
let directory = NSTemporaryDirectory() + "/martlet-bench-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: directory) }

let server = try await ServerProcess(executable: executable, directory: directory + "/data", port: 17_443)
defer { server.stop() }
let idle = server.residentMebibytes
let load = Load(server: server, workers: 16, seconds: seconds, objects: 1000)
try await load.prepare()
let client = server.client
let collection = Load.collection

var rows: [Measurement] = []
rows.append(
    try await load.measure("get") { worker, index in
        _ = try await client.rawRequest(.get, "\(collection)/fill-\((worker * 7919 + index) % 1000)")
    })
rows.append(
    try await load.measure("list of 1,000") { _, _ in
        _ = try await client.rawRequest(.get, collection + "?resourceVersion=0")
    })
rows.append(
    try await load.measure("create") { worker, index in
        _ = try await client.rawRequest(
            .post, collection, body: Load.configMap("c-\(worker)-\(index)").encoded)
    })
rows.append(
    try await load.measure("merge patch") { worker, index in
        _ = try await client.rawRequest(
            .patch, "\(collection)/fill-\(worker)", body: JSON.annotation("i", "\(index)").encoded,
            contentType: "application/merge-patch+json")
    })
rows.append(try await load.measureFanout(watchers: 200))

let report = """
    Ready \(String(format: "%.0f", server.secondsToReady * 1000)) ms after its start on an empty store; \
    \(String(format: "%.1f", idle)) MiB resident when idle. 1 KiB ConfigMaps, 16 workers, TLS and HTTP/2.

    \(Measurement.header)
    \(rows.map(\.row).joined(separator: "\n"))

    """
print(report)
if let results = option("--results") {
    let formatter = DateFormatter()
    formatter.dateFormat = "yyyy-MM-dd"
    let date = formatter.string(from: Date())
    try "# \(date)\n\n\(report)".write(toFile: "\(results)/\(date).md", atomically: true, encoding: .utf8)
}
