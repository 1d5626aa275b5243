package import JSON

/// What rules found wrong, in the order in which they looked, and the vocabulary in which they are written.
package struct FieldErrors {
    package private(set) var list: [FieldError] = []

    package init() {}

    package var count: Int { list.count }

    /// All that rules find wrong with an object.
    ///
    /// First they look without noting where they are, which is most of what it costs to look at an object with which
    /// nothing is wrong; only where there is something to report they look again and tell the places.
    /// - Parameter rules: gets the place of the object; finds the same each time.
    package static func list(_ rules: (_ place: FieldPath, _ errors: inout FieldErrors) -> Void) -> [FieldError] {
        var errors = FieldErrors()
        rules(.untracked, &errors)
        if errors.list.isEmpty { return [] }
        errors = FieldErrors()
        rules(.root, &errors)
        return errors.list
    }

    package mutating func add(_ error: FieldError) { list.append(error) }

    /// A value's problems, an `Invalid` error each.
    package mutating func add(_ problems: [String], at field: FieldValue) {
        if problems.isEmpty { return }
        add(problems, at: field.path, value: field.value ?? "")
    }

    package mutating func add(
        _ problems: [String], at path: @autoclosure () -> FieldPath, value: @autoclosure () -> JSON
    ) {
        if problems.isEmpty { return }
        let (path, value) = (path(), value())
        for problem in problems { list.append(.invalid(path, value, problem)) }
    }

    package mutating func required(_ field: FieldValue, _ detail: String = "") {
        list.append(.required(field.path, detail))
    }
    package mutating func invalid(_ field: FieldValue, _ detail: String) {
        list.append(.invalid(field.path, field.value ?? .null, detail))
    }
    package mutating func forbidden(_ field: FieldValue, _ detail: String) {
        list.append(.forbidden(field.path, detail))
    }
    package mutating func duplicate(_ field: FieldValue) {
        list.append(.duplicate(field.path, field.value ?? ""))
    }
    package mutating func notFound(_ field: FieldValue) {
        list.append(FieldError(.notFound, field.path, value: field.value ?? ""))
    }
}

// Rules of one value.
extension FieldErrors {
    /// A text, list or map that must not be empty.
    /// - Returns: whether it is not.
    @discardableResult
    package mutating func require(_ field: FieldValue, _ detail: String = "") -> Bool {
        guard field.isEmpty else { return true }
        required(field, detail)
        return false
    }

    /// One of some texts; a missing one is required.
    package mutating func requireOne(of supported: [String], _ field: FieldValue, _ detail: String = "") {
        if require(field, detail) { oneOf(supported, field) }
    }

    /// One of some texts, where it is set. The message lists them in the alphabet's order, as Kubernetes does.
    package mutating func oneOf(_ supported: [String], _ field: FieldValue) {
        guard field.isSet, !supported.contains(field.text) else { return }
        add(.notSupported(field.path, field.value ?? "", supported: supported))
    }

    /// No number below 0.
    package mutating func nonNegative(_ field: FieldValue) {
        guard let value = field.int, value < 0 else { return }
        invalid(field, "must be greater than or equal to 0")
    }

    /// A number of a range, where it is set.
    package mutating func range(_ range: ClosedRange<Int64>, _ field: FieldValue) {
        guard let value = field.int, !range.contains(value) else { return }
        invalid(field, "must be between \(range.lowerBound) and \(range.upperBound), inclusive")
    }

    /// A port's number.
    package mutating func port(_ field: FieldValue) {
        guard !(1...65535).contains(field.int ?? 0) else { return }
        add(["must be between 1 and 65535, inclusive"], at: field.path, value: field.value ?? 0)
    }

    /// A port's number or name.
    package mutating func portOrName(_ field: FieldValue) {
        if case .string(let name)? = field.value {
            add(NameRules.problemsOfPortName(name), at: field)
        } else {
            port(field)
        }
    }

    /// A text that must have a shape, where it is there, if only empty.
    package mutating func shapeIfSet(_ problems: (String) -> [String], _ field: FieldValue) {
        guard case .string(let text)? = field.value else { return }
        add(problems(text), at: field)
    }

    /// A text that must have a shape, where it is there and not empty.
    package mutating func shape(_ problems: (String) -> [String], _ field: FieldValue) {
        guard case .string(let text)? = field.value, !text.isEmpty else { return }
        add(problems(text), at: field)
    }

    /// A text that must be there and have a shape.
    package mutating func requireShape(_ problems: (String) -> [String], _ field: FieldValue) {
        if require(field) { add(problems(field.text), at: field) }
    }

    /// A value that must stay what it was.
    package mutating func immutable(_ field: FieldValue, _ old: FieldValue) {
        if field.value != old.value { invalid(field, "field is immutable") }
    }

    /// The keys and values of labels, all at the path of the map.
    package mutating func labels(_ field: FieldValue) {
        guard case .object(let labels)? = field.value else { return }
        for label in labels {
            let ofKey = NameRules.problemsOfLabelKey(label.key)
            if !ofKey.isEmpty { add(ofKey, at: field.path, value: .string(label.key)) }
            let value = label.value.stringValue ?? ""
            let ofValue = NameRules.problemsOfLabelValue(value)
            if !ofValue.isEmpty { add(ofValue, at: field.path, value: .string(value)) }
        }
    }
}

extension FieldErrors {
    /// A value that must be there, if only an empty one.
    package mutating func requireSet(_ field: FieldValue, _ detail: String = "") {
        if !field.isSet { required(field, detail) }
    }
}
