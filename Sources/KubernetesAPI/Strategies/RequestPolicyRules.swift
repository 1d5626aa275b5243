import APIMachinery
import JSON

/// How much of a device's capacity can be asked for at once.
enum RequestPolicyRules {
    private static let maximumValues = 10

    /// - Parameter capacity: all that there is.
    static func check(_ policy: Fields, of capacity: FieldValue, _ errors: inout FieldErrors) {
        let (values, range) = (policy["validValues"], policy.ifPresent("validRange"))
        guard let capacity = ResourceRules.quantity(capacity.value) else { return }
        if !values.isEmpty, range != nil {
            return errors.add(
                .forbidden(
                    policy.path,
                    "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time"
                ))
        }
        guard !values.isEmpty || range != nil else { return }
        guard let standard = ResourceRules.quantity(policy["default"].value) else {
            let name = values.isEmpty ? "validRange" : "validValues"
            return errors.required(policy["default"], "required when \(name) is defined")
        }
        if !values.isEmpty { check(values, standard: standard, capacity: capacity, &errors) }
        if let range { check(range, standard: standard, capacity: capacity, &errors) }
    }

    private static func check(
        _ values: FieldValue, standard: Quantity, capacity: Quantity, _ errors: inout FieldErrors
    ) {
        let amounts = values.items.map { ResourceRules.quantity($0.value) ?? Quantity(0) }
        for (index, amount) in amounts.enumerated().dropFirst() where amount < amounts[index - 1] {
            errors.invalidText(values.items[index], "values must be sorted in ascending order")
        }
        DeviceFieldRules.set(
            atMost: maximumValues, values, by: { "\(ResourceRules.quantity($0.value)?.value ?? 0)" }, &errors
        ) { option, errors in
            if let amount = ResourceRules.quantity(option.value), capacity < amount {
                errors.invalidText(option, "option is larger than capacity value: \(capacity)")
            }
        }
        if amounts.count > maximumValues || !amounts.contains(standard) {
            errors.add(
                .invalid(
                    values.path, .string(standard.description),
                    "default value is not valid according to the requestPolicy"))
        }
    }

    private static func check(
        _ range: Fields, standard: Quantity, capacity: Quantity, _ errors: inout FieldErrors
    ) {
        func refuse(_ member: String, _ amount: Quantity, _ why: String, _ errors: inout FieldErrors) {
            errors.add(.invalid(range.path.child(member), .string(amount.description), why))
        }
        guard let least = ResourceRules.quantity(range["min"].value) else {
            return errors.required(range["min"], "required when validRange is defined")
        }
        if capacity < least { refuse("min", least, "min is larger than capacity value: \(capacity)", &errors) }
        if standard < least { refuse("min", standard, "default is less than min: \(least)", &errors) }
        let most = ResourceRules.quantity(range["max"].value)
        if let most {
            if most < least { refuse("max", least, "min is larger than max: \(most)", &errors) }
            if capacity < most { refuse("max", most, "max is larger than capacity value: \(capacity)", &errors) }
            if most < standard { refuse("max", standard, "default is more than max: \(most)", &errors) }
        }
        guard let step = ResourceRules.quantity(range["step"].value) else { return }
        let second = least + step
        if capacity < second {
            refuse("step", step, "one step \(second) is larger than capacity value: \(capacity)", &errors)
        }
        for amount in [standard] + (most.map { [$0] } ?? []) {
            let (distance, overflows) = amount.value.subtractingReportingOverflow(least.value)
            let (rest, isUndefined) = distance.remainderReportingOverflow(dividingBy: step.value)
            if overflows || isUndefined || rest != 0 {
                refuse(
                    "step", amount, "value is not a multiple of a given step (\(step)) from (\(least))", &errors)
            }
        }
    }
}
