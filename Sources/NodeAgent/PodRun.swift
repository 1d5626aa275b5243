import JSON
package import KubernetesClient

/// How long a simulated pod's containers run and how they end, by annotations of the pod.
package struct PodRun: Sendable, Hashable {
    /// Seconds that each container runs, from its start. Without it a container runs on where it would be restarted
    /// (`restartPolicy: Always`), and ends at once where it would not.
    package static let secondsAnnotation = "martlet.dev/run-seconds"
    /// What each container exits with; 0 without it.
    package static let exitCodeAnnotation = "martlet.dev/exit-code"

    /// The first wait before a container is started again; each next is twice as long.
    package static let restartBackoffSeconds: Int64 = 10
    package static let maximumRestartBackoffSeconds: Int64 = 300

    /// `nil` for ever.
    package var seconds: Int64?
    package var exitCode: Int64
    package var isRestarted: Bool

    package init(of pod: Pod) {
        let given = pod.annotation(Self.secondsAnnotation).flatMap { Int64($0) }.map { min(max(0, $0), 1 << 31) }
        let code = pod.annotation(Self.exitCodeAnnotation).flatMap { Int64($0) } ?? 0
        seconds = given ?? (pod.restartPolicy == "Always" ? nil : 0)
        exitCode = (0...255).contains(code) ? code : 255
        isRestarted =
            switch pod.restartPolicy {
            case "Always": true
            case "OnFailure": exitCode != 0
            default: false
            }
    }

    package static func backoff(restarts: Int64) -> Int64 {
        restarts >= 5 ? maximumRestartBackoffSeconds : restartBackoffSeconds << max(0, restarts)
    }
}
