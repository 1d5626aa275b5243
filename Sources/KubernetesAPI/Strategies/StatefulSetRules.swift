import APIMachinery
import JSON

/// What a stateful set may look like.
enum StatefulSetRules {
    /// What of a spec may change.
    private static let mutable = [
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
    ]

    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        managementPolicy(spec["podManagementPolicy"], &errors)
        updateStrategy(spec.fields("updateStrategy"), &errors)
        for name in ["whenDeleted", "whenScaled"] {
            errors.oneOf(["Retain", "Delete"], spec.fields("persistentVolumeClaimRetentionPolicy")[name])
        }
        let isNew = !object.fields("metadata")["resourceVersion"].isSet
        if isNew {
            for claim in spec["volumeClaimTemplates"].items { ClaimRules.spec(claim.fields.fields("spec"), &errors) }
        }
        errors.nonNegative(spec["replicas"])
        errors.nonNegative(spec["minReadySeconds"])
        errors.nonNegative(spec.fields("ordinals")["start"])
        if isNew { errors.shape(NameRules.problemsOfLabel, spec["serviceName"]) }
        selectorAndTemplate(spec, &errors)
    }

    private static func managementPolicy(_ policy: FieldValue, _ errors: inout FieldErrors) {
        switch policy.text {
        case "": errors.required(policy)
        case "OrderedReady", "Parallel": return
        default: errors.invalid(policy, "must be 'OrderedReady' or 'Parallel'")
        }
    }

    private static func updateStrategy(_ strategy: Fields, _ errors: inout FieldErrors) {
        let rolling = strategy["rollingUpdate"]
        switch strategy["type"].text {
        case "": errors.add(.required(strategy.path))
        case "OnDelete":
            if rolling.isSet {
                errors.invalid(rolling, "only allowed for updateStrategy 'RollingUpdate'")
            }
        case "RollingUpdate":
            errors.nonNegative(rolling.fields["partition"])
            let unavailable = rolling.fields["maxUnavailable"]
            guard unavailable.isSet else { return }
            PercentRules.check(unavailable, &errors)
            if PercentRules.amount(unavailable) == 0 { errors.invalid(unavailable, "cannot be 0") }
            PercentRules.atMostAll(unavailable, &errors)
        default:
            errors.add(
                ["must be 'RollingUpdate' or 'OnDelete'"], at: strategy.path,
                value: WorkloadRules.shown(strategy, settings: ["Partition", "MaxUnavailable"]))
        }
    }

    private static func selectorAndTemplate(_ spec: Fields, _ errors: inout FieldErrors) {
        let selector = spec["selector"]
        let template = spec.fields("template")
        if !selector.isSet {
            errors.required(selector)
        } else {
            SelectorRules.check(selector, &errors)
            if SelectorRules.isEmpty(selector) { errors.invalid(selector, "empty selector is invalid for statefulset") }
        }
        if let value = selector.value, let parsed = try? LabelSelector(structured: value), !parsed.isEverything {
            SelectorRules.match(parsed, template: template, &errors)
        }
        let claims = spec["volumeClaimTemplates"].items.map { $0.fields.fields("metadata")["name"].text }
        PodRules.template(template, &errors, claims: claims)
        let policy = template.fields("spec")["restartPolicy"]
        if policy.text != "Always" { errors.add(.notSupported(policy.path, policy.value ?? "", supported: ["Always"])) }
        let deadline = template.fields("spec")["activeDeadlineSeconds"]
        if deadline.isSet { errors.forbidden(deadline, "activeDeadlineSeconds in StatefulSet is not Supported") }
    }

    static func update(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        guard spec.members.differs(from: stored.members, but: mutable) else { return }
        let names = mutable.map { "'\($0)'" }
        errors.add(
            .forbidden(
                spec.path,
                "updates to statefulset spec for fields other than \(names.dropLast().joined(separator: ", ")) and "
                    + "\(names.last ?? "") are forbidden"))
    }
}
