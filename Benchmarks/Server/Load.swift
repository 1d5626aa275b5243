import Foundation
import JSON
import KubernetesClient
import Synchronization

/// What one job cost.
struct Measurement {
    var job: String
    var operations: Int
    var seconds: Double
    var cpuMicrosecondsPerOperation: Double
    var medianMilliseconds: Double
    var residentMebibytes: Double

    var row: String {
        func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
        return "| \(job) | \(operations) | \(text(Double(operations) / seconds, 0)) | "
            + "\(text(medianMilliseconds, 2)) | \(text(cpuMicrosecondsPerOperation, 1)) | \(text(residentMebibytes, 1)) |"
    }

    static let header = """
        | job | operations | per second | p50 ms | server CPU µs/op | resident MiB |
        |---|---|---|---|---|---|
        """
}

/// Drives a server with one kind of request from several workers for a time.
struct Load {
    let server: ServerProcess
    let workers: Int
    let seconds: Double
    let objects: Int

    static let namespace = "bench"
    static let collection = "/api/v1/namespaces/bench/configmaps"

    static func configMap(_ name: String) -> JSON {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(name), "labels": ["app": "bench"]],
            "data": ["k": .string(String(repeating: "x", count: 1024))],
        ]
    }

    func prepare() async throws {
        _ = try await server.client.request(
            .post, "/api/v1/namespaces",
            body: ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(Self.namespace)]])
        for index in 0..<objects {
            _ = try await server.client.request(.post, Self.collection, body: Self.configMap("fill-\(index)"))
        }
    }

    /// Repeats an operation, which gets the worker's number and its own; it throws where the answer is not the right one.
    func measure(
        _ job: String, _ operation: @escaping @Sendable (_ worker: Int, _ index: Int) async throws -> Void
    ) async throws -> Measurement {
        let before = server.cpuMicroseconds
        let start = Date()
        let end = start.addingTimeInterval(seconds)
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var latencies: [Double] = []
                    while Date() < end {
                        let began = Date()
                        try await operation(worker, latencies.count)
                        latencies.append(Date().timeIntervalSince(began) * 1000)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let sorted = latencies.sorted()
        return Measurement(
            job: job, operations: sorted.count, seconds: Date().timeIntervalSince(start),
            cpuMicrosecondsPerOperation: (server.cpuMicroseconds - before) / Double(max(sorted.count, 1)),
            medianMilliseconds: sorted.isEmpty ? 0 : sorted[sorted.count / 2],
            residentMebibytes: server.residentMebibytes)
    }

    /// Many watches of one collection, in which one object changes again and again: the cost of each event that arrives.
    func measureFanout(watchers: Int) async throws -> Measurement {
        let list = try await server.client.request(.get, Self.collection + "?limit=1")
        let version = list["metadata"]?["resourceVersion"]?.stringValue ?? ""
        let received = Counter()
        let watches = (0..<watchers).map { _ in
            Task { [client = server.client] in
                let response = try await client.open(
                    .get, Self.collection + "?watch=true&resourceVersion=\(version)")
                for try await chunk in response.body {
                    received.add(chunk.count { $0 == UInt8(ascii: "\n") })
                }
            }
        }
        defer { for watch in watches { watch.cancel() } }
        try await Task.sleep(for: .seconds(1))
        let single = Load(server: server, workers: 1, seconds: seconds, objects: objects)
        let before = server.cpuMicroseconds
        let patches = try await single.measure("") { [client = server.client] _, index in
            _ = try await client.rawRequest(
                .patch, Self.collection + "/fill-0", body: JSON.annotation("i", "\(index)").encoded,
                contentType: "application/merge-patch+json")
            try await Task.sleep(for: .milliseconds(20))
        }
        let expected = patches.operations * watchers
        let deadline = Date().addingTimeInterval(10)
        while received.value < expected, Date() < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        let events = received.value
        return Measurement(
            job: "watch event, \(watchers) watchers", operations: events, seconds: patches.seconds,
            cpuMicrosecondsPerOperation: (server.cpuMicroseconds - before) / Double(max(events, 1)),
            medianMilliseconds: patches.medianMilliseconds, residentMebibytes: server.residentMebibytes)
    }
}

/// A number that several tasks raise.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}

extension JSON {
    static func annotation(_ key: String, _ value: String) -> JSON {
        ["metadata": ["annotations": .object([key: .string(value)])]]
    }
}
