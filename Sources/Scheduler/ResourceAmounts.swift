package import JSON

/// Amounts of resources by name, in thousandths (of a CPU, a byte, a pod), so that all count alike.
package struct ResourceAmounts: Sendable, Hashable {
    package private(set) var thousandths: [String: Int64]

    package init() { thousandths = [:] }

    /// Reads a `ResourceList`; what is no quantity counts as nothing, since the server lets none in.
    package init(_ json: JSON?) {
        thousandths = [:]
        for member in json?.objectValue ?? [:] { thousandths[member.key] = Self.thousandths(of: member.value) ?? 0 }
    }

    package subscript(name: String) -> Int64 {
        get { thousandths[name] ?? 0 }
        set { thousandths[name] = newValue }
    }

    package static func + (lhs: ResourceAmounts, rhs: ResourceAmounts) -> ResourceAmounts {
        var sum = lhs
        for (name, amount) in rhs.thousandths { sum[name] = saturated(sum[name].addingReportingOverflow(amount)) }
        return sum
    }

    package static func - (lhs: ResourceAmounts, rhs: ResourceAmounts) -> ResourceAmounts {
        var rest = lhs
        for (name, amount) in rhs.thousandths {
            rest[name] = saturated(rest[name].subtractingReportingOverflow(amount))
        }
        return rest
    }

    /// The larger of the two, resource by resource.
    package func maximum(_ other: ResourceAmounts) -> ResourceAmounts {
        ResourceAmounts(merging: thousandths.merging(other.thousandths, uniquingKeysWith: max))
    }

    private init(merging thousandths: [String: Int64]) { self.thousandths = thousandths }

    private static func saturated(_ result: (partialValue: Int64, overflow: Bool)) -> Int64 {
        result.overflow ? .max : result.partialValue
    }
}

extension ResourceAmounts {
    /// What a pod asks for: its containers' requests together with its sidecars', or what its largest init container
    /// needs beside the sidecars started before it, whichever is more, and its overhead ("Sidecar containers",
    /// resource sharing within containers). Requests of the pod as a whole take precedence for what they name.
    package init(requestsOf spec: JSON) {
        var running = ResourceAmounts()
        for container in spec["containers"]?.arrayValue ?? [] { running = running + Self.requests(container) }
        var sidecars = ResourceAmounts()
        var starting = ResourceAmounts()
        for container in spec["initContainers"]?.arrayValue ?? [] {
            if container["restartPolicy"]?.stringValue == "Always" {
                sidecars = sidecars + Self.requests(container)
                starting = starting.maximum(sidecars)
            } else {
                starting = starting.maximum(sidecars + Self.requests(container))
            }
        }
        var needed = (running + sidecars).maximum(starting)
        for (name, amount) in Self.requests(spec).thousandths { needed[name] = amount }
        self = needed + ResourceAmounts(spec["overhead"])
    }

    private static func requests(_ json: JSON) -> ResourceAmounts { ResourceAmounts(json["resources"]?["requests"]) }

    /// A Kubernetes quantity: a decimal number with a binary (`Ki`) or decimal (`k`, `m`) suffix, or an exponent.
    static func thousandths(of json: JSON) -> Int64? {
        switch json {
        case .int(let value): return saturated(value.multipliedReportingOverflow(by: 1000))
        case .double(let value): return Int64(exactly: (value * 1000).rounded(.up))
        case .string(let text):
            let end = text.firstIndex { !($0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+")) }
            let suffix = text[(end ?? text.endIndex)...]
            guard let number = Double(text[..<(end ?? text.endIndex)]), let factor = factor(of: suffix) else {
                return nil
            }
            let value = (number * factor * 1000).rounded(.up)
            return value >= 9.2e18 ? .max : Int64(exactly: value)
        default: return nil
        }
    }

    private static func factor(of suffix: Substring) -> Double? {
        if let factor = factors[suffix] { return factor }
        guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
            (-20...20).contains(exponent)
        else { return nil }
        return exponent >= 0
            ? (0..<exponent).reduce(1.0) { factor, _ in factor * 10 }
            : (0..<(-exponent)).reduce(1.0) { factor, _ in factor / 10 }
    }

    private static let factors: [Substring: Double] = [
        "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
        "Ei": 1_152_921_504_606_846_976,
    ]
}
