public import JSON

extension LabelSelector {
    /// Reads a `metav1.LabelSelector`: `matchLabels` and `matchExpressions`.
    ///
    /// A selector that is left out or null selects nothing, an empty one everything (API reference, LabelSelector).
    public init(structured selector: JSON?) throws(SelectorError) {
        guard let object = selector?.objectValue else {
            self = .nothing
            return
        }
        var requirements: [Requirement] = []
        for member in object["matchLabels"]?.objectValue?.members ?? [] {
            requirements.append(try Requirement(member.key, .equals, [member.value.stringValue ?? ""]))
        }
        for expression in object["matchExpressions"]?.arrayValue ?? [] {
            requirements.append(try Self.requirement(expression))
        }
        self.init(requirements)
    }

    private static func requirement(_ expression: JSON) throws(SelectorError) -> Requirement {
        let name = expression["operator"]?.stringValue ?? ""
        let `operator`: Operator
        switch name {
        case "In": `operator` = .in
        case "NotIn": `operator` = .notIn
        case "Exists": `operator` = .exists
        case "DoesNotExist": `operator` = .doesNotExist
        default: throw SelectorError("\"\(name)\" is not a valid label selector operator")
        }
        let values = (expression["values"]?.arrayValue ?? []).map { $0.stringValue ?? "" }
        return try Requirement(expression["key"]?.stringValue ?? "", `operator`, values)
    }
}
