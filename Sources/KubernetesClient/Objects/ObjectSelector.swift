package import JSON

/// A `metav1.LabelSelector`: the labels that an object must have, and conditions on others.
package struct ObjectSelector: Sendable, Hashable {
    package enum Operator: String, Sendable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package struct Requirement: Sendable, Hashable {
        package var key: String
        package var `operator`: Operator
        package var values: [String]

        package func matches(_ labels: [String: String]) -> Bool {
            switch `operator` {
            case .in: labels[key].map(values.contains) ?? false
            case .notIn: labels[key].map { !values.contains($0) } ?? true
            case .exists: labels[key] != nil
            case .doesNotExist: labels[key] == nil
            }
        }
    }

    package var requirements: [Requirement]

    /// Selects every object.
    package var isEmpty: Bool { requirements.isEmpty }

    package init(matchLabels: [String: String]) {
        requirements = matchLabels.map { Requirement(key: $0.key, operator: .in, values: [$0.value]) }
    }

    /// - Returns: `nil` where there is no selector (which selects nothing) or one with an unknown operator.
    package init?(_ json: JSON?) {
        guard case .object? = json else { return nil }
        self.init(matchLabels: json?["matchLabels"]?.stringMap ?? [:])
        for expression in json?["matchExpressions"]?.arrayValue ?? [] {
            guard let requirement = Operator(rawValue: expression["operator"]?.stringValue ?? "") else { return nil }
            requirements.append(
                Requirement(
                    key: expression["key"]?.stringValue ?? "", operator: requirement,
                    values: expression["values"]?.arrayValue?.compactMap(\.stringValue) ?? []))
        }
    }

    package func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }
}
