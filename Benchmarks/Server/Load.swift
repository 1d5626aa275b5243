import KubernetesClient

/// Drives a server with one kind of request from several workers, each on a connection of its own.
struct Load {
    let server: ServerProcess
    /// The workers take turns, so that no client's thread is the bottleneck.
    let clients: [APIClient]
    let workers: Int

    /// Sends one request; throws where the answer is not the right one.
    /// - Parameter index: how many the worker has sent before.
    typealias Operation = @Sendable (_ client: APIClient, _ worker: Int, _ index: Int) async throws -> Void

    /// Repeats an operation for a time.
    func measure(_ job: String, for time: Duration, _ operation: @escaping Operation) async throws -> Measurement {
        let end = ContinuousClock.now + time
        return try await measure(job, while: { _ in ContinuousClock.now < end }, operation)
    }

    /// Repeats an operation a number of times; each worker has its share, to be numbered `worker + index * workers`.
    func measure(_ job: String, times count: Int, _ operation: @escaping Operation) async throws -> Measurement {
        try await measure(job, while: { [workers] in $0.worker + $0.index * workers < count }, operation)
    }

    /// Creates the ConfigMaps `fill-0`, `fill-1` and so on.
    func fill(_ job: String, objects: Int) async throws -> Measurement {
        try await measure(job, times: objects) { [workers] client, worker, index in
            let name = "fill-\(worker + index * workers)"
            _ = try await client.rawRequest(.post, Objects.configMaps, body: Objects.configMap(name))
        }
    }

    private func measure(
        _ job: String, while goesOn: @escaping @Sendable ((worker: Int, index: Int)) -> Bool,
        _ operation: @escaping Operation
    ) async throws -> Measurement {
        let cpuBefore = try server.cpuTime()
        let start = ContinuousClock.now
        let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for worker in 0..<workers {
                let client = clients[worker % clients.count]
                group.addTask {
                    var latencies: [Duration] = []
                    while goesOn((worker, latencies.count)) {
                        let began = ContinuousClock.now
                        try await operation(client, worker, latencies.count)
                        latencies.append(began.duration(to: .now))
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = start.duration(to: .now)
        return Measurement(
            job: job, operations: latencies.count, elapsed: elapsed, serverCPU: try server.cpuTime() - cpuBefore,
            latencies: latencies, residentBytes: try server.residentBytes())
    }
}
