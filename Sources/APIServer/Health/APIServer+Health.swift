import HTTPTransport
import Storage
import Synchronization

extension APIServer {
    /// From now on `/readyz` tells clients to come.
    public func becomeReady() { lifecycle.becomeReady() }

    /// From now on `/readyz` tells clients to go elsewhere. The server goes on answering.
    public func becomeUnready() { lifecycle.becomeUnready() }

    private final class ObservedCommits: Sendable {
        let health = Mutex(CommitHealth())
    }

    /// The checks that Kubernetes has by these names, where the server has what they are about. `/readyz` leaves the
    /// store out, as Kubernetes' does.
    static func makeHealthChecks(of storage: any Storage, _ lifecycle: ServerLifecycle) -> HealthChecks {
        let commits = ObservedCommits()
        let hasStarted: @Sendable () throws -> Void = {
            if lifecycle.stage == .starting { throw HealthProblem(description: "not finished") }
        }
        let all = Set(HealthEndpoint.allCases)
        return HealthChecks([
            HealthCheck(name: "ping", endpoints: all) {},
            HealthCheck(name: "log", endpoints: all) {},
            HealthCheck(name: "etcd", endpoints: [.healthz, .livez]) {
                let counters = storage.statistics.counters
                let isHealthy = commits.health.withLock { health in
                    health.observe(commits: counters.commits, failures: counters.failedCommits)
                    return health.isHealthy
                }
                if !isHealthy { throw HealthProblem(description: "the store's last transaction failed") }
            },
            HealthCheck(name: "informer-sync", endpoints: [.readyz], run: hasStarted),
            HealthCheck(name: "poststarthook/start-apiextensions-controllers", endpoints: all, run: hasStarted),
            HealthCheck(name: "poststarthook/rbac/bootstrap-roles", endpoints: all, run: hasStarted),
            HealthCheck(name: "autoregister-completion", endpoints: all, run: hasStarted),
            HealthCheck(name: "shutdown", endpoints: [.readyz]) {
                if lifecycle.stage == .stopping { throw HealthProblem(description: "process is shutting down") }
            },
        ])
    }

    /// `/healthz`, `/livez`, `/readyz`, and one check of theirs by itself. No method is refused, as in Kubernetes.
    func health(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard let endpoint = segments.first.flatMap(HealthEndpoint.init(rawValue:)),
            context.request.path.last != "/"
        else { throw UnknownPath() }
        guard segments.count > 1 else {
            let report = healthChecks.report(
                endpoint, isVerbose: context.query["verbose"] != nil, excluded: context.query.all("exclude"))
            return Self.text(report.text, status: report.isHealthy ? 200 : 500)
        }
        let name = segments.dropFirst().joined(separator: "/")
        guard let check = healthChecks.checks(of: endpoint).first(where: { $0.name == name }) else {
            throw UnknownPath()
        }
        if let problem = healthChecks.problem(check, endpoint) {
            return Self.text("internal server error: \(problem)\n", status: 500)
        }
        return Self.text("ok", status: 200)
    }

    static func text(_ text: String, status: Int) -> Answer {
        .body(
            status: status, contentType: "text/plain; charset=utf-8", ByteSegments(Array(text.utf8)),
            headers: [.init(name: "x-content-type-options", value: "nosniff")])
    }
}
