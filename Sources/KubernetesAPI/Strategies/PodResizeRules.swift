import APIMachinery
import JSON

/// `pods/resize`: CPU and memory of containers that may be running already (`ValidatePodResize`).
enum PodResizeRules {
    private static let resizable = ["cpu", "memory"]
    private static let lists = ["containers", "initContainers"]

    // MARK: Preparation

    /// Leaves the pod as it was but for what its containers are to have. Containers are taken by name, in the order of
    /// the request, so that one that is out of place shows.
    static func prepare(_ spec: inout JSONObject, from old: JSONObject) {
        var prepared = old
        for list in lists where !spec.items(list).isEmpty || !old.items(list).isEmpty {
            let stored = old.items(list)
            prepared[list] = .array(
                spec.items(list).map { container in
                    guard var kept = stored.first(where: { $0["name"] == container["name"] }) else { return container }
                    for field in ["resources", "resizePolicy"] { kept[field] = container[field] }
                    return kept
                })
        }
        prepared["resources"] = spec["resources"]
        spec = prepared
    }

    // MARK: Rules

    static func check(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (pod.fields("spec"), old.fields("spec"))
        if old.fields("status")["qosClass"].text != PodQualityOfService.of(spec.members).rawValue {
            errors.add(
                ["Pod QOS Class may not change as a result of resizing"], at: spec.path,
                value: pod.fields("status")["qosClass"].value ?? "")
        }
        if !nodeResizes(old) {
            errors.add(.forbidden(spec.path, "Pod running on node without support for resize"))
        }
        checkPodLevel(spec, stored, &errors)
        guard keepsOrder(spec, stored, &errors) else { return }
        for list in lists.reversed() { keepsResources(spec[list].items, stored[list].items, &errors) }
        for (container, before) in zip(spec["containers"].items, stored["containers"].items)
        where differsBeyondSize(container, before) {
            errors.add(.forbidden(spec.path, "only cpu and memory resources are mutable"))
        }
        for (container, before) in zip(spec["initContainers"].items, stored["initContainers"].items) {
            checkInitial(container, before, &errors)
        }
    }

    /// A node that resizes says what its running containers have.
    private static func nodeResizes(_ pod: Fields) -> Bool {
        let running = pod.fields("status")["containerStatuses"].items.first {
            $0.fields.fields("state")["running"].isSet
        }
        return running?.fields["resources"].isSet ?? true
    }

    private static func checkPodLevel(_ spec: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (now, before) = (spec["resources"], old["resources"])
        if before.isEmpty, now.isEmpty { return }
        if now.isEmpty { return errors.forbidden(now, "pod-level resources cannot be removed") }
        keepsAmounts(now.fields, before.fields, "pod-level resource ", &errors)
        if others(now.value) != others(before.value) {
            errors.add(.forbidden(spec.path, "only cpu and memory resources are mutable at pod-level"))
        }
    }

    private static func keepsOrder(_ spec: Fields, _ old: Fields, _ errors: inout FieldErrors) -> Bool {
        var isKept = true
        for list in lists {
            let (now, before) = (spec[list].items, old[list].items)
            if now.count != before.count {
                errors.forbidden(spec[list], "\(list) may not be added or removed on resize")
                isKept = false
                continue
            }
            for (container, other) in zip(now, before) where container.fields["name"].text != other.fields["name"].text
            {
                errors.forbidden(container.fields["name"], "\(list) may not be renamed or reordered on resize")
                isKept = false
            }
        }
        return isKept
    }

    private static func keepsResources(_ list: [FieldValue], _ old: [FieldValue], _ errors: inout FieldErrors) {
        for (container, before) in zip(list, old) {
            keepsAmounts(
                container.fields.fields("resources"), before.fields.fields("resources"), "resource ", &errors)
        }
    }

    /// Amounts may change but not go.
    private static func keepsAmounts(
        _ resources: Fields, _ old: Fields, _ subject: String, _ errors: inout FieldErrors
    ) {
        for kind in ["requests", "limits"] {
            let now = resources[kind].value?.objectValue ?? [:]
            let before = old[kind].value?.objectValue ?? [:]
            if before.contains(where: { now[$0.key] == nil }) {
                errors.forbidden(resources[kind], "\(subject)\(kind) cannot be removed")
            }
        }
    }

    private static func checkInitial(_ container: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) {
        if differsBeyondSize(container, old) {
            errors.forbidden(container, "only cpu and memory resources for init or sidecar containers are mutable")
        }
        let restarts = container.fields["resizePolicy"].items.contains {
            $0.fields["restartPolicy"].text == "RestartContainer"
        }
        if restarts, container.fields["restartPolicy"].text != "Always", container.value != old.value {
            errors.forbidden(
                container, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized")
        }
    }

    private static func differsBeyondSize(_ container: FieldValue, _ old: FieldValue) -> Bool {
        func rest(_ field: FieldValue) -> JSONObject {
            var members = field.value?.objectValue ?? [:]
            members["resources"] = others(members["resources"])
            return members
        }
        return rest(container) != rest(old)
    }

    /// Resources without CPU and memory; what is left empty is left out.
    private static func others(_ resources: JSON?) -> JSON? {
        guard case .object(var resources)? = resources else { return nil }
        for kind in ["requests", "limits"] {
            guard case .object(var amounts)? = resources[kind] else { continue }
            for name in resizable { amounts[name] = nil }
            resources[kind] = amounts.isEmpty ? nil : .object(amounts)
        }
        return resources.isEmpty ? nil : .object(resources)
    }
}
