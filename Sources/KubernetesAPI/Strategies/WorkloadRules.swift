import APIMachinery
import JSON

/// What the kinds of `apps` and the replication controller may look like.
enum WorkloadRules {
    static func deployment(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.nonNegative(spec["replicas"])
        let selector = selector(of: spec, empty: "empty selector is invalid for deployment", &errors)
        if let selector { template(spec, selector: selector, &errors) }
        strategy(spec.fields("strategy"), &errors)
        errors.nonNegative(spec["minReadySeconds"])
        errors.nonNegative(spec["revisionHistoryLimit"])
        deadline(spec, &errors)
    }

    private static func deadline(_ spec: Fields, _ errors: inout FieldErrors) {
        let deadline = spec["progressDeadlineSeconds"]
        errors.nonNegative(deadline)
        if let seconds = deadline.int, seconds <= spec["minReadySeconds"].int ?? 0 {
            errors.invalid(deadline, "must be greater than minReadySeconds")
        }
    }

    private static func strategy(_ strategy: Fields, _ errors: inout FieldErrors) {
        let rolling = strategy["rollingUpdate"]
        switch strategy["type"].text {
        case "Recreate":
            if rolling.isSet { errors.forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'") }
        case "RollingUpdate":
            guard rolling.isSet else {
                return errors.required(rolling, "this should be defaulted and never be nil")
            }
            rollingUpdate(rolling.fields, &errors)
        default:
            let shown = shown(strategy, settings: ["MaxUnavailable", "MaxSurge"])
            errors.add(.notSupported(strategy.path, shown, supported: ["Recreate", "RollingUpdate"]))
        }
    }

    /// A strategy as messages show it: by the names of Kubernetes' internal type.
    static func shown(_ strategy: Fields, settings: [String]) -> JSON {
        let rolling = strategy.ifPresent("rollingUpdate").map { rolling in
            settings.reduce(into: JSONObject()) { shown, name in
                shown[name] = rolling[name.prefix(1).lowercased() + name.dropFirst()].value ?? .null
            }
        }
        return ["Type": .string(strategy["type"].text), "RollingUpdate": rolling.map { .object($0) } ?? .null]
    }

    private static func rollingUpdate(_ rolling: Fields, _ errors: inout FieldErrors) {
        let (unavailable, surge) = (rolling["maxUnavailable"], rolling["maxSurge"])
        PercentRules.check(unavailable, &errors)
        PercentRules.check(surge, &errors)
        if PercentRules.amount(unavailable) == 0, PercentRules.amount(surge) == 0 {
            errors.invalid(unavailable, "may not be 0 when `maxSurge` is 0")
        }
        PercentRules.atMostAll(unavailable, &errors)
    }

    static func replicaSet(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.nonNegative(spec["replicas"])
        errors.nonNegative(spec["minReadySeconds"])
        let selector = selector(of: spec, empty: "empty selector is invalid for deployment", &errors)
        if let selector { template(spec, selector: selector, &errors) }
    }

    /// The rules of a selector, and the selector where it can be read.
    private static func selector(
        of spec: Fields, empty: String, _ errors: inout FieldErrors
    ) -> LabelSelector? {
        let field = spec["selector"]
        if !field.isSet {
            errors.required(field)
        } else {
            SelectorRules.check(field, &errors)
            if SelectorRules.isEmpty(field) { errors.invalid(field, empty) }
        }
        // A missing selector selects nothing.
        guard let value = field.value else { return LabelSelector.nothing }
        do {
            return try LabelSelector(structured: value)
        } catch {
            errors.invalid(field, "invalid label selector")
            return nil
        }
    }

    /// The template of a workload whose pods run for ever.
    private static func template(
        _ spec: Fields, selector: LabelSelector, owner: String = "ReplicaSet", _ errors: inout FieldErrors
    ) {
        let template = spec.fields("template")
        // An empty selector was spoken of already.
        if !selector.isEverything { SelectorRules.match(selector, template: template, &errors) }
        PodRules.template(template, &errors)
        alwaysRuns(template, owner: owner, &errors)
    }

    private static func alwaysRuns(_ template: Fields, owner: String, _ errors: inout FieldErrors) {
        let spec = template.fields("spec")
        let policy = spec["restartPolicy"]
        if policy.text != "Always" { errors.add(.notSupported(policy.path, policy.value ?? "", supported: ["Always"])) }
        if spec["activeDeadlineSeconds"].isSet {
            errors.forbidden(
                spec["activeDeadlineSeconds"], "activeDeadlineSeconds in \(owner) is not Supported")
        }
    }

    static func replicationController(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.nonNegative(spec["minReadySeconds"])
        errors.require(spec["selector"])
        errors.requireSet(spec["replicas"])
        errors.nonNegative(spec["replicas"])
        guard spec["template"].isSet else { return errors.required(spec["template"]) }
        let template = spec.fields("template")
        var labels: [String: String] = [:]
        for label in spec["selector"].value?.objectValue ?? [:] { labels[label.key] = label.value.stringValue ?? "" }
        if !labels.isEmpty, let selector = try? LabelSelector(matchLabels: labels) {
            SelectorRules.match(selector, template: template, &errors)
        }
        PodRules.template(template, &errors)
        alwaysRuns(template, owner: "ReplicationController", &errors)
    }

    static func daemonSet(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        SelectorRules.check(spec["selector"], &errors)
        if let selector = try? LabelSelector(structured: spec["selector"].value) {
            SelectorRules.match(selector, template: spec.fields("template"), &errors)
        }
        if spec["selector"].isSet, SelectorRules.isEmpty(spec["selector"]) {
            errors.invalid(spec["selector"], "empty selector is invalid for daemonset")
        }
        PodRules.template(spec.fields("template"), &errors)
        alwaysRuns(spec.fields("template"), owner: "DaemonSet", &errors)
        errors.nonNegative(spec["minReadySeconds"])
        daemonStrategy(spec.fields("updateStrategy"), &errors)
        errors.nonNegative(spec["revisionHistoryLimit"])
    }

    private static func daemonStrategy(_ strategy: Fields, _ errors: inout FieldErrors) {
        switch strategy["type"].text {
        case "OnDelete": return
        case "RollingUpdate":
            guard let rolling = strategy.ifPresent("rollingUpdate") else {
                return errors.required(strategy["rollingUpdate"])
            }
            let (unavailable, surge) = (rolling["maxUnavailable"], rolling["maxSurge"])
            for field in [unavailable, surge] { PercentRules.check(field, &errors) }
            for field in [unavailable, surge] { PercentRules.atMostAll(field, &errors) }
            let (hasUnavailable, hasSurge) = (PercentRules.amount(unavailable) != 0, PercentRules.amount(surge) != 0)
            if hasUnavailable, hasSurge {
                errors.invalid(surge, "may not be set when maxUnavailable is non-zero")
            } else if !hasUnavailable, !hasSurge {
                errors.required(unavailable, "cannot be 0 when maxSurge is 0")
            }
        default:
            let shown = shown(strategy, settings: ["MaxUnavailable", "MaxSurge"])
            errors.add(.notSupported(strategy.path, shown, supported: ["RollingUpdate", "OnDelete"]))
        }
    }

    /// A selector may not change.
    static func keepsSelector(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object.fields("spec")["selector"], old.fields("spec")["selector"])
    }

    static func newControllerRevision(_ object: Fields, _ errors: inout FieldErrors) {
        switch object["data"].value {
        case nil: errors.required(object["data"], "data is mandatory")
        case .object?: break
        default: errors.required(object["data"], "data must be an object")
        }
        errors.nonNegative(object["revision"])
    }

    static func keepsData(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.nonNegative(object["revision"])
        errors.immutable(object["data"], old["data"])
    }

    static func podTemplate(_ object: Fields, _ errors: inout FieldErrors) {
        PodRules.template(object.fields("template"), &errors)
    }
}

// Status.
extension WorkloadRules {
    /// Counts of a status: none below 0.
    static func counts(_ names: [String]) -> DefaultStrategy.UpdateRules {
        { object, old, errors in
            let status = object.fields("status")
            for name in names { errors.nonNegative(status[name]) }
            if names.contains("collisionCount") { keepsCollisions(status, old.fields("status"), &errors) }
        }
    }

    /// Collisions are counted up alone.
    private static func keepsCollisions(_ status: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        guard let before = old["collisionCount"].int, status["collisionCount"].int ?? 0 < before else { return }
        errors.add(
            ["cannot be decremented"], at: status.path.child("collisionCount"),
            value: status["collisionCount"].value ?? 0)
    }

    /// Counts of which none is above that of all replicas, nor the available ones above the ready ones.
    /// - Parameters:
    ///   - names: the counts in the order in which they are looked at.
    ///   - ready: what messages call the count of the ready ones.
    static func replicaCounts(
        _ names: [String], ready: String = "readyReplicas"
    ) -> DefaultStrategy.UpdateRules {
        let parts = names.filter { name in
            !["replicas", "unavailableReplicas", "terminatingReplicas"].contains(name) && name.hasSuffix("Replicas")
        }
        return { object, old, errors in
            let status = object.fields("status")
            for name in names { errors.nonNegative(status[name]) }
            let replicas = status["replicas"].int ?? 0
            for name in parts {
                if let count = status[name].int, count > replicas {
                    errors.invalid(status[name], "cannot be greater than status.replicas")
                }
            }
            if let count = status["availableReplicas"].int, count > status["readyReplicas"].int ?? 0 {
                errors.invalid(status["availableReplicas"], "cannot be greater than \(ready)")
            }
            keepsCollisions(status, old.fields("status"), &errors)
        }
    }
}
