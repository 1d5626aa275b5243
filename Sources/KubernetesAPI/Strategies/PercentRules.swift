import APIMachinery
import JSON

/// What may stand where a number or a share of all is asked for.
enum PercentRules {
    private static let percentRule =
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used "
        + "for validation is '[0-9]+%')"

    /// A number that is not below 0, or a percentage.
    static func check(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard case .string(let text)? = field.value else { return errors.nonNegative(field) }
        if percent(text) == nil { errors.invalid(field, percentRule) }
    }

    /// No more than 100 %.
    static func atMostAll(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard case .string(let text)? = field.value, let percent = percent(text), percent > 100 else { return }
        errors.invalid(field, "must not be greater than 100%")
    }

    /// The number, or the percentage; of another text the number that it is, and 0 where it is none.
    static func amount(_ field: FieldValue) -> Int64 {
        if case .string(let text)? = field.value { return percent(text) ?? Int64(text) ?? 0 }
        return field.int ?? 0
    }

    private static func percent(_ text: String) -> Int64? {
        let digits = text.dropLast()
        guard text.utf8.last == UInt8(ascii: "%"), !digits.isEmpty, digits.utf8.allSatisfy(ByteRules.isDigit) else {
            return nil
        }
        return Int64(digits) ?? .max
    }
}
