import Synchronization

/// The paths under which the server tells how it is (Kubernetes API health endpoints).
enum HealthEndpoint: String, Sendable, CaseIterable {
    case healthz, livez, readyz
}

/// One thing that has to be right.
struct HealthCheck: Sendable {
    /// As in the output of `?verbose`, and behind an endpoint to ask for this check alone.
    var name: String
    var endpoints: Set<HealthEndpoint>
    /// Throws what is wrong.
    var run: @Sendable () throws -> Void
}

/// What a check found wrong.
struct HealthProblem: Error, CustomStringConvertible {
    var description: String
}

/// The checks of a server, and the texts in which it tells their outcome.
final class HealthChecks: Sendable {
    /// What came of a check.
    struct Outcome: Hashable {
        var name: String
        var endpoint: HealthEndpoint
        var isHealthy: Bool
    }

    private let all: [HealthCheck]
    private let seen = Mutex<[Outcome: Int]>([:])

    init(_ checks: [HealthCheck]) { all = checks }

    func checks(of endpoint: HealthEndpoint) -> [HealthCheck] { all.filter { $0.endpoints.contains(endpoint) } }

    /// Runs a check and counts what came of it.
    func problem(_ check: HealthCheck, _ endpoint: HealthEndpoint) -> (any Error)? {
        var problem: (any Error)?
        do {
            try check.run()
        } catch {
            problem = error
        }
        seen.withLock { $0[Outcome(name: check.name, endpoint: endpoint, isHealthy: problem == nil), default: 0] += 1 }
        return problem
    }

    /// What comes of each check of an endpoint now.
    func outcomes(of endpoint: HealthEndpoint) -> [(name: String, isHealthy: Bool)] {
        checks(of: endpoint).map { ($0.name, problem($0, endpoint) == nil) }
    }

    /// How often each outcome was seen.
    var counts: [(outcome: Outcome, count: Int)] {
        seen.withLock { $0 }.sorted {
            ($0.key.name, $0.key.endpoint.rawValue) < ($1.key.name, $1.key.endpoint.rawValue)
        }.map { ($0.key, $0.value) }
    }

    struct Report {
        var isHealthy: Bool
        var text: String
    }

    /// All checks of an endpoint in one text: `ok`, or a line a check where that was asked for or one failed. What is
    /// wrong is not in it, since everybody may read it.
    func report(_ endpoint: HealthEndpoint, isVerbose: Bool, excluded: [String]) -> Report {
        let excluded = Set(excluded)
        var unmatched = excluded
        var lines = ""
        var hasFailed = false
        for check in checks(of: endpoint) {
            if excluded.contains(check.name) {
                unmatched.remove(check.name)
                lines += "[+]\(check.name) excluded: ok\n"
                continue
            }
            if problem(check, endpoint) == nil {
                lines += "[+]\(check.name) ok\n"
            } else {
                hasFailed = true
                lines += "[-]\(check.name) failed: reason withheld\n"
            }
        }
        if !unmatched.isEmpty {
            let names = unmatched.sorted().map(Self.quoted).joined(separator: ",")
            lines += "warn: some health checks cannot be excluded: no matches for \(names)\n"
        }
        if hasFailed { return Report(isHealthy: false, text: lines + "\(endpoint.rawValue) check failed\n") }
        return Report(isHealthy: true, text: isVerbose ? lines + "\(endpoint.rawValue) check passed\n" : "ok")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
