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
struct HealthChecks: Sendable {
    private let all: [HealthCheck]

    init(_ checks: [HealthCheck]) { all = checks }

    func checks(of endpoint: HealthEndpoint) -> [HealthCheck] { all.filter { $0.endpoints.contains(endpoint) } }

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
            do {
                try check.run()
                lines += "[+]\(check.name) ok\n"
            } catch {
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
