import JSON
import KubernetesClient

/// A store of very many ConfigMaps: to fill, to list and to start from.
struct LargeStore {
    private static let listings = 3
    private static let pageSize = 500

    let server: ServerProcess
    let objects: Int
    let clients: Int
    let workers: Int

    func run(into report: inout Report) async throws {
        _ = try await server.start()
        let load = Load(server: server, clients: try server.makeClients(clients), workers: workers)
        try await Objects.makeNamespace(load.clients[0])
        report.measurements.append(try await load.fill("create, up to \(objects)", objects: objects))
        let single = Load(server: server, clients: load.clients, workers: 1)
        report.measurements.append(
            try await single.measure("list of \(objects)", times: Self.listings) { client, _, _ in
                _ = try await client.rawRequest(.get, Objects.configMaps)
            })
        report.measurements.append(
            try await single.measure("list of \(objects) in pages of \(Self.pageSize)", times: Self.listings) {
                [objects] client, _, _ in
                try await Self.readPages(client, expecting: objects)
            })
        await server.stop()
        report.add("ready on a store of \(objects) ConfigMaps", milliseconds: try await server.start())
        report.add("resident then", mebibytes: try server.residentBytes())
        await server.stop()
    }

    private static func readPages(_ client: APIClient, expecting objects: Int) async throws {
        var query = "?limit=\(Self.pageSize)"
        var count = 0
        while true {
            let page = try await client.request(.get, Objects.configMaps + query)
            count += page["items"]?.arrayValue?.count ?? 0
            guard let token = page["metadata"]?["continue"]?.stringValue, !token.isEmpty else { break }
            query = "?limit=\(Self.pageSize)&continue=\(token)"
        }
        guard count == objects else { throw BenchError("the pages have \(count) of \(objects) objects") }
    }
}
