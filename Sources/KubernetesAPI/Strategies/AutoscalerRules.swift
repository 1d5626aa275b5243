import APIMachinery
import JSON

/// What an autoscaler may look like.
enum AutoscalerRules {
    /// In the order in which they are looked at.
    private static let sources: [(type: String, member: String)] = [
        ("Object", "object"), ("External", "external"), ("Pods", "pods"), ("Resource", "resource"),
        ("ContainerResource", "containerResource"),
    ]
    private static let types = ["ContainerResource", "External", "Object", "Pods", "Resource"]
    private static let maximumWindowSeconds: Int64 = 3600
    private static let maximumPeriodSeconds: Int64 = 1800

    static func new(_ object: Fields, _ errors: inout FieldErrors) {
        check(object, fewest: 1, checksVersion: true, &errors)
    }

    /// A target that was there before may have a version that a new one may not; a scale that could be zero still can.
    static func update(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let target = object.fields("spec").fields("scaleTargetRef")
        let stored = old.fields("spec").fields("scaleTargetRef")
        let isSame = ["kind", "apiVersion"].allSatisfy { target[$0].text == stored[$0].text }
        let fewest: Int64 = old.fields("spec")["minReplicas"].int == 0 ? 0 : 1
        check(object, fewest: fewest, checksVersion: !isSame, &errors)
    }

    private static func check(
        _ object: Fields, fewest: Int64, checksVersion: Bool, _ errors: inout FieldErrors
    ) {
        let spec = object.fields("spec")
        let (minimum, maximum) = (spec["minReplicas"], spec["maxReplicas"])
        if let count = minimum.int, count < fewest {
            errors.invalid(minimum, "must be greater than or equal to \(fewest)")
        }
        let most = maximum.int ?? 0
        if most == 0 { errors.add(.required(maximum.path, "must be set and greater than 0")) }
        if most < 0 { errors.invalid(maximum, "must be greater than 0") }
        if let count = minimum.int, most < count {
            errors.add(["must be greater than or equal to `minReplicas`"], at: maximum.path, value: maximum.value ?? 0)
        }
        target(spec.fields("scaleTargetRef"), checksVersion: checksVersion, &errors)
        metrics(spec["metrics"], of: minimum, &errors)
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

    private static func metrics(_ metrics: FieldValue, of minimum: FieldValue, _ errors: inout FieldErrors) {
        let list = metrics.items.map(\.fields)
        for metric in list { self.metric(metric, &errors) }
        if minimum.int == 0, !list.contains(where: { ["Object", "External"].contains($0["type"].text) }) {
            errors.forbidden(
                metrics, "must specify at least one Object or External metric to support scaling to zero replicas")
        }
    }

    /// The first source that is given is looked at, whether or not it is the one that the type speaks of.
    private static func metric(_ metric: Fields, _ errors: inout FieldErrors) {
        let type = metric["type"]
        let expected = sources.first { $0.type == type.text }
        let unknown = FieldError.notSupported(type.path, .string(type.text), supported: types)
        errors.require(type, "must specify a metric source type")
        if expected == nil { errors.add(unknown) }
        let given = sources.filter { metric[$0.member].isSet }
        if let first = given.first { source(metric.fields(first.member), ofType: first.type, &errors) }
        if let expected, !metric[expected.member].isSet {
            errors.required(metric[expected.member], "must populate information for the given metric source")
        }
        // Kubernetes says so twice: for the type, and for the source that it stands for.
        if expected == nil { errors.add(unknown) }
        guard given.count != 1 else { return }
        for other in given where other.type != expected?.type {
            errors.forbidden(metric[other.member], "must populate the given metric source only")
        }
    }

    private static func source(_ fields: Fields, ofType type: String, _ errors: inout FieldErrors) {
        if type.hasSuffix("Resource") { return resource(fields, isOfContainer: type != "Resource", &errors) }
        let target = fields.fields("target")
        let (value, average) = (target["value"], target["averageValue"])
        if type == "Object" { self.target(fields.fields("describedObject"), needsGroup: false, &errors) }
        metricName(fields, &errors)
        positive(target, &errors)
        switch type {
        case "Pods":
            if !average.isSet { errors.required(average, "must specify a positive target averageValue") }
        case "Object":
            if !value.isSet, !average.isSet {
                errors.required(average, "must set either a target value or averageValue")
            }
        default:
            if !value.isSet, !average.isSet {
                errors.required(average, "must set either a target value for metric or a per-pod target")
            }
            if value.isSet, average.isSet {
                errors.forbidden(value, "may not set both a target value for metric and a per-pod target")
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
        let type = target["type"]
        errors.require(type, "must specify a metric target type")
        if !["Utilization", "Value", "AverageValue"].contains(type.text) {
            errors.add(
                ["must be either Utilization, Value, or AverageValue"], at: type.path, value: .string(type.text))
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
        if errors.require(source["name"], "must specify a resource name"), isOfContainer {
            ResourceRules.containerResource(source["name"].text, source["name"], &errors)
        }
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
        if let seconds = window.int, seconds < 0 {
            errors.invalid(window, "must be greater than or equal to zero")
        }
        atMost(maximumWindowSeconds, window, &errors)
        errors.oneOf(["Disabled", "Max", "Min"], rules["selectPolicy"])
        errors.require(rules["policies"], "must specify at least one Policy")
        for policy in rules["policies"].items.map(\.fields) {
            let (type, known) = (policy["type"], ["Percent", "Pods"])
            if !known.contains(type.text) {
                errors.add(.notSupported(type.path, .string(type.text), supported: known))
            }
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
