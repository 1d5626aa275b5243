import APIMachinery
import JSON

extension Tables {
    static let pod: [TableColumn] = [
        .name,
        .text("Ready", ColumnDescription.podReady) { PodSummary($0).readiness },
        .text("Status", ColumnDescription.podStatus) { PodSummary($0).reason },
        TableColumn(name: "Restarts", type: "string", description: ColumnDescription.podRestarts) { object, now in
            .string(PodSummary(object).restarts(at: now))
        },
        .age,
        .text("IP", wide: true, ColumnDescription.podIP) { object in
            let ip = object.items("status", "podIPs").first?.text("ip") ?? ""
            return ip.isEmpty ? CellText.none : ip
        },
        .text("Node", wide: true, ColumnDescription.podNode, at: "spec", "nodeName", or: CellText.none),
        .text(
            "Nominated Node", wide: true, ColumnDescription.podNominatedNode, at: "status", "nominatedNodeName",
            or: CellText.none),
        .text("Readiness Gates", wide: true, ColumnDescription.podReadinessGates, readinessGates),
    ]

    private static func readinessGates(_ pod: JSON) -> String {
        let gates = pod.items("spec", "readinessGates")
        guard !gates.isEmpty else { return CellText.none }
        let passed = gates.count { pod.isConditionTrue($0.text("conditionType")) }
        return "\(passed)/\(gates.count)"
    }

    static let podTemplate: [TableColumn] =
        [.name]
        + containerColumns("template", "spec").map { column in
            var column = column
            column.priority = 0
            return column
        }
        + [
            .text("Pod Labels", "Labels of pods made from the template.") {
                CellText.labels($0.at("template", "metadata", "labels"))
            }
        ]
}

/// A pod's state in the words of its table row.
struct PodSummary {
    private(set) var reason: String
    private var ready = 0
    private var total: Int
    private var restarts: Int64 = 0
    private var lastRestart: KubernetesTime?

    var readiness: String { "\(ready)/\(total)" }

    func restarts(at now: Int64) -> String {
        guard restarts > 0, let lastRestart else { return "\(restarts)" }
        return "\(restarts) (\(lastRestart.age(at: KubernetesTime(epochSeconds: now))) ago)"
    }

    init(_ pod: JSON) {
        let statusReason = pod.text("status", "reason")
        reason = statusReason.isEmpty ? pod.text("status", "phase") : statusReason
        total = pod.items("spec", "containers").count
        if pod.condition("PodScheduled")?.text("reason") == "SchedulingGated" { reason = "SchedulingGated" }
        let isInitializing = readInitContainers(of: pod)
        if !isInitializing || pod.isConditionTrue("Initialized") { readContainers(of: pod) }
        guard pod.at("metadata", "deletionTimestamp") != nil else { return }
        if statusReason == "NodeLost" {
            reason = "Unknown"
        } else if !["Succeeded", "Failed"].contains(pod.text("status", "phase")) {
            reason = "Terminating"
        }
    }

    /// Restarts of init containers that go on beside the others, which count however the pod stands.
    private var sidecarRestarts: Int64 = 0
    private var lastSidecarRestart: KubernetesTime?

    /// - Returns: whether an init container is still to end.
    private mutating func readInitContainers(of pod: JSON) -> Bool {
        let specs = pod.items("spec", "initContainers")
        let sidecars = Set(specs.filter { $0.text("restartPolicy") == "Always" }.map { $0.text("name") })
        total += sidecars.count
        for (index, status) in pod.items("status", "initContainerStatuses").enumerated() {
            let isSidecar = sidecars.contains(status.text("name"))
            note(restartsOf: status)
            if isSidecar { note(sidecarRestartsOf: status) }
            let terminated = status.at("state", "terminated")
            if let terminated, terminated.integer("exitCode") == 0 { continue }
            if isSidecar, status["started"]?.boolValue == true {
                if status["ready"]?.boolValue == true { ready += 1 }
                continue
            }
            reason = "Init:" + Self.initReason(status, terminated, "\(index)/\(specs.count)")
            return true
        }
        return false
    }

    private static func initReason(_ status: JSON, _ terminated: JSON?, _ progress: String) -> String {
        if let terminated { return Self.reason(ofTerminated: terminated) }
        let waiting = status.text("state", "waiting", "reason")
        return waiting.isEmpty || waiting == "PodInitializing" ? progress : waiting
    }

    private static func reason(ofTerminated state: JSON) -> String {
        let reason = state.text("reason")
        if !reason.isEmpty { return reason }
        let signal = state.integer("signal")
        return signal != 0 ? "Signal:\(signal)" : "ExitCode:\(state.integer("exitCode"))"
    }

    private mutating func readContainers(of pod: JSON) {
        restarts = sidecarRestarts
        lastRestart = lastSidecarRestart
        var hasRunning = false
        var failure: String?
        for status in pod.items("status", "containerStatuses").reversed() {
            note(restartsOf: status)
            let waiting = status.text("state", "waiting", "reason")
            if !waiting.isEmpty {
                reason = waiting
            } else if let terminated = status.at("state", "terminated") {
                reason = Self.reason(ofTerminated: terminated)
                if !terminated.text("reason").isEmpty, terminated.integer("exitCode") != 0 { failure = reason }
            } else if status["ready"]?.boolValue == true, status.at("state", "running") != nil {
                hasRunning = true
                ready += 1
            }
        }
        guard reason == "Completed" else { return }
        if hasRunning, pod.isConditionTrue("Ready") {
            reason = "Running"
        } else if let failure {
            reason = failure
        } else if hasRunning {
            reason = "NotReady"
        }
    }

    private mutating func note(restartsOf status: JSON) {
        restarts += status.integer("restartCount")
        lastRestart = Self.later(lastRestart, status)
    }

    private mutating func note(sidecarRestartsOf status: JSON) {
        sidecarRestarts += status.integer("restartCount")
        lastSidecarRestart = Self.later(lastSidecarRestart, status)
    }

    private static func later(_ time: KubernetesTime?, _ status: JSON) -> KubernetesTime? {
        guard let ended = Age.moment(status.text("lastState", "terminated", "finishedAt")) else { return time }
        guard let time else { return ended }
        return max(time, ended)
    }
}
