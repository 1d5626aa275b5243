package import JSON

/// An `intstr.IntOrString` that counts replicas: a number, or a percentage of another number.
package enum ReplicaCount: Sendable, Hashable {
    package enum Rounding: Sendable { case up, down }

    case number(Int64)
    case percent(Int64)

    /// - Returns: `nil` where it is neither a number nor digits before a `%`.
    package init?(_ json: JSON) {
        switch json {
        case .int(let value): self = .number(value)
        case .string(let text):
            guard text.hasSuffix("%"), let value = Int64(text.dropLast()), (0...1_000_000).contains(value) else {
                return nil
            }
            self = .percent(value)
        default: return nil
        }
    }

    package func resolved(of total: Int64, rounding: Rounding) -> Int64 {
        switch self {
        case .number(let value): return value
        case .percent(let percent):
            let (hundredfold, overflow) = total.multipliedReportingOverflow(by: percent)
            guard !overflow else { return total }
            return rounding == .up ? (hundredfold + 99) / 100 : hundredfold / 100
        }
    }
}
