import KubernetesClient
import Synchronization

/// Many watches of one collection, over several connections.
struct Watches {
    private static let patience: Duration = .seconds(30)

    private let received = EventCounter()
    private let tasks: [Task<Void, any Error>]

    /// Returns when all of them have begun.
    init(_ count: Int, over clients: [APIClient]) async throws {
        let target = Objects.configMaps + "?watch=true&resourceVersion="
        let version = try await Objects.currentVersion(clients[0])
        // A connection each first: requests that come together may otherwise open more.
        for client in clients { _ = try await client.rawRequest(.get, "/readyz") }
        let begun = EventCounter()
        tasks = (0..<count).map { [received] index in
            Task {
                let response = try await clients[index % clients.count].open(.get, target + version)
                begun.add(1)
                for try await piece in response.body { received.add(piece.count { $0 == UInt8(ascii: "\n") }) }
                throw BenchError("a watch ended")
            }
        }
        try await Self.wait("watches began", for: begun, toReach: count)
    }

    /// Waits until all watches together have received so many events since they began.
    func waitForEvents(_ count: Int) async throws {
        try await Self.wait("events arrived", for: received, toReach: count)
    }

    /// Ends them all.
    /// - Throws: where one had ended before.
    func end() async throws {
        for task in tasks { task.cancel() }
        for task in tasks {
            do { try await task.value } catch is CancellationError {}
        }
    }

    private static func wait(_ what: String, for counter: EventCounter, toReach count: Int) async throws {
        let start = ContinuousClock.now
        while counter.value < count {
            guard start.duration(to: .now) < patience else {
                throw BenchError("only \(counter.value) of \(count) \(what)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A number that several tasks raise.
private final class EventCounter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}

/// What watches cost the server: each event that arrives, and each that waits.
struct WatchJobs {
    let server: ServerProcess

    /// One object changes again and again, and each watcher sees it. The patch itself is in the cost.
    func fanOut(to watchers: Int, for time: Duration) async throws -> Measurement {
        let watches = try await Watches(watchers, over: try server.makeClients(10, streamsPerConnection: 1000))
        let before = try server.cpuTime()
        let load = Load(server: server, clients: try server.makeClients(1), workers: 1)
        let start = ContinuousClock.now
        var result = try await load.measure("watch event, \(watchers) watchers", for: time) { client, _, index in
            _ = try await client.rawRequest(
                .patch, Objects.configMaps + "/fill-0", body: Objects.annotation(index),
                contentType: "application/merge-patch+json")
            try await Task.sleep(for: .milliseconds(10))
        }
        result.operations *= watchers
        try await watches.waitForEvents(result.operations)
        result.elapsed = start.duration(to: .now)
        result.serverCPU = try server.cpuTime() - before
        try await watches.end()
        return result
    }

    /// Watches that see nothing.
    func idle(_ count: Int, connections: Int, into report: inout Report) async throws {
        let before = try server.residentBytes()
        let watches = try await Watches(count, over: try server.makeClients(connections, streamsPerConnection: 1000))
        try await Task.sleep(for: .seconds(1))
        let after = try server.residentBytes()
        try await watches.end()
        let what = "\(count) idle watches over \(connections) connections"
        report.add("resident with \(what)", mebibytes: after)
        report.add(
            "an idle watch, its share of a connection with it", kibibytes: Double(after - before) / Double(count))
    }
}
