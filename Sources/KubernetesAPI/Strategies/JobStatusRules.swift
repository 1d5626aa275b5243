import APIMachinery
import JSON

/// What the status of a job may say (`ValidateJobStatusUpdate`): its conditions, times and counts must agree.
enum JobStatusRules {
    static func check(_ job: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let status = job.fields("status")
        let state = State(status)
        for name in ["active", "succeeded", "failed", "ready", "terminating"] { errors.nonNegative(status[name]) }
        uncounted(status, &errors)
        // What stood there already is not held against a writer who leaves it.
        if job["status"].value != old["status"].value {
            conditions(state, status, &errors)
            pods(state, status, &errors)
            indexes(job, &errors)
            origins(state, status, &errors)
            times(state, status, &errors)
        }
        changes(from: old, to: job, &errors)
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

    private static func conditions(_ state: State, _ status: Fields, _ errors: inout FieldErrors) {
        if state.has("Complete"), state.has("Failed") {
            refuse("cannot set Complete=True and Failed=true conditions", status, &errors)
        }
        if state.has("Complete"), state.has("FailureTarget") {
            refuse("cannot set Complete=True and FailureTarget=true conditions", status, &errors)
        }
        let time = status["completionTime"]
        if time.isSet, !state.has("Complete") {
            errors.invalid(time, "cannot set completionTime when there is no Complete=True condition")
        }
        if !time.isSet, state.has("Complete") {
            errors.required(time, "completionTime is required for Complete jobs")
        }
    }

    /// An error about the conditions as a whole, whose value Kubernetes leaves out.
    private static func refuse(_ why: String, _ status: Fields, _ errors: inout FieldErrors) {
        errors.add(FieldError(.invalid, status.path.child("conditions"), detail: why))
    }

    private static func pods(_ state: State, _ status: Fields, _ errors: inout FieldErrors) {
        if state.isFinished {
            for name in ["active", "terminating"] where (status[name].int ?? 0) > 0 {
                errors.invalid(status[name], "\(name)>0 is invalid for finished job")
            }
            let uncounted = status.fields("uncountedTerminatedPods")
            if !uncounted["succeeded"].isEmpty || !uncounted["failed"].isEmpty {
                errors.invalid(
                    status["uncountedTerminatedPods"], "uncountedTerminatedPods needs to be empty for finished job")
            }
        }
        if (status["ready"].int ?? 0) > (status["active"].int ?? 0) {
            errors.invalid(status["ready"], "cannot set more ready pods than active")
        }
    }

    private static func indexes(_ job: Fields, _ errors: inout FieldErrors) {
        let (spec, status) = (job.fields("spec"), job.fields("status"))
        let (completed, failed) = (status["completedIndexes"], status["failedIndexes"])
        guard spec["completionMode"].text == "Indexed" else {
            if !completed.isEmpty {
                errors.invalid(completed, "cannot set non-empty completedIndexes when non-indexed completion mode")
            }
            return
        }
        if !spec["backoffLimitPerIndex"].isSet, failed.isSet {
            errors.invalid(failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")
        }
        let count = spec["completions"].int ?? 0
        let succeeded = parsed(completed, "completedIndexes", completions: count, &errors)
        let given = parsed(failed, "failedIndexes", completions: count, &errors)
        if let succeeded, let index = given?.firstCommon(with: succeeded) {
            errors.invalid(failed, "failedIndexes and completedIndexes overlap at index: \(index)")
        }
    }

    private static func parsed(
        _ field: FieldValue, _ name: String, completions: Int64, _ errors: inout FieldErrors
    ) -> JobIndexes? {
        do {
            return try JobIndexes(field.text, completions: completions)
        } catch {
            errors.invalid(field, "error parsing \(name): \(error.message)")
            return nil
        }
    }

    /// What ends a job was announced by another condition.
    private static func origins(_ state: State, _ status: Fields, _ errors: inout FieldErrors) {
        if state.has("Failed"), !state.has("FailureTarget") {
            refuse("cannot set Failed=True condition without the FailureTarget=true condition", status, &errors)
        }
        if state.has("Complete"), !state.has("SuccessCriteriaMet") {
            refuse("cannot set Complete=True condition without the SuccessCriteriaMet=true condition", status, &errors)
        }
        guard state.has("SuccessCriteriaMet") else { return }
        for other in ["Failed", "FailureTarget"] where state.has(other) {
            refuse("cannot set \(other)=True and SuccessCriteriaMet=true conditions", status, &errors)
        }
    }

    private static func times(_ state: State, _ status: Fields, _ errors: inout FieldErrors) {
        let (start, end) = (status["startTime"], status["completionTime"])
        if state.isFinished, !start.isSet { errors.required(start, "startTime is required for finished job") }
        guard let began = try? KubernetesTime(parsing: start.text), let ended = try? KubernetesTime(parsing: end.text)
        else { return }
        if ended < began { errors.invalid(end, "completionTime cannot be set before startTime") }
    }

    private static func changes(from old: Fields, to job: Fields, _ errors: inout FieldErrors) {
        let (status, stored) = (job.fields("status"), old.fields("status"))
        let (state, before) = (State(status), State(stored))
        for type in ["Failed", "Complete", "FailureTarget", "SuccessCriteriaMet"]
        where before.has(type) && !state.has(type) {
            refuse("cannot disable the terminal \(type)=True condition", status, &errors)
        }
        for name in ["failed", "succeeded"] where (status[name].int ?? 0) < (stored[name].int ?? 0) {
            errors.add(
                ["cannot decrease the \(name) counter"], at: status.path.child(name), value: status[name].value ?? 0)
        }
        if stored["completionTime"].isSet { errors.immutable(status["completionTime"], stored["completionTime"]) }
        let isSuspended = job.fields("spec")["suspend"].bool == true
        guard stored["startTime"].isSet, !isSuspended else { return }
        if !status["startTime"].isSet {
            errors.required(status["startTime"], "startTime cannot be removed for unsuspended job")
        } else if status["startTime"].value != stored["startTime"].value {
            errors.invalid(status["startTime"], "startTime cannot be modified for unsuspended job")
        }
    }
}
