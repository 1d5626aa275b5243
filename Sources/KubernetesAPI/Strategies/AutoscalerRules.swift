import APIMachinery
import JSON

/// What an autoscaler may look like.
enum AutoscalerRules {
    private static let sources: [(type: String, member: String)] = [
        ("Object", "object"), ("Pods", "pods"), ("Resource", "resource"), ("External", "external"),
        ("ContainerResource", "containerResource"),
    ]
    private static let types = ["ContainerResource", "External", "Object", "Pods", "Resource"]
    private static let maximumWindowSeconds: Int64 = 3600
    private static let maximumPeriodSeconds: Int64 = 1800

    static func new(_ object: Fields, _ errors: inout FieldErrors) {
        check(object, checksVersion: true, &errors)
    }

    /// A target that was there before may have a version that a new one may not.
    static func update(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let target = object.fields("spec").fields("scaleTargetRef")
        let stored = old.fields("spec").fields("scaleTargetRef")
        let isSame = ["kind", "apiVersion"].allSatisfy { target[$0].text == stored[$0].text }
        check(object, checksVersion: !isSame, &errors)
    }

    private static func check(_ object: Fields, checksVersion: Bool, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let (minimum, maximum) = (spec["minReplicas"], spec["maxReplicas"])
        if let count = minimum.int, count < 1 { errors.invalid(minimum, "must be greater than or equal to 1") }
        if (maximum.int ?? 0) < 1 { errors.add(.required(maximum.path, "must be set and greater than 0")) }
        if let count = minimum.int, (maximum.int ?? 0) < count {
            errors.add(["must be greater than or equal to `minReplicas`"], at: maximum.path, value: maximum.value ?? 0)
        }
        target(spec.fields("scaleTargetRef"), checksVersion: checksVersion, &errors)
        for metric in spec["metrics"].items.map(\.fields) { self.metric(metric, &errors) }
        for name in ["scaleUp", "scaleDown"] {
            if let rules = spec.fields("behavior").ifPresent(name) { behavior(rules, &errors) }
        }
    }

    private static func target(
        _ reference: Fields, needsGroup: Bool = true, checksVersion: Bool = true, _ errors: inout FieldErrors
    ) {
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, reference["kind"])
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, reference["name"])
        guard checksVersion else { return }
        let version = GroupVersion(apiVersion: reference["apiVersion"].text)
        if version == nil {
            errors.add(["unexpected GroupVersion string: \(reference["apiVersion"].text)"], at: reference["apiVersion"])
        } else if needsGroup, version?.group.isEmpty ?? true, reference["kind"].text != "ReplicationController" {
            errors.add(["apiVersion must specify API group"], at: reference["apiVersion"])
        }
    }

    private static func metric(_ metric: Fields, _ errors: inout FieldErrors) {
        let type = metric["type"]
        guard errors.require(type, "must specify a metric source type") else { return }
        guard let source = sources.first(where: { $0.type == type.text }) else {
            // Kubernetes says so twice: for the type, and for the source that it stands for.
            for _ in 0..<2 { errors.add(.notSupported(type.path, type.value ?? "", supported: types)) }
            return
        }
        for other in sources where other.type != source.type && metric[other.member].isSet {
            errors.forbidden(metric[other.member], "must populate the given metric source only")
        }
        guard let fields = metric.ifPresent(source.member) else {
            return errors.required(metric[source.member], "must populate information for the given metric source")
        }
        switch source.type {
        case "Resource", "ContainerResource": resource(fields, isOfContainer: source.type != "Resource", &errors)
        case "Pods":
            metricName(fields, &errors)
            positive(fields.fields("target"), &errors)
            let value = fields.fields("target")["averageValue"]
            if !value.isSet { errors.required(value, "must specify a positive target averageValue") }
        default:
            if source.type == "Object" {
                target(fields.fields("describedObject"), needsGroup: false, &errors)
            }
            metricName(fields, &errors)
            positive(fields.fields("target"), &errors)
            let target = fields.fields("target")
            if !target["value"].isSet, !target["averageValue"].isSet {
                errors.required(target["averageValue"], "must set either a target value for metric or a per-pod target")
            }
            if source.type == "External", target["value"].isSet, target["averageValue"].isSet {
                errors.forbidden(target["value"], "may not set both a target value for metric and a per-pod target")
            }
        }
    }

    private static func metricName(_ source: Fields, _ errors: inout FieldErrors) {
        let name = source.fields("metric")["name"]
        if errors.require(name, "must specify a metric name") {
            errors.add(NameRules.problemsOfPathSegment(name.text), at: name)
        }
    }

    /// The target of a metric.
    private static func positive(_ target: Fields, _ errors: inout FieldErrors) {
        if errors.require(target["type"], "must specify a metric target type"),
            !["Utilization", "Value", "AverageValue"].contains(target["type"].text)
        {
            errors.invalid(target["type"], "must be either Utilization, Value, or AverageValue")
        }
        for name in ["value", "averageValue"] {
            if let amount = ResourceRules.quantity(target[name].value), amount.sign <= 0 {
                errors.invalidText(target[name], "must be positive")
            }
        }
        if let percent = target["averageUtilization"].int, percent < 1 {
            errors.invalid(target["averageUtilization"], "must be greater than 0")
        }
    }

    private static func resource(_ source: Fields, isOfContainer: Bool, _ errors: inout FieldErrors) {
        errors.require(source["name"], "must specify a resource name")
        if isOfContainer, errors.require(source["container"], "must specify a container") {
            errors.add(NameRules.problemsOfLabel(source["container"].text), at: source["container"])
        }
        let target = source.fields("target")
        positive(target, &errors)
        let (utilization, value) = (target["averageUtilization"], target["averageValue"])
        if !utilization.isSet, !value.isSet {
            errors.required(utilization, "must set either a target raw value or a target utilization")
        } else if utilization.isSet, value.isSet {
            errors.forbidden(value, "may not set both a target raw value and a target utilization")
        }
    }

    private static func behavior(_ rules: Fields, _ errors: inout FieldErrors) {
        let window = rules["stabilizationWindowSeconds"]
        errors.nonNegative(window)
        atMost(maximumWindowSeconds, window, &errors)
        errors.oneOf(["Disabled", "Max", "Min"], rules["selectPolicy"])
        errors.require(rules["policies"], "must specify at least one Policy")
        for policy in rules["policies"].items.map(\.fields) {
            errors.oneOf(["Percent", "Pods"], policy["type"])
            for name in ["value", "periodSeconds"] where (policy[name].int ?? 0) <= 0 {
                errors.add(["must be greater than zero"], at: policy[name].path, value: policy[name].value ?? 0)
            }
            atMost(maximumPeriodSeconds, policy["periodSeconds"], &errors)
        }
        if let tolerance = ResourceRules.quantity(rules["tolerance"].value), tolerance.sign < 0 {
            errors.invalidText(rules["tolerance"], "must be greater than or equal to 0")
        }
    }

    private static func atMost(_ maximum: Int64, _ field: FieldValue, _ errors: inout FieldErrors) {
        guard let value = field.int, value > maximum else { return }
        errors.invalid(field, "must be less than or equal to \(maximum)")
    }
}
