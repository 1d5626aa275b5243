import APIMachinery
import JSON

/// What the status of a job may say (`ValidateJobStatusUpdate`): its conditions, times and counts must agree.
///
/// What stood there already is not held against a writer who leaves it: most rules are asked only where one of the
/// fields that they are about has changed.
enum JobStatusRules {
    static func check(_ job: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let status = job.fields("status")
        let change = Change(job, old)
        for name in ["active", "succeeded", "failed", "ready", "terminating"] { errors.nonNegative(status[name]) }
        uncounted(status, &errors)
        conditions(change, &errors)
        completion(change, &errors)
        origins(change, &errors)
        finish(change, &errors)
        indexes(change, &errors)
        pods(change, &errors)
        for other in ["Failed", "FailureTarget"]
        where change.now.has("SuccessCriteriaMet") && change.now.has(other) {
            refuse("cannot set SuccessCriteriaMet=True and \(other)=true conditions", status, &errors)
        }
        if job.fields("spec")["successPolicy"].isSet, change.now.has("Complete"), !change.now.has("SuccessCriteriaMet")
        {
            refuse(
                "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True", status, &errors)
        }
        transition(change, &errors)
    }

    /// The conditions that hold.
    private struct State {
        private let held: Set<String>

        init(_ status: Fields) {
            held = Set(
                status["conditions"].items.filter { $0.fields["status"].text == "True" }.map { $0.fields["type"].text })
        }

        func has(_ type: String) -> Bool { held.contains(type) }
        var isFinished: Bool { has("Complete") || has("Failed") }
    }

    /// A status, the one that it takes the place of, and what of it is new.
    private struct Change {
        let spec: Fields
        let status: Fields
        let stored: Fields
        let now: State
        let before: State

        init(_ job: Fields, _ old: Fields) {
            spec = job.fields("spec")
            (status, stored) = (job.fields("status"), old.fields("status"))
            (now, before) = (State(status), State(stored))
        }

        var isIndexed: Bool { spec["completionMode"].text == "Indexed" }
        /// The number of completions, where there is one.
        var completions: Int64? { spec["completions"].int }

        /// Whether any of some fields or conditions changed.
        func isNew(_ names: String..., conditions: [String] = []) -> Bool {
            names.contains { status[$0].value != stored[$0].value }
                || conditions.contains { now.has($0) != before.has($0) }
        }

        /// As `isNew`, and whether the job finished.
        func isNewOrFinished(_ name: String) -> Bool { isNew(name) || now.isFinished != before.isFinished }
    }

    private static func uncounted(_ status: Fields, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for list in ["succeeded", "failed"] {
            for pod in status.fields("uncountedTerminatedPods")[list].items {
                if pod.text.isEmpty {
                    errors.invalid(pod, "must not be empty")
                } else if !seen.insert(pod.text).inserted {
                    errors.duplicate(pod)
                }
            }
        }
    }

    /// An error about the conditions as a whole, whose value Kubernetes leaves out.
    private static func refuse(_ why: String, _ status: Fields, _ errors: inout FieldErrors) {
        errors.add(FieldError(.invalid, status.path.child("conditions"), detail: why))
    }

    private static func conditions(_ change: Change, _ errors: inout FieldErrors) {
        guard change.now.has("Complete") else { return }
        for other in ["Failed", "FailureTarget"]
        where change.now.has(other) && change.isNew(conditions: ["Complete", other]) {
            refuse("cannot set Complete=True and \(other)=true conditions", change.status, &errors)
        }
    }

    private static func completion(_ change: Change, _ errors: inout FieldErrors) {
        let (start, end) = (change.status["startTime"], change.status["completionTime"])
        if change.isNew("completionTime", conditions: ["Complete"]) {
            let isComplete = change.now.has("Complete")
            if end.isSet, !isComplete {
                errors.invalid(end, "cannot set completionTime when there is no Complete=True condition")
            } else if !end.isSet, isComplete {
                errors.required(end, "completionTime is required for Complete jobs")
            }
        }
        guard change.isNew("startTime", "completionTime"), let began = try? KubernetesTime(parsing: start.text),
            let ended = try? KubernetesTime(parsing: end.text)
        else { return }
        if ended < began { errors.invalid(end, "completionTime cannot be set before startTime") }
    }

    /// What ends a job was announced by another condition.
    private static func origins(_ change: Change, _ errors: inout FieldErrors) {
        for (end, origin) in [("Failed", "FailureTarget"), ("Complete", "SuccessCriteriaMet")]
        where change.now.has(end) && !change.now.has(origin) && change.isNew(conditions: [end, origin]) {
            refuse("cannot set \(end)=True condition without the \(origin)=true condition", change.status, &errors)
        }
    }

    private static func finish(_ change: Change, _ errors: inout FieldErrors) {
        guard change.now.isFinished else { return }
        let (status, spec) = (change.status, change.spec)
        if change.isNewOrFinished("active"), (status["active"].int ?? 0) > 0 {
            errors.invalid(status["active"], "active>0 is invalid for finished job")
        }
        // A suspended job without pods to run ends before it starts.
        let isEmpty = spec["suspend"].bool == true && change.completions == 0
        if change.isNewOrFinished("startTime"), !status["startTime"].isSet, !isEmpty {
            errors.required(status["startTime"], "startTime is required for finished job")
        }
        let uncounted = status.fields("uncountedTerminatedPods")
        if change.isNewOrFinished("uncountedTerminatedPods"),
            !uncounted["succeeded"].isEmpty || !uncounted["failed"].isEmpty
        {
            errors.add(
                ["uncountedTerminatedPods needs to be empty for finished job"], at: uncounted.path,
                value: [
                    "Succeeded": uncounted["succeeded"].value ?? .null, "Failed": uncounted["failed"].value ?? .null,
                ])
        }
    }

    private static func indexes(_ change: Change, _ errors: inout FieldErrors) {
        let (completed, failed) = (change.status["completedIndexes"], change.status["failedIndexes"])
        let (newCompleted, newFailed) = (change.isNew("completedIndexes"), change.isNew("failedIndexes"))
        let countsPerIndex = change.spec["backoffLimitPerIndex"].isSet
        if newCompleted { readable(completed, "completedIndexes", change, &errors) }
        if newFailed, countsPerIndex { readable(failed, "failedIndexes", change, &errors) }
        if newCompleted, !completed.isEmpty, !change.isIndexed {
            errors.invalid(completed, "cannot set non-empty completedIndexes when non-indexed completion mode")
        }
        if newFailed, failed.isSet, !countsPerIndex {
            errors.invalid(failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")
        }
        guard newCompleted || newFailed, failed.isSet, let completions = change.completions else { return }
        let succeeded = JobIndexes(readable: completed.text, completions: completions)
        if let index = JobIndexes(readable: failed.text, completions: completions).firstCommon(with: succeeded) {
            errors.invalid(failed, "failedIndexes and completedIndexes overlap at index: \(index)")
        }
    }

    private static func readable(
        _ field: FieldValue, _ name: String, _ change: Change, _ errors: inout FieldErrors
    ) {
        guard field.isSet, let completions = change.completions else { return }
        do {
            _ = try JobIndexes(field.text, completions: completions)
        } catch {
            errors.invalid(field, "error parsing \(name): \(error.message)")
        }
    }

    private static func pods(_ change: Change, _ errors: inout FieldErrors) {
        let status = change.status
        if change.now.isFinished, change.isNewOrFinished("terminating"), (status["terminating"].int ?? 0) > 0 {
            errors.invalid(status["terminating"], "terminating>0 is invalid for finished job")
        }
        if change.isNew("ready", "active"), (status["ready"].int ?? 0) > (status["active"].int ?? 0) {
            errors.invalid(status["ready"], "cannot set more ready pods than active")
        }
    }

    /// What a status may not go back on.
    private static func transition(_ change: Change, _ errors: inout FieldErrors) {
        let (status, now, before) = (change.status, change.now, change.before)
        for type in ["Failed", "Complete", "FailureTarget"] where before.has(type) && !now.has(type) {
            refuse("cannot disable the terminal \(type)=True condition", status, &errors)
        }
        // An indexed job that is scaled down loses indexes that succeeded.
        let isScaled = change.isIndexed && change.spec["completions"].value == change.spec["parallelism"].value
        for name in isScaled ? ["failed"] : ["failed", "succeeded"]
        where (status[name].int ?? 0) < (change.stored[name].int ?? 0) {
            errors.add(
                ["cannot decrease the \(name) counter"], at: status.path.child(name), value: status[name].value ?? 0)
        }
        times(change, &errors)
        if before.has("SuccessCriteriaMet"), !now.has("SuccessCriteriaMet") {
            refuse("cannot disable the SuccessCriteriaMet=True condition", status, &errors)
        }
        if before.has("Complete"), !before.has("SuccessCriteriaMet"), now.has("SuccessCriteriaMet") {
            refuse("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions", status, &errors)
        }
    }

    private static func times(_ change: Change, _ errors: inout FieldErrors) {
        let (start, end) = (change.status["startTime"], change.status["completionTime"])
        if end.isSet, change.stored["completionTime"].isSet, change.isNew("completionTime") {
            errors.invalid(end, "completionTime cannot be mutated")
        }
        // A job that goes on after a rest starts anew.
        let mayStart = change.spec["suspend"].bool == true || change.before.has("Suspended")
        guard change.stored["startTime"].isSet, change.isNew("startTime"), !mayStart else { return }
        if start.isSet {
            errors.invalid(start, "startTime cannot be modified for unsuspended job")
        } else {
            errors.required(start, "startTime cannot be removed for unsuspended job")
        }
    }
}
