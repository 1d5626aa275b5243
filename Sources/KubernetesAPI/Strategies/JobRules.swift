import APIMachinery
import JSON

/// What jobs may look like.
enum JobRules {
    private static let counts = [
        "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
        "backoffLimitPerIndex", "maxFailedIndexes",
    ]
    private static let actions = ["Count", "FailIndex", "FailJob", "Ignore"]
    /// Rules of a failure or success policy.
    private static let maximumRules = 20
    private static let maximumExitCodes = 255
    private static let maximumManagerLength = 63

    static func job(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        generatedSelector(object, &errors)
        check(spec, &errors)
        selector(spec, &errors)
        indexedName(object, &errors)
    }

    /// The name of an indexed job's last pod must be a host's name too.
    private static func indexedName(_ object: Fields, _ errors: inout FieldErrors) {
        let (spec, name) = (object.fields("spec"), object.fields("metadata")["name"])
        guard spec["completionMode"].text == "Indexed", let count = spec["completions"].int, count > 0 else { return }
        let host = "\(name.text)-\(count - 1)"
        if !NameRules.problemsOfLabel(host).isEmpty {
            errors.invalid(name, "will not able to create pod with invalid DNS label: \(host)")
        }
    }

    /// A `JobSpec`, in a job or a cron job.
    static func check(_ spec: Fields, _ errors: inout FieldErrors) {
        for name in counts { errors.nonNegative(spec[name]) }
        if spec["maxFailedIndexes"].isSet, !spec["backoffLimitPerIndex"].isSet {
            errors.required(spec["backoffLimitPerIndex"], "when maxFailedIndexes is specified")
        }
        managedBy(spec["managedBy"], &errors)
        errors.oneOf(["NonIndexed", "Indexed"], spec["completionMode"])
        let mode = spec["completionMode"]
        let isIndexed = mode.text == "Indexed"
        if isIndexed {
            indexes(spec, &errors)
        } else if !mode.isSet || mode.text == "NonIndexed" {
            for name in ["backoffLimitPerIndex", "maxFailedIndexes"] where spec[name].isSet {
                errors.invalid(spec[name], "requires indexed completion mode")
            }
        }
        if let policy = spec.ifPresent("podFailurePolicy") { failurePolicy(policy, of: spec, &errors) }
        if let policy = spec.ifPresent("successPolicy") {
            if isIndexed {
                SuccessPolicyRules.check(policy, completions: spec["completions"].int ?? 0, &errors)
            } else {
                errors.invalid(spec["successPolicy"], "requires indexed completion mode")
            }
        }
        replacementPolicy(spec, &errors)
        PodRules.template(spec.fields("template"), &errors)
        restartPolicy(spec, &errors)
    }

    /// Indexes that a job with a limit for each of them may have, and how many of those at once.
    private static let maximumIndexes: Int64 = 100_000
    private static let maximumWithManyIndexes: Int64 = 10_000

    private static func indexes(_ spec: Fields, _ errors: inout FieldErrors) {
        let (completions, parallelism, failed) = (spec["completions"], spec["parallelism"], spec["maxFailedIndexes"])
        if !completions.isSet { errors.required(completions, "when completion mode is Indexed") }
        if let count = parallelism.int, count > maximumIndexes {
            errors.invalid(
                parallelism, "must be less than or equal to \(maximumIndexes) when completion mode is Indexed")
        }
        if let count = completions.int, let limit = failed.int, limit > count {
            errors.invalid(failed, "must be less than or equal to completions")
        }
        if let limit = failed.int, limit > maximumIndexes {
            errors.invalid(failed, "must be less than or equal to \(maximumIndexes)")
        }
        guard let count = completions.int, count > maximumIndexes, spec["backoffLimitPerIndex"].isSet else { return }
        if !failed.isSet {
            errors.required(failed, "must be specified when completions is above \(maximumIndexes)")
        }
        for field in [parallelism, failed] where (field.int ?? 0) > maximumWithManyIndexes {
            errors.invalid(
                field,
                "must be less than or equal to \(maximumWithManyIndexes) when completions are above "
                    + "\(maximumIndexes) and used with backoff limit per index")
        }
    }

    private static func managedBy(_ manager: FieldValue, _ errors: inout FieldErrors) {
        guard manager.isSet else { return }
        DomainPathRules.check(manager, &errors)
        if manager.text.utf8.count > maximumManagerLength {
            errors.add(.tooLong(manager.path, maximumBytes: maximumManagerLength))
        }
    }

    private static func failurePolicy(_ policy: Fields, of spec: Fields, _ errors: inout FieldErrors) {
        let pod = spec.fields("template").fields("spec")
        let containers = Set(
            (pod["containers"].items + pod["initContainers"].items).map { $0.fields["name"].text })
        let rules = policy["rules"].items
        if rules.count > maximumRules {
            errors.add(.tooMany(policy.path.child("rules"), count: rules.count, maximum: maximumRules))
        }
        for rule in rules {
            let fields = rule.fields
            requireOne(of: actions, fields["action"], &errors)
            if fields["action"].text == "FailIndex", !spec["backoffLimitPerIndex"].isSet {
                errors.invalid(fields["action"], "requires the backoffLimitPerIndex to be set")
            }
            if let codes = fields.ifPresent("onExitCodes") { exitCodes(codes, containers: containers, &errors) }
            let conditions = fields["onPodConditions"]
            if conditions.items.count > maximumRules {
                errors.add(.tooMany(conditions.path, count: conditions.items.count, maximum: maximumRules))
            }
            for condition in fields["onPodConditions"].items.map(\.fields) {
                errors.add(NameRules.problemsOfQualifiedName(condition["type"].text), at: condition["type"])
                requireOne(of: ["False", "True", "Unknown"], condition["status"], &errors)
            }
            let hasConditions = !fields["onPodConditions"].isEmpty
            if fields["onExitCodes"].isSet, hasConditions {
                errors.invalidRule(rule, "specifying both OnExitCodes and OnPodConditions is not supported")
            } else if !fields["onExitCodes"].isSet, !hasConditions {
                errors.invalidRule(rule, "specifying one of OnExitCodes and OnPodConditions is required")
            }
        }
    }

    /// One of some texts, which a message lists too where there is none.
    private static func requireOne(of supported: [String], _ field: FieldValue, _ errors: inout FieldErrors) {
        let list = supported.map { "\"\($0)\"" }.joined(separator: " ")
        errors.requireOne(of: supported, field, "valid values: [\(list)]")
    }

    private static func exitCodes(_ codes: Fields, containers: Set<String>, _ errors: inout FieldErrors) {
        requireOne(of: ["In", "NotIn"], codes["operator"], &errors)
        let container = codes["containerName"]
        if container.isSet, !containers.contains(container.text) {
            errors.invalid(container, "must be one of the container or initContainer names in the pod template")
        }
        let values = codes["values"]
        if values.isEmpty { errors.invalid(values, "at least one value is required") }
        if values.items.count > maximumExitCodes {
            errors.add(.tooMany(values.path, count: values.items.count, maximum: maximumExitCodes))
        }
        var seen = Set<Int64>()
        for value in values.items {
            if codes["operator"].text == "In", value.int == 0 {
                errors.invalid(value, "must not be 0 for the In operator")
            }
            if let code = value.int, !seen.insert(code).inserted { errors.duplicate(value) }
        }
        let list = values.items.compactMap(\.int)
        if list != list.sorted() { errors.invalid(values, "must be ordered") }
    }

    private static func replacementPolicy(_ spec: Fields, _ errors: inout FieldErrors) {
        let supported = spec["podFailurePolicy"].isSet ? ["Failed"] : ["Failed", "TerminatingOrFailed"]
        errors.oneOf(supported, spec["podReplacementPolicy"])
    }

    private static func restartPolicy(_ spec: Fields, _ errors: inout FieldErrors) {
        let policy = spec.fields("template").fields("spec")["restartPolicy"]
        switch policy.text {
        case "", "Always": errors.required(policy, "valid values: \"OnFailure\", \"Never\"")
        case "OnFailure":
            if spec["podFailurePolicy"].isSet {
                errors.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified")
            }
        case "Never": return
        default: errors.add(.notSupported(policy.path, policy.value ?? "", supported: ["OnFailure", "Never"]))
        }
    }

    private static func selector(_ spec: Fields, _ errors: inout FieldErrors) {
        let selector = spec["selector"]
        errors.requireSet(selector)
        SelectorRules.check(selector, &errors)
        if let parsed = try? LabelSelector(structured: selector.value) {
            SelectorRules.match(parsed, template: spec.fields("template"), &errors)
        }
    }

    /// A job that does not bring its own selector has the one that the server made, and its pods the labels for it.
    private static func generatedSelector(_ object: Fields, _ errors: inout FieldErrors) {
        let (spec, metadata) = (object.fields("spec"), object.fields("metadata"))
        let selector = spec["selector"]
        guard spec["manualSelector"].bool != true, selector.isSet else { return }
        let (name, uid) = (metadata["name"].text, metadata["uid"].text)
        let labels = spec.fields("template").fields("metadata")["labels"]
        let expected = [
            (JobSelector.legacyControllerUIDLabel, uid), (JobSelector.legacyJobNameLabel, name),
            (JobSelector.controllerUIDLabel, uid), (JobSelector.jobNameLabel, name),
        ]
        for (label, text) in expected {
            let given = labels.value?[label]?.stringValue
            if given == text { continue }
            if given != nil {
                // All labels are shown.
                errors.add(["must be '\(text)'"], at: labels.path.key(label), value: labels.value ?? .null)
            } else {
                errors.add(.required(labels.path.key(label), "must be '\(text)'"))
            }
        }
        let generated = Dictionary(expected) { first, _ in first }
        if let parsed = try? LabelSelector(structured: selector.value), !parsed.matches(generated) {
            errors.invalid(selector, "`selector` not auto-generated")
        }
    }

    static func update(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        // A second time: Kubernetes asks for a right job, and then for a right update.
        check(spec, &errors)
        selector(spec, &errors)
        completions(spec, stored, &errors)
        errors.immutable(spec["selector"], stored["selector"])
        template(spec, stored, old.fields("status"), &errors)
        for name in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
            errors.immutable(spec[name], stored[name])
        }
    }

    /// An indexed job grows and shrinks by both of its numbers at once.
    private static func completions(_ spec: Fields, _ stored: Fields, _ errors: inout FieldErrors) {
        guard spec["completions"].value != stored["completions"].value else { return }
        guard spec["completionMode"].text == "Indexed" else {
            return errors.immutable(spec["completions"], stored["completions"])
        }
        if spec["completions"].isSet, spec["completions"].value != spec["parallelism"].value {
            errors.invalid(spec["completions"], "can only be modified in tandem with spec.parallelism")
        }
    }

    /// Where a suspended job is to run may still change, once none of its pods run.
    private static func template(
        _ spec: Fields, _ stored: Fields, _ status: Fields, _ errors: inout FieldErrors
    ) {
        var (template, before) = (spec["template"].value ?? [:], stored["template"].value ?? [:])
        let isSuspended = status["conditions"].items.map(\.fields).contains {
            $0["type"].text == "Suspended" && $0["status"].text == "True"
        }
        let isIdle = isSuspended && (status["active"].int ?? 0) == 0
        if stored["suspend"].bool == true, isIdle || !status["startTime"].isSet {
            clearMutable(of: &template)
            clearMutable(of: &before)
        }
        if template != before { errors.invalid(spec["template"], "field is immutable") }
    }

    private static func clearMutable(of template: inout JSON) {
        template.edit { template in
            template.edit("metadata") { metadata in
                for name in ["labels", "annotations"] { metadata[name] = nil }
            }
            template.edit("spec") { spec in
                for name in ["nodeSelector", "tolerations", "schedulingGates"] { spec[name] = nil }
                spec.edit("affinity") { $0["nodeAffinity"] = nil }
                if spec.object("affinity")?.isEmpty ?? false { spec["affinity"] = nil }
                guard FeatureGates.isEnabled("MutablePodResourcesForSuspendedJobs") else { return }
                for list in ["containers", "initContainers"] {
                    spec.editItems(of: list) { $0["resources"] = nil }
                }
            }
        }
    }
}

extension FieldErrors {
    /// An error about a rule as a whole, whose value Kubernetes leaves out.
    fileprivate mutating func invalidRule(_ rule: FieldValue, _ detail: String) {
        add(FieldError(.invalid, rule.path, detail: detail))
    }
}
