import APIMachinery
import JSON

/// What a pod's status may become (`ValidatePodStatusUpdate`).
enum PodStatusRules {
    static func check(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (status, stored) = (pod.fields("status"), old.fields("status"))
        PodAnnotationRules.checkUpdate(pod, old, &errors)
        conditions(status["conditions"], at: pod.path.child("metadata", "conditions"), &errors)
        nomination(status["nominatedNodeName"], stored["nominatedNodeName"], of: old, &errors)
        errors.nonNegative(status["observedGeneration"])
        if !stored["qosClass"].isEmpty { errors.immutable(status["qosClass"], stored["qosClass"]) }
        let spec = old.fields("spec")
        let policy = spec["restartPolicy"].text
        for list in ["containerStatuses", "initContainerStatuses"] {
            transitions(status[list], from: stored[list], of: spec, policy: policy, &errors)
        }
        // What is added to look at a pod never starts anew.
        let added = "ephemeralContainerStatuses"
        transitions(status[added], from: stored[added], of: spec, policy: "Never", &errors)
        claims(status["resourceClaimStatuses"], of: pod.fields("spec"), &errors)
        AddressListRules.podAddresses(status["podIPs"], &errors)
        AddressListRules.hostAddresses(status["hostIPs"], first: status["hostIP"], &errors)
        ContainerStatusRules.check(pod, &errors)
    }

    private static let systemConditions: Set<String> = ["PodScheduled", "Ready", "Initialized"]

    /// - Parameter path: a place of Kubernetes' own for these errors.
    private static func conditions(
        _ conditions: FieldValue, at path: @autoclosure () -> FieldPath, _ errors: inout FieldErrors
    ) {
        for (index, condition) in conditions.items.map(\.fields).enumerated() {
            let type = condition["type"].text
            if systemConditions.contains(type) { continue }
            errors.add(
                NameRules.problemsOfQualifiedName(type), at: path().index(index).child("Type"), value: .string(type))
        }
    }

    /// The claims that were made for a pod are those that it asks for.
    private static func claims(_ statuses: FieldValue, of spec: Fields, _ errors: inout FieldErrors) {
        let known = Set(spec["resourceClaims"].items.map { $0.fields["name"].text })
        var seen = Set<String>()
        for status in statuses.items.map(\.fields) {
            let (name, claim) = (status["name"], status["resourceClaimName"])
            if !known.contains(name.text) {
                errors.invalid(name, "must match the name of an entry in `spec.resourceClaims`")
            }
            if !seen.insert(name.text).inserted { errors.duplicate(name) }
            if claim.isSet {
                errors.add(NameRules.problemsOfSubdomain(claim.text), at: name.path, value: .string(claim.text))
            }
        }
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
        _ new: FieldValue, from stored: FieldValue, of spec: Fields, policy: String, _ errors: inout FieldErrors
    ) {
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
}
