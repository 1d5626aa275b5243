import JSON
import KubernetesClient

/// Waits until the simulated nodes of a control plane have registered and are ready.
struct NodeReadiness {
    let client: APIClient
    let count: Int

    private static let interval = Duration.milliseconds(50)
    private static let reportInterval = Duration.seconds(1)

    /// - Parameters:
    ///   - limit: after which it waits no longer.
    ///   - report: is told now and then how many are ready, while some are not.
    /// - Returns: how many are ready at the end.
    func wait(within limit: Duration, _ report: (Int) -> Void) async throws -> Int {
        let start = ContinuousClock.now
        var nextReport = start + Self.reportInterval
        while true {
            let ready = await readyCount()
            let now = ContinuousClock.now
            if ready >= count || now > start + limit { return ready }
            if now > nextReport {
                report(ready)
                nextReport = now + Self.reportInterval
            }
            // A list of many nodes costs the server something.
            try await Task.sleep(for: max(Self.interval, (ContinuousClock.now - now) * 2))
        }
    }

    /// None where the server does not answer, which it may not while it is started anew.
    private func readyCount() async -> Int {
        let nodes = try? await client.resource(.nodes).listAll().items
        return nodes?.count(where: Self.isReady) ?? 0
    }

    private static func isReady(_ node: KubernetesObject) -> Bool {
        let conditions = node.status?["conditions"]?.arrayValue ?? []
        return conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }
}
