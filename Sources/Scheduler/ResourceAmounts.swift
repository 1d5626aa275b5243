import APIMachinery
package import JSON

/// Amounts of resources by name, in thousandths (of a CPU, a byte, a pod), so that all count alike.
package struct ResourceAmounts: Sendable, Hashable {
    package private(set) var thousandths: [String: Int64]

    package init() { thousandths = [:] }

    /// Reads a `ResourceList`; what is no quantity counts as nothing, since the server lets none in.
    package init(_ json: JSON?) {
        thousandths = [:]
        for member in json?.objectValue ?? [:] {
            let text = member.value.stringValue ?? String(decoding: member.value.encoded, as: UTF8.self)
            thousandths[member.key] = (try? Quantity(parsing: text))?.milliValue ?? 0
        }
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
}
