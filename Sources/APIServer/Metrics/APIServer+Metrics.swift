import APIMachinery
import HTTPTransport
import Storage

extension APIServer {
    private static let metricsContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

    /// `/metrics` and `/metrics/slis`. No method is refused, as in Kubernetes.
    func metrics(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard context.request.path.last != "/" else { throw UnknownPath() }
        let text: MetricsText
        switch segments.dropFirst().joined(separator: "/") {
        case "": text = metricsText()
        case "slis": text = serviceLevelText()
        default: throw UnknownPath()
        }
        return .body(status: 200, contentType: Self.metricsContentType, ByteSegments(text.bytes))
    }

    private func metricsText() -> MetricsText {
        var text = MetricsText()
        let state = metrics.snapshot
        writeRequests(state, to: &text)
        writeStorage(storage.statistics, to: &text)
        writeProcess(to: &text)
        return text
    }

    // MARK: Requests

    private func writeRequests(_ state: RequestMetrics.State, to text: inout MetricsText) {
        let series = state.series.sorted { $0.key.order < $1.key.order }
        text.family("apiserver_request_total", .counter, help: "Requests by verb, resource and status.")
        for (labels, series) in series {
            for (code, count) in series.codes.sorted(by: { $0.code < $1.code }) {
                text.sample("apiserver_request_total", [("code", String(code))] + labels.all(withDryRun: true), count)
            }
        }
        text.family(
            "apiserver_request_duration_seconds", .histogram, help: "Seconds to answer a request; watches aside.")
        for (labels, series) in series where series.seconds.count > 0 {
            text.histogram("apiserver_request_duration_seconds", labels.all(withDryRun: true), series.seconds)
        }
        text.family("apiserver_response_sizes", .histogram, help: "Bytes of the answers' bodies, before compression.")
        for (labels, series) in series where series.sizes.count > 0 && !labels.resource.isEmpty {
            text.histogram("apiserver_response_sizes", labels.all(withDryRun: false), series.sizes)
        }
        writeDeprecated(series.map(\.key), to: &text)
        let inFlight = metrics.inFlight
        text.family("apiserver_current_inflight_requests", .gauge, help: "Requests that are being answered.")
        text.sample("apiserver_current_inflight_requests", [("request_kind", "mutating")], inFlight.writes)
        text.sample("apiserver_current_inflight_requests", [("request_kind", "readOnly")], inFlight.reads)
        text.family("apiserver_longrunning_requests", .gauge, help: "Watches that are open.")
        text.sample(
            "apiserver_longrunning_requests", [("component", "apiserver"), ("verb", "WATCH")], watchHub.watchCount)
        text.family("authentication_attempts", .counter, help: "Requests by whether they proved who made them.")
        text.sample("authentication_attempts", [("result", "failure")], state.authentications.failures)
        text.sample("authentication_attempts", [("result", "success")], state.authentications.successes)
    }

    /// Deprecated resources that clients have asked for.
    private func writeDeprecated(_ labels: [RequestMetrics.Labels], to text: inout MetricsText) {
        text.family("apiserver_requested_deprecated_apis", .gauge, help: "Deprecated resources that were asked for.")
        let contents = registry.contents
        var seen: Set<RequestMetrics.Labels> = []
        for labels in labels {
            guard let resource = contents.resource(labels.groupVersion, labels.resource),
                resource.version.deprecationWarning != nil
            else { continue }
            var key = RequestMetrics.Labels(verb: "", groupVersion: labels.groupVersion, resource: labels.resource)
            key.subresource = labels.subresource
            guard seen.insert(key).inserted else { continue }
            text.sample(
                "apiserver_requested_deprecated_apis",
                [
                    ("group", key.groupVersion.group), ("removed_release", ""), ("resource", key.resource),
                    ("subresource", key.subresource), ("version", key.groupVersion.version),
                ], 1)
        }
    }

    // MARK: The store

    private func writeStorage(_ statistics: StorageStatistics, to text: inout MetricsText) {
        let counts = statistics.objectCounts.map { (key: $0.key.description.split(separator: "/"), count: $0.value) }
            .map { (group: $0.key.count > 1 ? String($0.key[0]) : "", resource: String($0.key.last ?? ""), $0.count) }
            .sorted { ($0.group, $0.resource) < ($1.group, $1.resource) }
        text.family("apiserver_storage_objects", .gauge, help: "Objects in the store by resource.")
        for (group, resource, count) in counts {
            text.sample(
                "apiserver_storage_objects", [("resource", group.isEmpty ? resource : resource + "." + group)], count)
        }
        text.family("apiserver_resource_objects", .gauge, help: "Objects in the store by group and resource.")
        for (group, resource, count) in counts {
            text.sample("apiserver_resource_objects", [("group", group), ("resource", resource)], count)
        }
        text.family("apiserver_storage_size_bytes", .gauge, help: "Bytes of the database on disk.")
        text.sample(
            "apiserver_storage_size_bytes", [("storage_cluster_id", "sqlite")], statistics.databaseBytes)
        let counters = statistics.counters
        text.family("etcd_request_duration_seconds", .histogram, help: "Seconds of the store's transactions.")
        let labels = [("operation", "txn"), ("type", "")]
        text.sample("etcd_request_duration_seconds_bucket", labels + [("le", "+Inf")], counters.commits)
        text.sample("etcd_request_duration_seconds_sum", labels, Double(counters.commitNanoseconds) / 1e9)
        text.sample("etcd_request_duration_seconds_count", labels, counters.commits)
        writeOwn(statistics, to: &text)
    }

    /// What only this store has.
    private func writeOwn(_ statistics: StorageStatistics, to text: inout MetricsText) {
        let counters = statistics.counters
        let counts: [(String, MetricsText.Kind, String, Int)] = [
            (
                "martlet_storage_committed_writes_total", .counter, "Writes that were committed.",
                counters.committedWrites
            ),
            ("martlet_storage_failed_commits_total", .counter, "Transactions that failed.", counters.failedCommits),
            ("martlet_storage_conflicts_total", .counter, "Writes refused by a precondition.", counters.conflicts),
            ("martlet_storage_pending_writes", .gauge, "Writes that wait.", statistics.pendingWrites),
            ("martlet_storage_history_events", .gauge, "Events that watches can begin from.", statistics.historyEvents),
        ]
        for (name, kind, help, count) in counts {
            text.family(name, kind, help: help)
            text.sample(name, [], count)
        }
    }

    // MARK: The process

    private func writeProcess(to text: inout MetricsText) {
        text.family("kubernetes_build_info", .gauge, help: "The version whose API is served.")
        let names = [
            ("build_date", "buildDate"), ("compiler", "compiler"), ("git_commit", "gitCommit"),
            ("git_tree_state", "gitTreeState"), ("git_version", "gitVersion"), ("go_version", "goVersion"),
            ("major", "major"), ("minor", "minor"), ("platform", "platform"),
        ]
        let facts = Dictionary(ServerVersion.facts.map { ($0.name, $0.value) }) { first, _ in first }
        text.sample("kubernetes_build_info", names.map { ($0.0, facts[$0.1] ?? "") }, 1)
        let memory = ProcessFacts.memoryBytes
        text.family("process_cpu_seconds_total", .counter, help: "Seconds of CPU.")
        text.sample("process_cpu_seconds_total", [], ProcessFacts.cpuSeconds)
        let gauges: [(String, String, Int)] = [
            ("process_open_fds", "Open files.", ProcessFacts.openFileCount),
            ("process_max_fds", "Files that may be open.", ProcessFacts.maximumOpenFiles),
            ("process_resident_memory_bytes", "Bytes in memory.", memory.resident),
            ("process_virtual_memory_bytes", "Bytes of address space.", memory.virtual),
        ]
        for (name, help, value) in gauges {
            text.family(name, .gauge, help: help)
            text.sample(name, [], value)
        }
        writeStartTime(to: &text)
    }

    private func writeStartTime(to text: inout MetricsText) {
        text.family("process_start_time_seconds", .gauge, help: "When the server started, in seconds of the epoch.")
        text.sample("process_start_time_seconds", [], Double(startTime / 1_000_000) / 1e3)
    }

    // MARK: Service levels

    /// The outcome of every check, and how often each was seen (KEP-3466).
    private func serviceLevelText() -> MetricsText {
        var text = MetricsText()
        text.family("kubernetes_healthcheck", .gauge, help: "1 where a check passes now.")
        for endpoint in HealthEndpoint.allCases {
            for (check, isHealthy) in healthChecks.outcomes(of: endpoint) {
                text.sample(
                    "kubernetes_healthcheck", [("name", check), ("type", endpoint.rawValue)], isHealthy ? 1 : 0)
            }
        }
        text.family("kubernetes_healthchecks_total", .counter, help: "Outcomes of checks.")
        for (outcome, count) in healthChecks.counts {
            text.sample(
                "kubernetes_healthchecks_total",
                [
                    ("name", outcome.name), ("status", outcome.isHealthy ? "success" : "error"),
                    ("type", outcome.endpoint.rawValue),
                ], count)
        }
        writeStartTime(to: &text)
        return text
    }
}

extension RequestMetrics.Labels {
    fileprivate var order: String { "\(groupVersion.group)/\(resource)/\(subresource)/\(verb)/\(scope)/\(isDryRun)" }

    /// In the order of their names.
    fileprivate func all(withDryRun: Bool) -> [(String, String)] {
        [("component", "apiserver")] + (withDryRun ? [("dry_run", isDryRun ? "All" : "")] : []) + [
            ("group", groupVersion.group), ("resource", resource), ("scope", scope), ("subresource", subresource),
            ("verb", verb), ("version", groupVersion.version),
        ]
    }
}
