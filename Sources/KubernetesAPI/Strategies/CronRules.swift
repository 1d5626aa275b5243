import APIMachinery
import JSON

/// What cron jobs may look like.
enum CronRules {
    /// Bytes of a cron job's name: eleven are added for its jobs.
    private static let maximumNameLength = 52

    static func cronJob(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let schedule = spec["schedule"]
        if errors.require(schedule) { errors.add(CronSchedule.problems(of: schedule.text), at: schedule) }
        errors.nonNegative(spec["startingDeadlineSeconds"])
        timeZone(spec["timeZone"], &errors)
        errors.requireOne(of: ["Allow", "Forbid", "Replace"], spec["concurrencyPolicy"])
        let template = spec.fields("jobTemplate").fields("spec")
        JobRules.check(template, &errors)
        if template["selector"].isSet { errors.invalid(template["selector"], "`selector` will be auto-generated") }
        if template["manualSelector"].bool == true {
            errors.add(.notSupported(template.path.child("manualSelector"), true, supported: ["nil", "false"]))
        }
        errors.nonNegative(spec["successfulJobsHistoryLimit"])
        errors.nonNegative(spec["failedJobsHistoryLimit"])
    }

    static func newCronJob(_ object: Fields, _ errors: inout FieldErrors) {
        let name = object.fields("metadata")["name"]
        if name.text.utf8.count > maximumNameLength {
            errors.invalid(name, "must be no more than \(maximumNameLength) characters")
        }
    }

    private static func timeZone(_ zone: FieldValue, _ errors: inout FieldErrors) {
        guard zone.isSet else { return }
        let name = zone.text
        if name.isEmpty { return errors.invalid(zone, "timeZone must be nil or non-empty string") }
        if name.lowercased() == "local" {
            errors.invalid(
                zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
        }
        if name != "Local", !CronTimeZone.isKnown(name) { errors.invalid(zone, "unknown time zone \(name)") }
    }
}
