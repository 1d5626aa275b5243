import APIMachinery
import JSON

/// Events of the core group and of `events.k8s.io`: one kind, stored once, that the newer group holds to more rules
/// (`ValidateEventCreate`, `ValidateEventUpdate`).
struct EventStrategy: ComposedStrategy {
    let base: DefaultStrategy

    /// - Parameter isStrict: whether the requests are those of `events.k8s.io`.
    init(isStrict: Bool) {
        let rules = EventRules(isStrict: isStrict)
        base = DefaultStrategy(.namespaced) {
            $0.allowsCreationOnUpdate = true
            $0.nameClass = isStrict ? .subdomain : .pathSegment
            $0.rules = rules.check
            if isStrict {
                $0.creationRules = EventRules.newEvent
                $0.updateRules = EventRules.keeps
            }
            $0.updateSteps = isStrict ? [.rules, .metadataUpdate, .updateRules] : [.rules]
            $0.selectableFields = CoreStrategies.eventFields
        }
    }
}

/// What an event may look like. Its field names are those of the core group, whichever group it came by.
struct EventRules: Sendable {
    let isStrict: Bool

    private static let lengths = [("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024)]

    /// What holds for both groups.
    func check(_ event: Fields, _ errors: inout FieldErrors) {
        checkNamespace(event, &errors)
        guard event["eventTime"].isSomething else { return }
        let reporter = event["reportingComponent"]
        let path = FieldPath(isStrict ? "reportingController" : "reportingComponent")
        if reporter.isEmpty { errors.add(.required(path)) }
        errors.add(NameRules.problemsOfQualifiedName(reporter.text), at: path, value: reporter.value ?? "")
        for (name, limit) in Self.lengths {
            let field = event[name]
            if name != "message", field.isEmpty { errors.required(field) }
            if field.text.utf8.count > limit {
                errors.add(["can have at most \(limit) characters"], at: field.path, value: "")
            }
        }
    }

    /// An event stands where its object does; one of an object without a namespace in `default`.
    private func checkNamespace(_ event: Fields, _ errors: inout FieldErrors) {
        let namespace = event.fields("metadata")["namespace"].text
        let field = event.fields("involvedObject")["namespace"]
        let isRight =
            if field.isEmpty {
                namespace == "default" || namespace == "kube-system" && event["eventTime"].isSomething
            } else {
                event["eventTime"].isSomething || field.text == namespace
            }
        if !isRight {
            errors.add(["does not match event.namespace"], at: field.path, value: field.value ?? "")
        }
    }

    /// A new event of `events.k8s.io` has a time and a known type, and leaves to the past what is deprecated.
    static func newEvent(_ event: Fields, _ errors: inout FieldErrors) {
        series(event, &errors)
        if !event["eventTime"].isSomething { errors.required(event["eventTime"]) }
        let type = event["type"].text
        if type != "Normal", type != "Warning" {
            errors.add(["has invalid value: \(type)"], at: event["type"].path, value: "")
        }
        for name in ["firstTimestamp", "lastTimestamp"] where event[name].isSomething {
            errors.add(["needs to be unset"], at: event[name].path, value: "")
        }
        if event["count"].int ?? 0 != 0 { errors.add(["needs to be unset"], at: event["count"].path, value: "") }
        if !event["source"].isEmpty { errors.add(["needs to be unset"], at: event["source"].path, value: "") }
    }

    private static func series(_ event: Fields, _ errors: inout FieldErrors) {
        guard let series = event.ifPresent("series") else { return }
        if series["count"].int ?? 0 < 2 {
            errors.add(["should be at least 2"], at: series["count"].path, value: "")
        }
        if !series["lastObservedTime"].isSomething { errors.required(series["lastObservedTime"]) }
    }

    /// All that may change of an event of `events.k8s.io` is its series.
    static func keeps(_ event: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        if event["series"].value != old["series"].value { series(event, &errors) }
        let names = [
            "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason",
            "type", "eventTime", "action", "related",
        ]
        for name in names { errors.immutable(event[name], old[name]) }
        let reporter = event["reportingComponent"]
        if reporter.text != old["reportingComponent"].text {
            errors.add(["field is immutable"], at: FieldPath("reportingController"), value: reporter.value ?? "")
        }
        errors.immutable(event["reportingInstance"], old["reportingInstance"])
    }
}

extension FieldValue {
    /// Whether there is a value that is not null: a time that is always written is null where it is not set.
    fileprivate var isSomething: Bool { value.map { !$0.isNull } ?? false }
}
