extension LabelSelector {
    public enum Operator: String, Sendable, Hashable {
        case `in`
        case notIn = "notin"
        case equals = "="
        case doubleEquals = "=="
        case notEquals = "!="
        case exists
        case doesNotExist = "!"
        case greaterThan = "gt"
        case lessThan = "lt"
    }

    /// A condition on one label.
    public struct Requirement: Sendable, Hashable {
        public let key: String
        public let `operator`: Operator
        /// Without repeats, in the order of their bytes.
        public let values: [String]

        /// - Throws: where key or values are no label's, or their number does not fit the operator.
        public init(_ key: String, _ operator: Operator, _ values: [String] = []) throws(SelectorError) {
            self.key = key
            self.operator = `operator`
            self.values = Set(values).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let problems = Self.problems(key, `operator`, self.values)
            if let first = problems.first {
                throw SelectorError(problems.count == 1 ? first : "[\(problems.joined(separator: ", "))]")
            }
        }

        public func matches(_ labels: [String: String]) -> Bool {
            let label = labels[key]
            switch `operator` {
            case .in, .equals, .doubleEquals: return label.map(values.contains) ?? false
            case .notIn, .notEquals: return !(label.map(values.contains) ?? false)
            case .exists: return label != nil
            case .doesNotExist: return label == nil
            case .greaterThan, .lessThan:
                guard let label, let number = Int64(label), let text = values.first, let bound = Int64(text) else {
                    return false
                }
                return `operator` == .greaterThan ? number > bound : number < bound
            }
        }

        private static func problems(_ key: String, _ operator: Operator, _ values: [String]) -> [String] {
            var problems: [String] = []
            if let problem = problem(withKey: key, at: "key") { problems.append(problem) }
            switch `operator` {
            case .in, .notIn:
                if values.isEmpty {
                    problems.append("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
                }
            case .equals, .doubleEquals, .notEquals:
                if values.count != 1 {
                    problems.append(
                        "values: Invalid value: \(list(values)): exact-match compatibility requires one single value")
                }
            case .exists, .doesNotExist:
                if !values.isEmpty {
                    problems.append(
                        "values: Invalid value: \(list(values)): values set must be empty for exists and does not exist"
                    )
                }
            case .greaterThan, .lessThan: problems += Self.problems(withBounds: values)
            }
            for (index, value) in values.enumerated() {
                let found = NameRules.problemsOfLabelValue(value)
                if !found.isEmpty {
                    problems.append(
                        "values[\(index)][\(key)]: Invalid value: \(quoted(value)): \(found.joined(separator: "; "))")
                }
            }
            return problems
        }

        private static func problems(withBounds values: [String]) -> [String] {
            var problems: [String] = []
            if values.count != 1 {
                problems.append(
                    "values: Invalid value: \(list(values)): for 'Gt', 'Lt' operators, exactly one value is required")
            }
            for (index, value) in values.enumerated() where Int64(value) == nil {
                problems.append(
                    "values[\(index)]: Invalid value: \(quoted(value)): for 'Gt', 'Lt' operators, the value must be an "
                        + "integer")
            }
            return problems
        }

        /// What is wrong with a key, as a field error; `nil` where nothing is.
        static func problem(withKey key: String, at path: String) -> String? {
            let problems = NameRules.problemsOfLabelKey(key)
            if problems.isEmpty { return nil }
            return "\(path): Invalid value: \(quoted(key)): \(problems.joined(separator: "; "))"
        }

        private static func list(_ values: [String]) -> String {
            "[\(values.map(quoted).joined(separator: ","))]"
        }

        /// As Go's %q prints text: quotes, backslashes and control characters escaped.
        private static func quoted(_ text: String) -> String {
            var result = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": result += "\\\""
                case "\\": result += "\\\\"
                case "\n": result += "\\n"
                case "\r": result += "\\r"
                case "\t": result += "\\t"
                case "\u{7}": result += "\\a"
                case "\u{8}": result += "\\b"
                case "\u{B}": result += "\\v"
                case "\u{C}": result += "\\f"
                case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                    result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                default: result.unicodeScalars.append(scalar)
                }
            }
            return result + "\""
        }
    }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    public var description: String {
        switch `operator` {
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .in: "\(key) in (\(values.joined(separator: ",")))"
        case .notIn: "\(key) notin (\(values.joined(separator: ",")))"
        case .greaterThan: "\(key)>\(values.first ?? "")"
        case .lessThan: "\(key)<\(values.first ?? "")"
        case .equals, .doubleEquals, .notEquals: "\(key)\(`operator`.rawValue)\(values.first ?? "")"
        }
    }
}
