import APIMachinery
import JSON

/// What a pod's status may become (`ValidatePodStatusUpdate`).
enum PodStatusRules {
    static func check(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (status, stored) = (pod.fields("status"), old.fields("status"))
        nomination(status["nominatedNodeName"], stored["nominatedNodeName"], of: old, &errors)
        errors.nonNegative(status["observedGeneration"])
        if !stored["qosClass"].isEmpty { errors.immutable(status["qosClass"], stored["qosClass"]) }
        for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
            transitions(status[list], from: stored[list], of: old.fields("spec"), &errors)
        }
        addresses(status["podIPs"], &errors)
        if let first = status["hostIPs"].items.first?.fields["ip"], first.text != status["hostIP"].text {
            errors.add(["must be equal to `hostIP`"], at: first.path, value: .string(first.text))
        }
        addresses(status["hostIPs"], &errors)
    }

    /// A pod that has a node is not nominated for another.
    private static func nomination(
        _ new: FieldValue, _ stored: FieldValue, of pod: Fields, _ errors: inout FieldErrors
    ) {
        guard !new.isEmpty, new.text != stored.text else { return }
        errors.shape(NameRules.problemsOfSubdomain, new)
        if !pod.fields("spec")["nodeName"].isEmpty {
            errors.forbidden(new, "may not be set on pods that are already bound to a node")
        }
    }

    /// A container that has ended stays so, where the pod's policy starts none anew.
    private static func transitions(
        _ new: FieldValue, from stored: FieldValue, of spec: Fields, _ errors: inout FieldErrors
    ) {
        let policy = spec["restartPolicy"].text
        if policy == "Always" { return }
        let restartable = restartableContainers(of: spec)
        for (index, before) in stored.items.map(\.fields).enumerated() {
            guard let end = before.fields("state").ifPresent("terminated") else { continue }
            let name = before["name"].text
            if policy == "OnFailure", end["exitCode"].int ?? 0 != 0 { continue }
            if restartable.contains(name) { continue }
            let after = new.items.first { $0.fields["name"].text == name }
            if let after, after.fields.fields("state").ifPresent("terminated") == nil {
                errors.add(
                    .forbidden(
                        new.path.index(index).child("state"), "may not be transitioned to non-terminated state"))
            }
        }
    }

    /// Containers that start anew whatever the pod's policy is.
    private static func restartableContainers(of spec: Fields) -> Set<String> {
        let containers = (spec["containers"].items + spec["initContainers"].items).map(\.fields)
        return Set(
            containers.filter { !$0["restartPolicyRules"].isEmpty || $0["restartPolicy"].text == "Always" }
                .map { $0["name"].text })
    }

    /// Addresses, at most one of each family. Messages show them as Kubernetes' internal type.
    private static func addresses(_ list: FieldValue, _ errors: inout FieldErrors) {
        let texts = list.items.map { $0.fields["ip"].text }
        for (item, text) in zip(list.items, texts) {
            errors.add(IPRules.problemsOfAddress(text), at: item.path, value: .string(text))
        }
        guard texts.count > 1 else { return }
        let families = Set(texts.compactMap { IPAddress($0)?.family })
        if families.count != 2 || texts.count > 2 {
            errors.add(
                ["may specify no more than one IP for each IP family"], at: list.path,
                value: .array(texts.map { ["IP": .string($0)] }))
        }
        var seen = Set<String>()
        for (item, text) in zip(list.items, texts) where !seen.insert(text).inserted {
            errors.add(.duplicate(item.path, ["IP": .string(text)]))
        }
    }
}
