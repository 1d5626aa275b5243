import APIMachinery
import JSON

/// What disruption budgets, autoscalers, leases and classes of priority and runtime may look like.
enum PolicyRules {
    /// The highest priority that is not the system's own.
    private static let maximumPriority: Int64 = 1_000_000_000
    private static let systemPriorities: [String: Int64] = [
        "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000,
    ]

    static func budget(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let numbers = ["minAvailable", "maxUnavailable"].map { spec[$0] }
        if numbers.allSatisfy(\.isSet) {
            let shown: JSON = [
                "MinAvailable": numbers[0].value ?? .null, "Selector": spec["selector"].value ?? .null,
                "MaxUnavailable": numbers[1].value ?? .null,
                "UnhealthyPodEvictionPolicy": spec["unhealthyPodEvictionPolicy"].value ?? .null,
            ]
            errors.add(["minAvailable and maxUnavailable cannot be both set"], at: spec.path, value: shown)
        }
        for number in numbers where number.isSet {
            PercentRules.check(number, &errors)
            PercentRules.atMostAll(number, &errors)
        }
        SelectorRules.check(spec["selector"], &errors)
        errors.oneOf(["AlwaysAllow", "IfHealthyBudget"], spec["unhealthyPodEvictionPolicy"])
    }

    static func lease(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        if let seconds = spec["leaseDurationSeconds"].int, seconds <= 0 {
            errors.invalid(spec["leaseDurationSeconds"], "must be greater than 0")
        }
        errors.nonNegative(spec["leaseTransitions"])
        if spec["preferredHolder"].isSet, spec["strategy"].isEmpty {
            errors.forbidden(spec["preferredHolder"], "may only be specified if `strategy` is defined")
        }
    }

    static func priorityClass(_ object: Fields, _ errors: inout FieldErrors) {
        let (name, value) = (object.fields("metadata")["name"], object["value"])
        if name.text.hasPrefix("system-") {
            if let known = systemPriorities[name.text] {
                if known == value.int { return preemption(object, &errors) }
                errors.forbidden(
                    name,
                    "priority class names with 'system-' prefix are reserved for system use only. error: value of \(name.text) PriorityClass must be \(known)"
                )
            } else {
                errors.forbidden(
                    name,
                    "priority class names with 'system-' prefix are reserved for system use only. error: \(name.text) "
                        + "is not a known system priority class")
            }
        } else if (value.int ?? 0) > maximumPriority {
            errors.forbidden(value, "maximum allowed value of a user defined priority is \(maximumPriority)")
        }
        preemption(object, &errors)
    }

    private static func preemption(_ object: Fields, _ errors: inout FieldErrors) {
        errors.requireOne(of: ["PreemptLowerPriority", "Never"], object["preemptionPolicy"])
    }

    static func keepsPriority(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        if (object["value"].int ?? 0) != (old["value"].int ?? 0) {
            errors.forbidden(object["value"], "may not be changed in an update.")
        }
        errors.immutable(object["preemptionPolicy"], old["preemptionPolicy"])
    }

    static func runtimeClass(_ object: Fields, _ errors: inout FieldErrors) {
        errors.requireShape(NameRules.problemsOfLabel, object["handler"])
        let overhead = object.fields("overhead")
        if overhead["podFixed"].isSet { ResourceRules.overhead(overhead["podFixed"], at: overhead.path, &errors) }
        let scheduling = object.fields("scheduling")
        errors.labels(scheduling["nodeSelector"])
        PodRules.tolerations(scheduling["tolerations"], &errors)
        var seen = Set<JSON>()
        for toleration in scheduling["tolerations"].items {
            if let value = toleration.value, !seen.insert(value).inserted { errors.duplicate(toleration) }
        }
    }

    static func keepsHandler(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["handler"], old["handler"])
    }
}
