package import APIMachinery
package import JSON
package import KubernetesClient

/// What a node does with one of its pods, from what the pod's status says and the time: nothing is remembered beside
/// it, so a node that starts anew takes every pod up where it stands.
package struct PodLifecycle: Sendable {
    /// A thing to be told in an event about one container.
    package struct Event: Sendable, Hashable {
        package var reason: String
        package var message: String
        package var container: String
    }

    package enum Step: Sendable, Hashable {
        /// As it should be. It may change by itself at a time.
        case none(next: KubernetesTime?)
        /// Write this status; then look again.
        case writeStatus(JSON, [Event])
        /// Every container has ended, and the pod is to go.
        case delete
    }

    package struct Place: Sendable, Hashable {
        package var hostIP: String
        package var podIP: String

        package init(hostIP: String, podIP: String) {
            self.hostIP = hostIP
            self.podIP = podIP
        }
    }

    private let pod: Pod
    private let place: Place
    private let now: KubernetesTime
    private let run: PodRun

    package init(_ pod: Pod, at place: Place, now: KubernetesTime) {
        self.pod = pod
        self.place = place
        self.now = now
        run = PodRun(of: pod)
    }

    /// The next thing to do.
    package var step: Step {
        if pod.hasEnded { return pod.isBeingDeleted ? .delete : .none(next: nil) }
        if pod.isBeingDeleted {
            // A pod that never ran has nothing to stop.
            guard isStarted else { return .delete }
            return .writeStatus(ended(as: terminated(exitCode: 0), asPhase: "Succeeded"), events("Killing"))
        }
        guard isStarted else { return .writeStatus(running(restarts: 0, last: nil), startEvents) }
        return next
    }

    private var isStarted: Bool { pod.status["startTime"]?.stringValue != nil }

    private var containerStatuses: [JSON] { pod.status["containerStatuses"]?.arrayValue ?? [] }

    private var next: Step {
        let state = containerStatuses.first?["state"]
        if let running = state?["running"] {
            if let seconds = run.seconds {
                let started = running["startedAt"].flatMap { KubernetesTime(json: $0) } ?? now
                let end = started.advanced(bySeconds: seconds)
                if end <= now { return .writeStatus(afterEnd, []) }
                return refreshed(next: end)
            }
            return refreshed(next: nil)
        }
        let restarts = containerStatuses.compactMap { $0["restartCount"]?.intValue }.max() ?? 0
        let last = containerStatuses.first?["lastState"]
        let finished = last?["terminated"]?["finishedAt"].flatMap { KubernetesTime(json: $0) } ?? now
        let restart = finished.advanced(bySeconds: PodRun.backoff(restarts: restarts))
        if restart > now { return refreshed(next: restart) }
        return .writeStatus(running(restarts: restarts + 1, last: last), startEvents)
    }

    /// The conditions follow the pod's readiness gates, which others set.
    private func refreshed(next: KubernetesTime?) -> Step {
        let containersReady = containerStatuses.allSatisfy { $0["ready"]?.boolValue ?? false }
        var status = pod.status
        status["conditions"] = conditions(containersReady: containersReady, reason: nil)
        status["observedGeneration"] = pod.generation > 0 ? .int(pod.generation) : nil
        return status == pod.status ? .none(next: next) : .writeStatus(status, [])
    }
}

// Statuses.
extension PodLifecycle {
    private func running(restarts: Int64, last: JSON?) -> JSON {
        var status = pod.status.isNull ? .object([:]) : pod.status
        status["phase"] = "Running"
        status["observedGeneration"] = pod.generation > 0 ? .int(pod.generation) : nil
        status["startTime"] = status["startTime"] ?? now.json
        status["hostIP"] = .string(place.hostIP)
        status["hostIPs"] = [["ip": .string(place.hostIP)]]
        status["podIP"] = .string(place.podIP)
        status["podIPs"] = [["ip": .string(place.podIP)]]
        status["containerStatuses"] = statuses(
            pod.containers, state: ["running": ["startedAt": now.json]], isRunning: true, restarts: restarts, last: last
        )
        let sidecars = pod.initContainers.contains { isSidecar($0) }
        if !pod.initContainers.isEmpty, restarts == 0 || sidecars {
            status["initContainerStatuses"] = .array(
                pod.initContainers.map { container in
                    isSidecar(container)
                        ? self.status(
                            of: container, state: ["running": ["startedAt": now.json]], isRunning: true, restarts: 0,
                            last: nil)
                        : self.status(
                            of: container, state: ["terminated": terminated(exitCode: 0)], isRunning: false,
                            restarts: 0, last: nil, isReady: true)
                })
        }
        status["conditions"] = conditions(containersReady: true, reason: nil)
        return status
    }

    /// The containers have run their time.
    private var afterEnd: JSON {
        let end = terminated(exitCode: run.exitCode)
        guard run.isRestarted else { return ended(as: end, asPhase: run.exitCode == 0 ? "Succeeded" : "Failed") }
        let restarts = containerStatuses.compactMap { $0["restartCount"]?.intValue }.max() ?? 0
        let seconds = PodRun.backoff(restarts: restarts)
        var status = pod.status
        status["containerStatuses"] = .array(
            pod.containers.map { container in
                let name = container["name"]?.stringValue ?? ""
                let message =
                    "back-off \(seconds)s restarting failed container=\(name) "
                    + "pod=\(pod.name)_\(pod.namespace)(\(pod.uid))"
                return self.status(
                    of: container,
                    state: ["waiting": ["reason": "CrashLoopBackOff", "message": .string(message)]],
                    isRunning: false, restarts: restarts, last: ["terminated": end])
            })
        status["conditions"] = conditions(containersReady: false, reason: nil)
        return status
    }

    private func ended(as end: JSON, asPhase phase: String) -> JSON {
        var status = pod.status
        status["phase"] = .string(phase)
        let restarts = containerStatuses.compactMap { $0["restartCount"]?.intValue }.max() ?? 0
        status["containerStatuses"] = statuses(
            pod.containers, state: ["terminated": end], isRunning: false, restarts: restarts,
            last: containerStatuses.first?["lastState"])
        if let initial = status["initContainerStatuses"]?.arrayValue {
            status["initContainerStatuses"] = .array(
                initial.map { one in
                    guard one["state"]?["running"] != nil else { return one }
                    var one = one
                    one["state"] = ["terminated": end]
                    one["started"] = false
                    one["ready"] = false
                    return one
                })
        }
        status["conditions"] = conditions(
            containersReady: false, reason: phase == "Succeeded" ? "PodCompleted" : "PodFailed")
        return status
    }

    private func isSidecar(_ container: JSON) -> Bool { container["restartPolicy"]?.stringValue == "Always" }

    private func terminated(exitCode: Int64) -> JSON {
        let started = containerStatuses.first?["state"]?["running"]?["startedAt"] ?? now.json
        return [
            "exitCode": .int(exitCode), "reason": exitCode == 0 ? "Completed" : "Error", "startedAt": started,
            "finishedAt": now.json,
        ]
    }

    private func statuses(
        _ containers: [JSON], state: JSON, isRunning: Bool, restarts: Int64, last: JSON?
    ) -> JSON {
        .array(
            containers.map { status(of: $0, state: state, isRunning: isRunning, restarts: restarts, last: last) })
    }

    private func status(
        of container: JSON, state: JSON, isRunning: Bool, restarts: Int64, last: JSON?, isReady: Bool? = nil
    ) -> JSON {
        let name = container["name"]?.stringValue ?? ""
        let image = container["image"]?.stringValue ?? ""
        return [
            "name": .string(name), "image": .string(image), "imageID": .string("simulated://" + image),
            "containerID": .string("simulated://\(pod.uid)/\(name)/\(restarts)"), "ready": .bool(isReady ?? isRunning),
            "started": .bool(isRunning), "restartCount": .int(restarts), "state": state, "lastState": last ?? [:],
        ]
    }
}

// Conditions.
extension PodLifecycle {
    /// The pod's five conditions in the order in which a kubelet writes them, then those of others.
    /// - Parameter reason: why a pod that has ended is not ready.
    private func conditions(containersReady: Bool, reason: String?) -> JSON {
        let present = pod.status["conditions"]?.arrayValue ?? []
        let gate = unmetGates
        let notReady =
            "containers with unready status: [\(pod.containers.compactMap { $0["name"]?.stringValue }.joined(separator: " "))]"
        let containers: (String, String?) =
            containersReady ? ("", nil) : (reason ?? "ContainersNotReady", reason == nil ? notReady : nil)
        let ready: (String, String?) = containersReady && !gate.isEmpty ? ("ReadinessGatesNotReady", gate) : containers
        let own: [(type: String, isTrue: Bool, reason: (String, String?))] = [
            ("PodReadyToStartContainers", reason == nil, ("", nil)),
            ("Initialized", true, (reason == "PodCompleted" ? "PodCompleted" : "", nil)),
            ("Ready", containersReady && gate.isEmpty, ready),
            ("ContainersReady", containersReady, containers),
            ("PodScheduled", true, ("", nil)),
        ]
        let conditions = own.map { condition($0.type, $0.isTrue, $0.reason, present: present) }
        let names = Set(own.map(\.type))
        return .array(conditions + present.filter { !names.contains($0["type"]?.stringValue ?? "") })
    }

    private func condition(
        _ type: String, _ isTrue: Bool, _ reason: (name: String, message: String?), present: [JSON]
    ) -> JSON {
        let before = present.first { $0["type"]?.stringValue == type }
        let status = isTrue ? "True" : "False"
        let unchanged = before?["status"]?.stringValue == status
        var condition: JSON = [
            "type": .string(type), "status": .string(status), "lastProbeTime": .null,
            "lastTransitionTime": (unchanged ? before?["lastTransitionTime"] : nil) ?? now.json,
        ]
        if pod.generation > 0 { condition["observedGeneration"] = .int(pod.generation) }
        if !reason.name.isEmpty { condition["reason"] = .string(reason.name) }
        if let message = reason.message { condition["message"] = .string(message) }
        return condition
    }

    /// What is told of readiness gates that hold the pod back; empty where none does.
    private var unmetGates: String {
        let gates = pod.spec["readinessGates"]?.arrayValue?.compactMap { $0["conditionType"]?.stringValue } ?? []
        return gates.compactMap { gate in
            guard let condition = pod.condition(gate) else {
                return "corresponding condition of pod readiness gate \"\(gate)\" does not exist."
            }
            if condition.isTrue { return nil }
            return "the status of pod readiness gate \"\(gate)\" is not \"True\", but \(condition.status)"
        }.joined(separator: ", ")
    }
}

// Events.
extension PodLifecycle {
    private var startEvents: [Event] {
        pod.containers.flatMap { container -> [Event] in
            let name = container["name"]?.stringValue ?? ""
            let image = container["image"]?.stringValue ?? ""
            return [
                Event(
                    reason: "Pulled",
                    message: "Container image \"\(image)\" already present on machine and can be accessed by the pod",
                    container: name),
                Event(reason: "Created", message: "Container created", container: name),
                Event(reason: "Started", message: "Container started", container: name),
            ]
        }
    }

    private func events(_ reason: String) -> [Event] {
        pod.containers.map { container in
            let name = container["name"]?.stringValue ?? ""
            return Event(reason: reason, message: "Stopping container \(name)", container: name)
        }
    }
}
