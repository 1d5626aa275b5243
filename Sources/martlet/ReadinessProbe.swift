import Foundation
import KubernetesClient

/// Waits until the API server that a kubeconfig names says that it is ready.
struct ReadinessProbe {
    let kubeconfig: String

    struct NotReady: Error, CustomStringConvertible {
        var cause: String
        var description: String { "the API server did not become ready: \(cause)" }
    }

    private static let interval = Duration.milliseconds(20)

    /// - Throws: `NotReady` when the time is over.
    func wait(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        var cause = "it has not written \(kubeconfig)"
        while ContinuousClock.now < deadline {
            do {
                if FileManager.default.fileExists(atPath: kubeconfig) {
                    let client = try APIClient(try KubeConfig(contentsOf: kubeconfig).configuration())
                    _ = try await client.rawRequest(.get, "/readyz")
                    return
                }
            } catch {
                cause = "\(error)"
            }
            try await Task.sleep(for: Self.interval)
        }
        throw NotReady(cause: cause)
    }
}
