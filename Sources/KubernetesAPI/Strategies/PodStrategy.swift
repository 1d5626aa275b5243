package import APIMachinery
package import JSON

/// The strategy of pods.
package struct PodStrategy: ComposedStrategy {
    package let base = DefaultStrategy(.namespaced) {
        $0.hasStatus = true
        // Of the status, the creator may set the quality of service.
        $0.keepsStatusOfNew = true
        $0.generation = .counted
        $0.metadataKeptByStatus = .members(["ownerReferences"])
        $0.defaults = { pod in
            PodDefaults.pod(&pod)
            if pod.object("status") != nil { pod.edit("status", mirrorAddresses) }
        }
        $0.preparation = prepareNew
        $0.statusPreparation = { pod, old in
            pod.editCreating("status") { status in
                let stored = old.object("status")
                if status.isBlank("qosClass") { status.take("qosClass", from: stored) }
                keepObservedGenerations(in: &status, from: stored ?? [:])
            }
        }
        $0.selectableFields = [
            "spec.host": SelectableField("spec.nodeName"),
            "spec.nodeName": SelectableField("spec.nodeName"),
            "spec.restartPolicy": SelectableField("spec.restartPolicy"),
            "spec.schedulerName": SelectableField("spec.schedulerName"),
            "spec.serviceAccountName": SelectableField("spec.serviceAccountName"),
            "spec.hostNetwork": SelectableField("spec.hostNetwork", missing: "false"),
            "status.phase": SelectableField("status.phase"),
            "status.podIP": SelectableField("status.podIP"),
            "status.nominatedNodeName": SelectableField("status.nominatedNodeName"),
        ]
        $0.rules = PodRules.pod
        $0.creationRules = PodRules.newPod
        $0.updateRules = PodUpdateRules.check
        $0.statusRules = PodStatusRules.check
        $0.warn = WorkloadWarnings.pod
        $0.updateSteps = [.metadataUpdate, .metadataCreation, .rules, .updateRules]
    }

    package init() {}

    /// `podIP` is the first of `podIPs`; where they differ it is the one that counts, and alone.
    private static func mirrorAddresses(of status: inout JSONObject) {
        let first = status.items("podIPs").first?["ip"]
        if status.isBlank("podIP") {
            status["podIP"] = first
        } else if let address = status["podIP"], address != first {
            status["podIPs"] = [["ip": address]]
        }
    }

    /// A generation that was observed does not get lost to a writer who does not know of it. Conditions of one type go in
    /// their order.
    private static func keepObservedGenerations(in status: inout JSONObject, from old: JSONObject) {
        let name = "observedGeneration"
        if (status.int(name) ?? 0) == 0, old.has(name) { status.take(name, from: old) }
        var generations = Dictionary(grouping: old.items("conditions"), by: { $0["type"]?.stringValue ?? "" })
            .mapValues { $0.map { $0[name] }[...] }
        status.editItems(of: "conditions") { condition in
            let before = generations[condition.string("type") ?? ""]?.popFirst() ?? nil
            if (condition.int(name) ?? 0) == 0, let before { condition[name] = before }
        }
    }

    private static func prepareNew(_ pod: inout JSONObject) {
        let spec = pod.object("spec") ?? [:]
        var status: JSONObject = ["phase": "Pending"]
        if !spec.items("schedulingGates").isEmpty {
            status["conditions"] = [
                [
                    "type": "PodScheduled", "status": "False", "lastProbeTime": .null, "lastTransitionTime": .null,
                    "reason": "SchedulingGated", "message": "Scheduling is blocked due to non-empty scheduling gates",
                ]
            ]
        }
        // The class that a creator gives is taken for it.
        let given = pod.object("status")?.string("qosClass") ?? ""
        status["qosClass"] = .string(given.isEmpty ? PodQualityOfService.of(spec).rawValue : given)
        pod["status"] = .object(status)
        pod.edit("spec") { spec in
            if (spec.int("terminationGracePeriodSeconds") ?? 0) < 0 { spec["terminationGracePeriodSeconds"] = 1 }
        }
        PodLabelKeys.merge(into: &pod)
        AppArmorAnnotations.apply(to: &pod)
    }

    /// A pod has the time to go that it was made with, unless the request says otherwise; one that never ran or has
    /// ended goes at once.
    package func gracePeriodSeconds(deleting object: JSON, requested: Int64?) -> Int64? {
        let spec = object["spec"]
        let isAssigned = !(spec?["nodeName"]?.stringValue ?? "").isEmpty
        let phase = object["status"]?["phase"]?.stringValue
        if !isAssigned || phase == "Failed" || phase == "Succeeded" { return 0 }
        var period = requested ?? spec?["terminationGracePeriodSeconds"]?.intValue ?? 0
        // A negative period means one second.
        if period < 0 { period = 1 }
        return period
    }

    package func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {
        let prepare: (inout JSONObject, JSONObject) -> Void
        switch name {
        case "resize": prepare = PodResizeRules.prepare
        case "ephemeralcontainers": prepare = EphemeralContainerRules.prepare
        default: return base.prepareForUpdate(ofSubresource: name, &object, from: old)
        }
        guard case .object(let stored) = old else { return }
        object.edit { pod in
            pod.keepAll(but: ["metadata", "spec", "apiVersion", "kind"], from: stored)
            pod.edit("metadata") { metadata in
                metadata.keepAll(
                    but: ["managedFields", "resourceVersion", "uid"], from: stored.object("metadata") ?? [:])
            }
            pod.edit("spec") { prepare(&$0, stored.object("spec") ?? [:]) }
            base.countGeneration(of: &pod, from: stored)
        }
    }

    package func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        let (pod, stored) = (Fields(object), Fields(old))
        var errors = FieldErrors()
        let isMirror = old["metadata"]?["annotations"]?["kubernetes.io/config.mirror"] != nil
        switch name {
        case "resize":
            if isMirror { return [.forbidden(FieldPath.root.key(""), "static pods cannot be resized")] }
            if old["spec"]?["os"]?["name"]?.stringValue == "windows" {
                return [.forbidden(FieldPath.root.key(""), "windows pods cannot be resized")]
            }
            PodRules.pod(pod, &errors)
            PodResizeRules.check(pod, stored, &errors)
        case "ephemeralcontainers":
            if isMirror {
                return [.forbidden(FieldPath.root.key(""), "static pods do not support ephemeral containers")]
            }
            PodRules.pod(pod, &errors)
            PodAnnotationRules.checkUpdate(pod, stored, &errors)
            EphemeralContainerRules.check(pod, stored, &errors)
        default: return base.validateUpdate(ofSubresource: name, object, from: old)
        }
        return base.validateUpdate(ofSubresource: name, object, from: old) + errors.list
    }
}
