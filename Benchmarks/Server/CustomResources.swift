import APIMachinery
import Foundation
import JSON
import KubernetesClient

/// Very many custom resources: to install, to find, to use one of, to start with and to remove.
struct CustomResources {
    private static let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    private static let patience: Duration = .seconds(120)

    let server: ServerProcess
    let definitions: Int
    let clients: Int
    let workers: Int
    /// Of the jobs that make objects.
    let time: Duration

    func run(into report: inout Report) async throws {
        _ = try await server.start()
        let load = Load(server: server, clients: try server.makeClients(clients), workers: workers)
        try await Objects.makeNamespace(load.clients[0])
        try await Task.sleep(for: .seconds(1))
        let residentBefore = try server.residentBytes()
        let single = Load(server: server, clients: load.clients, workers: 1)
        report.measurements.append(try await install(single, "define, one at a time", 0..<definitions / 4))
        report.measurements.append(try await install(load, "define", definitions / 4..<definitions))
        try await Task.sleep(for: .seconds(1))
        let installed = try server.residentBytes() - residentBefore
        report.add("a definition that was just stored", kibibytes: Double(installed) / Double(definitions))
        try await measureDocuments(load.clients[0], into: &report)

        await server.stop()
        report.add("ready with \(definitions) definitions", milliseconds: try await server.start())
        try await Task.sleep(for: .seconds(1))
        let loaded = try server.residentBytes() - residentBefore
        report.add("a definition then", kibibytes: Double(loaded) / Double(definitions))
        let restarted = Load(server: server, clients: try server.makeClients(clients), workers: workers)
        try await measureObjects(restarted, into: &report)
        try await remove(restarted, into: &report)
        try await waitForHistory()
        report.add("resident before the first definition", mebibytes: residentBefore)
        report.add("resident when all are removed and forgotten", mebibytes: try server.residentBytes())
        await server.stop()
    }

    // MARK: Definitions

    /// Each counts until its objects can be listed.
    private func install(_ load: Load, _ job: String, _ numbers: Range<Int>) async throws -> Measurement {
        try await load.measure(job, times: numbers.count) { [workers = load.workers] client, worker, index in
            let number = numbers.lowerBound + worker + index * workers
            let definition = CustomDefinitions.definition(number)
            _ = try await client.rawRequest(.post, CustomDefinitions.path, body: definition.encoded)
            try await Self.wait("a definition is served") {
                (try? await client.rawRequest(.get, CustomDefinitions.objects(number))) != nil
            }
        }
    }

    private func remove(_ load: Load, into report: inout Report) async throws {
        report.measurements.append(
            try await load.measure("remove a definition", times: definitions) {
                [workers = load.workers] client, worker, index in
                let path = CustomDefinitions.path + "/" + CustomDefinitions.name(worker + index * workers)
                _ = try await client.rawRequest(.delete, path)
            })
        try await Self.wait("all definitions are gone") {
            try await load.clients[0].request(.get, CustomDefinitions.path)["items"]?.arrayValue?.isEmpty == true
        }
    }

    /// Waits until the watch history has nothing of the definitions, which the server was told to forget soon.
    private func waitForHistory() async throws {
        var least = try server.residentBytes()
        var unchanged = 0
        try await Self.wait("the history is forgotten") {
            try await Task.sleep(for: .seconds(1))
            let now = try server.residentBytes()
            unchanged = now < least - 1 << 20 ? 0 : unchanged + 1
            least = min(least, now)
            return unchanged > Int(ServerProcess.historyAge.seconds) * 3
        }
    }

    private static func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        let start = ContinuousClock.now
        while try await !condition() {
            guard start.duration(to: .now) < patience else { throw BenchError("not in time: \(what)") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    // MARK: Documents

    private func measureDocuments(_ client: APIClient, into report: inout Report) async throws {
        let group = CustomDefinitions.group(0)
        for (what, path, accept) in [
            ("all resources in one discovery document", "/apis", Self.aggregated),
            ("that, again", "/apis", Self.aggregated), ("the index of OpenAPI documents", "/openapi/v3", "*/*"),
            ("that, again", "/openapi/v3", "*/*"),
            ("the OpenAPI document of one group", "/openapi/v3/apis/\(group)/v1", "*/*"),
            ("the OpenAPI document of all", "/openapi/v2", "*/*"),
        ] {
            let start = ContinuousClock.now
            let bytes = try await client.rawRequest(.get, path, accept: accept)
            report.add("\(what), \(bytes.count / 1024) KiB", milliseconds: start.duration(to: .now))
        }
    }

    // MARK: Objects

    private func measureObjects(_ load: Load, into report: inout Report) async throws {
        let start = ContinuousClock.now
        let first = CustomDefinitions.object(0, name: "first")
        _ = try await load.clients[0].rawRequest(.post, CustomDefinitions.objects(0), body: first)
        report.add("first object of a definition", milliseconds: start.duration(to: .now))
        report.measurements.append(
            try await load.measure("create, custom objects of \(first.count) bytes", for: time) {
                client, worker, index in
                _ = try await client.rawRequest(
                    .post, CustomDefinitions.objects(0),
                    body: CustomDefinitions.object(0, name: "new-\(worker)-\(index)"))
            })
        report.measurements.append(
            try await load.measure("create, ConfigMaps of that size", for: time) { client, worker, index in
                _ = try await client.rawRequest(
                    .post, Objects.configMaps,
                    body: Objects.configMap("new-\(worker)-\(index)", dataByteCount: first.count - 120))
            })
        // What is left in the end is to be about custom resources.
        _ = try await load.clients[0].rawRequest(.delete, Objects.configMaps)
    }
}
