import Testing

@testable import APIServer

@Suite struct HealthTests {
    private struct Broken: Error {}

    private func checks(isBroken: Bool = false) -> HealthChecks {
        HealthChecks([
            HealthCheck(name: "ping", endpoints: [.livez, .readyz]) {},
            HealthCheck(name: "etcd", endpoints: [.livez]) { if isBroken { throw Broken() } },
        ])
    }

    @Test func saysOKWhereNobodyAsksForMore() {
        let report = checks().report(.livez, isVerbose: false, excluded: [])
        #expect(report.isHealthy)
        #expect(report.text == "ok")
    }

    @Test func listsChecksWhereAsked() {
        let report = checks().report(.livez, isVerbose: true, excluded: [])
        #expect(report.text == "[+]ping ok\n[+]etcd ok\nlivez check passed\n")
    }

    @Test func listsChecksWhereOneFailsWithoutTellingWhy() {
        let report = checks(isBroken: true).report(.livez, isVerbose: false, excluded: [])
        #expect(!report.isHealthy)
        #expect(report.text == "[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n")
    }

    @Test func doesNotRunWhatIsExcluded() {
        let report = checks(isBroken: true).report(.livez, isVerbose: true, excluded: ["etcd"])
        #expect(report.isHealthy)
        #expect(report.text == "[+]ping ok\n[+]etcd excluded: ok\nlivez check passed\n")
    }

    @Test func warnsOfExclusionsThatNameNothing() {
        let report = checks().report(.readyz, isVerbose: true, excluded: ["none", "etcd"])
        let warning = "warn: some health checks cannot be excluded: no matches for \"etcd\",\"none\"\n"
        #expect(report.text == "[+]ping ok\n" + warning + "readyz check passed\n")
    }

    @Test func countsOutcomes() {
        let checks = checks(isBroken: true)
        _ = checks.outcomes(of: .livez)
        _ = checks.outcomes(of: .livez)
        #expect(checks.counts.map(\.count) == [2, 2])
    }

    @Test func isReadyBetweenStartAndEnd() {
        let lifecycle = ServerLifecycle()
        #expect(lifecycle.stage == .starting)
        lifecycle.becomeReady()
        #expect(lifecycle.stage == .ready)
        lifecycle.becomeUnready()
        lifecycle.becomeReady()
        #expect(lifecycle.stage == .stopping, "a server that stops does not come back")
    }

    @Test func holdsAFailedCommitAgainstTheStoreUntilOneSucceeds() {
        var health = CommitHealth()
        health.observe(commits: 1, failures: 0)
        #expect(health.isHealthy)
        health.observe(commits: 1, failures: 1)
        #expect(!health.isHealthy)
        health.observe(commits: 1, failures: 1)
        #expect(!health.isHealthy, "nothing has changed")
        health.observe(commits: 2, failures: 1)
        #expect(health.isHealthy)
    }
}
