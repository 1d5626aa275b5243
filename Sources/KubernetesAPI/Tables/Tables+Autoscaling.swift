import APIMachinery
import JSON

extension Tables {
    static let autoscaler: [TableColumn] = [
        .name,
        .text("Reference", "What is scaled.") { object in
            object.text("spec", "scaleTargetRef", "kind") + "/" + object.text("spec", "scaleTargetRef", "name")
        },
        .text("Targets", "What is measured, and what it should be.", targets),
        .text("MinPods", "The fewest pods that there may be.") {
            CellText.intOrString($0.at("spec", "minReplicas"), or: CellText.unset)
        },
        .integer("MaxPods", type: "string", "The most pods that there may be.", at: "spec", "maxReplicas"),
        .integer("Replicas", type: "string", "How many pods there are.", at: "status", "currentReplicas"),
        .age,
    ]

    private static func targets(_ autoscaler: JSON) -> String {
        let metrics = autoscaler.items("spec", "metrics")
        let current = autoscaler.items("status", "currentMetrics")
        guard !metrics.isEmpty else { return CellText.none }
        let limit = 2
        let shown = metrics.prefix(limit).enumerated().map { index, metric in
            target(metric, current: index < current.count ? current[index] : nil)
        }
        let more = metrics.count > limit ? " + \(metrics.count - limit) more..." : ""
        return shown.joined(separator: ", ") + more
    }

    /// One metric as `current/target`.
    private static func target(_ metric: JSON, current: JSON?) -> String {
        switch metric.text("type") {
        case "External": amount(metric["external"], current?["external"])
        case "Pods": average(metric["pods"], current?["pods"])
        case "Object": amount(metric["object"], current?["object"])
        case "Resource": resource(metric["resource"], current?["resource"])
        case "ContainerResource": resource(metric["containerResource"], current?["containerResource"])
        default: "<unknown type>"
        }
    }

    private static func amount(_ metric: JSON?, _ current: JSON?) -> String {
        guard metric?.at("target", "averageValue") == nil else { return average(metric, current) + " (avg)" }
        let now = current?.at("current", "value")?.stringValue ?? CellText.unknown
        return now + "/" + (metric?.text("target", "value") ?? "")
    }

    private static func average(_ metric: JSON?, _ current: JSON?) -> String {
        let now = current?.at("current", "averageValue")?.stringValue ?? CellText.unknown
        return now + "/" + (metric?.text("target", "averageValue") ?? "")
    }

    private static func resource(_ metric: JSON?, _ current: JSON?) -> String {
        let name = (metric?.text("name") ?? "") + ": "
        if metric?.at("target", "averageValue") != nil { return name + average(metric, current) }
        let now = current?.at("current", "averageUtilization")?.intValue.map { "\($0)%" } ?? CellText.unknown
        let wanted = metric?.at("target", "averageUtilization")?.intValue.map { "\($0)%" } ?? "<auto>"
        return name + now + "/" + wanted
    }
}
