import APIMachinery
import HTTPTransport
import KubernetesAPI
import Storage
import Synchronization

extension APIServer {
    /// `/metrics` and `/metrics/slis`. No method is refused, as in Kubernetes.
    func metrics(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard context.request.path.last != "/" else { throw UnknownPath() }
        let families: MetricFamilies
        switch segments.dropFirst().joined(separator: "/") {
        case "": families = metricFamilies()
        case "slis": families = serviceLevels()
        default: throw UnknownPath()
        }
        let form = MetricsForm(accept: context.request.headers["accept"])
        return .body(status: 200, contentType: form.contentType, ByteSegments(form.encode(families)))
    }

    private func metricFamilies() -> MetricFamilies {
        var families = MetricFamilies()
        writeRequests(metrics.snapshot, to: &families)
        admission.metrics.write(to: &families)
        writeWatches(to: &families)
        writeStorage(storage.statistics, to: &families)
        writeProcess(to: &families)
        return families
    }

    // MARK: Requests

    private func writeRequests(
        _ series: [(labels: RequestLabels, series: RequestMetrics.Series)], to families: inout MetricFamilies
    ) {
        families.family("apiserver_request_total", .counter, help: "Requests by verb, resource and status.")
        for (labels, series) in series {
            for (code, count) in series.codes.sorted(by: { $0.code < $1.code }) {
                families.sample([("code", String(code))] + labels.all(withDryRun: true), count)
            }
        }
        families.family(
            "apiserver_request_duration_seconds", .histogram, help: "Seconds to answer a request; watches aside.")
        for (labels, series) in series where series.seconds.count > 0 {
            families.histogram(labels.all(withDryRun: true), series.seconds)
        }
        families.family(
            "apiserver_response_sizes", .histogram, help: "Bytes of the answers' bodies, before compression.")
        for (labels, series) in series where series.sizes.count > 0 && labels.resource != nil {
            families.histogram(labels.all(withDryRun: false), series.sizes)
        }
        writeDeprecated(series.map(\.labels), to: &families)
        let inFlight = metrics.inFlight
        families.family("apiserver_current_inflight_requests", .gauge, help: "Requests that are being answered.")
        families.sample([("request_kind", "mutating")], inFlight.writes)
        families.sample([("request_kind", "readOnly")], inFlight.reads)
        families.family("apiserver_longrunning_requests", .gauge, help: "Watches that are open.")
        families.sample([("component", "apiserver"), ("verb", "WATCH")], watchHub.watchCount)
        writeLists(series, to: &families)
        if let transport = transport.withLock({ $0.server }) {
            families.family("apiserver_tls_handshake_errors_total", .counter, help: "TLS handshakes that failed.")
            families.sample([], transport.statistics.failedHandshakes)
        }
        let authentications = metrics.authentications
        families.family("authentication_attempts", .counter, help: "Requests by whether they proved who made them.")
        families.sample([("result", "failure")], authentications.failures)
        families.sample([("result", "success")], authentications.successes)
        families.family("authenticated_user_requests", .counter, help: "Requests by who made them.")
        for (user, count) in authentications.users.sorted(by: { $0.key < $1.key }) {
            families.sample([("username", user)], count)
        }
    }

    private func writeLists(
        _ series: [(labels: RequestLabels, series: RequestMetrics.Series)], to families: inout MetricFamilies
    ) {
        var counts: [String: UInt64] = [:]
        for (labels, series) in series where labels.verb == .list {
            guard let resource = labels.resource else { continue }
            let answered = series.codes.first { $0.code == 200 }?.count ?? 0
            counts[resource.groupResource.description, default: 0] += answered
        }
        families.family("apiserver_storage_list_total", .counter, help: "Lists that were read from the store.")
        for (resource, count) in counts.sorted(by: { $0.key < $1.key }) {
            families.sample([("resource", resource)], count)
        }
    }

    /// Deprecated resources that clients have asked for.
    private func writeDeprecated(_ labels: [RequestLabels], to families: inout MetricFamilies) {
        families.family(
            "apiserver_requested_deprecated_apis", .gauge, help: "Deprecated resources that were asked for.")
        var seen: Set<String> = []
        for labels in labels where labels.resource?.version.deprecationWarning != nil {
            let key = "\(labels.groupVersion)/\(labels.resourceName)/\(labels.subresource)"
            guard seen.insert(key).inserted else { continue }
            families.sample(
                [
                    ("group", labels.groupVersion.group), ("removed_release", ""), ("resource", labels.resourceName),
                    ("subresource", labels.subresource), ("version", labels.groupVersion.version),
                ], 1)
        }
    }

    // MARK: Watches

    private func writeWatches(to families: inout MetricFamilies) {
        let kinds = watchMetrics.snapshot.map { kind, sizes in
            (labels: [("group", kind.group), ("kind", kind.kind), ("version", kind.version)], sizes: sizes)
        }
        families.family("apiserver_watch_events_total", .counter, help: "Events sent to watches.")
        for (labels, sizes) in kinds { families.sample(labels, sizes.count) }
        families.family("apiserver_watch_events_sizes", .histogram, help: "Bytes of the events sent to watches.")
        for (labels, sizes) in kinds { families.histogram(labels, sizes) }
        families.family(
            "apiserver_init_events_total", .counter, help: "Objects that watches were shown when they began.")
        for (resource, count) in watchMetrics.initialEvents {
            families.sample([("group", resource.group), ("resource", resource.resource)], count)
        }
    }

    // MARK: The store

    private func writeStorage(_ statistics: StorageStatistics, to families: inout MetricFamilies) {
        let counts = statistics.objectCounts.map { (key: $0.key.description.split(separator: "/"), count: $0.value) }
            .map { (group: $0.key.count > 1 ? String($0.key[0]) : "", resource: String($0.key.last ?? ""), $0.count) }
            .sorted { ($0.group, $0.resource) < ($1.group, $1.resource) }
        families.family("apiserver_storage_objects", .gauge, help: "Objects in the store by resource.")
        for (group, resource, count) in counts {
            families.sample([("resource", group.isEmpty ? resource : resource + "." + group)], count)
        }
        families.family("apiserver_resource_objects", .gauge, help: "Objects in the store by group and resource.")
        for (group, resource, count) in counts {
            families.sample([("group", group), ("resource", resource)], count)
        }
        families.family("apiserver_storage_size_bytes", .gauge, help: "Bytes of the database on disk.")
        families.sample([("storage_cluster_id", "sqlite")], statistics.databaseBytes)
        let counters = statistics.counters
        families.family("etcd_request_duration_seconds", .histogram, help: "Seconds of the store's transactions.")
        families.histogram(
            [("operation", "txn"), ("type", "")],
            .init(
                cumulative: [], sum: Double(counters.commitNanoseconds) / 1e9, count: UInt64(clamping: counters.commits)
            ))
        writeOwn(statistics, to: &families)
    }

    /// What only this store has.
    private func writeOwn(_ statistics: StorageStatistics, to families: inout MetricFamilies) {
        let counters = statistics.counters
        let counts: [(String, MetricFamilies.Kind, String, Int)] = [
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
            families.family(name, kind, help: help)
            families.sample([], count)
        }
    }

    // MARK: The process

    private func writeProcess(to families: inout MetricFamilies) {
        families.family("kubernetes_build_info", .gauge, help: "The version whose API is served.")
        let names = [
            ("build_date", "buildDate"), ("compiler", "compiler"), ("git_commit", "gitCommit"),
            ("git_tree_state", "gitTreeState"), ("git_version", "gitVersion"), ("go_version", "goVersion"),
            ("major", "major"), ("minor", "minor"), ("platform", "platform"),
        ]
        let facts = Dictionary(ServerVersion.facts.map { ($0.name, $0.value) }) { first, _ in first }
        families.sample(names.map { ($0.0, facts[$0.1] ?? "") }, 1)
        families.family("kubernetes_feature_enabled", .gauge, help: "1 where a feature gate is on.")
        for gate in FeatureGates.all {
            families.sample([("name", gate.name), ("stage", gate.stage)], gate.isEnabled ? 1 : 0)
        }
        let memory = ProcessFacts.memoryBytes
        families.family("process_cpu_seconds_total", .counter, help: "Seconds of CPU.")
        families.sample([], ProcessFacts.cpuSeconds)
        let gauges: [(String, String, Int)] = [
            ("process_open_fds", "Open files.", ProcessFacts.openFileCount),
            ("process_max_fds", "Files that may be open.", ProcessFacts.maximumOpenFiles),
            ("process_resident_memory_bytes", "Bytes in memory.", memory.resident),
            ("process_virtual_memory_bytes", "Bytes of address space.", memory.virtual),
        ]
        for (name, help, value) in gauges {
            families.family(name, .gauge, help: help)
            families.sample([], value)
        }
        writeStartTime(to: &families)
    }

    private func writeStartTime(to families: inout MetricFamilies) {
        families.family("process_start_time_seconds", .gauge, help: "When the server started, in seconds of the epoch.")
        families.sample([], Double(startTime / 1_000_000) / 1e3)
    }

    // MARK: Service levels

    /// The outcome of every check, and how often each was seen (KEP-3466).
    private func serviceLevels() -> MetricFamilies {
        var families = MetricFamilies()
        families.family("kubernetes_healthcheck", .gauge, help: "1 where a check passes now.")
        for endpoint in HealthEndpoint.allCases {
            for (check, isHealthy) in healthChecks.outcomes(of: endpoint) {
                families.sample([("name", check), ("type", endpoint.rawValue)], isHealthy ? 1 : 0)
            }
        }
        families.family("kubernetes_healthchecks_total", .counter, help: "Outcomes of checks.")
        for (outcome, count) in healthChecks.counts {
            families.sample(
                [
                    ("name", outcome.name), ("status", outcome.isHealthy ? "success" : "error"),
                    ("type", outcome.endpoint.rawValue),
                ], count)
        }
        writeStartTime(to: &families)
        return families
    }
}
