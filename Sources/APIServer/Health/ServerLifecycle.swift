import Synchronization

/// How far the server has come.
final class ServerLifecycle: Sendable {
    enum Stage: Sendable {
        /// Until what every cluster has is there. Goes on to `ready`.
        case starting
        /// Serves. Goes on to `stopping`.
        case ready
        /// Still answers, and wants no new clients.
        case stopping
    }

    private let state = Mutex(Stage.starting)

    var stage: Stage { state.withLock { $0 } }

    func becomeReady() {
        state.withLock { if $0 == .starting { $0 = .ready } }
    }

    func becomeUnready() { state.withLock { $0 = .stopping } }
}

/// Whether the store's newest transaction succeeded, told by its counters from one look to the next.
struct CommitHealth: Sendable {
    private var commits = 0
    private var failures = 0
    private(set) var isHealthy = true

    /// Takes in what the store has counted so far.
    mutating func observe(commits: Int, failures: Int) {
        if commits > self.commits {
            isHealthy = true
        } else if failures > self.failures {
            isHealthy = false
        }
        self.commits = commits
        self.failures = failures
    }
}
