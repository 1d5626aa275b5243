import APIMachinery
import JSON

/// What a list of `metav1.Condition` may look like.
enum ConditionRules {
    private static let maximumReasonLength = 1024
    private static let maximumMessageLength = 32768

    static func check(_ field: FieldValue, _ errors: inout FieldErrors) {
        var types = Set<String>()
        for condition in field.items.map(\.fields) {
            let type = condition["type"]
            if !types.insert(type.text).inserted { errors.duplicate(type) }
            errors.add(NameRules.problemsOfLabelKey(type.text), at: type)
            let status = condition["status"]
            if !["True", "False", "Unknown"].contains(status.text) {
                errors.add(
                    .notSupported(status.path, .string(status.text), supported: ["False", "True", "Unknown"]))
            }
            if let generation = condition["observedGeneration"].int, generation < 0 {
                errors.invalid(condition["observedGeneration"], "must be greater than or equal to zero")
            }
            errors.requireSet(condition["lastTransitionTime"], "must be set")
            reason(condition["reason"], &errors)
            if condition["message"].text.utf8.count > maximumMessageLength {
                errors.add(.tooLong(condition["message"].path, maximumBytes: maximumMessageLength))
            }
        }
    }

    private static func reason(_ reason: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(reason, "must be set") else { return }
        let bytes = reason.text.utf8
        let underscore = UInt8(ascii: "_")
        let isRight =
            bytes.first.map { ByteRules.isAlphanumeric($0) && !ByteRules.isDigit($0) } ?? false
            && bytes.last.map { ByteRules.isAlphanumeric($0) || $0 == underscore } ?? false
            && bytes.allSatisfy { ByteRules.isAlphanumeric($0) || "_,:".utf8.contains($0) }
        if !isRight {
            errors.invalid(
                reason,
                "a condition reason must start with alphabetic character, optionally followed by a string of "
                    + "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. "
                    + "'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used "
                    + "for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')")
        }
        if bytes.count > maximumReasonLength {
            errors.add(.tooLong(reason.path, maximumBytes: maximumReasonLength))
        }
    }
}
