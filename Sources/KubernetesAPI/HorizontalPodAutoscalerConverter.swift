import APIMachinery
import JSON

/// `autoscaling/v1` and `v2`. The first knows one metric, the utilization of CPU; what else an autoscaler has stands in
/// annotations there, so that nothing is lost when a client of the first version writes back what it read.
struct HorizontalPodAutoscalerConverter: ResourceConverter {
    private enum Annotation {
        static let metrics = "autoscaling.alpha.kubernetes.io/metrics"
        static let currentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics"
        static let conditions = "autoscaling.alpha.kubernetes.io/conditions"
        static let behavior = "autoscaling.alpha.kubernetes.io/behavior"
        static let all = [metrics, currentMetrics, conditions, behavior]
    }

    private static let package = "io.k8s.api.autoscaling."

    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        var object = object
        let isToFirst = target == "autoscaling/v1"
        if isToFirst { Self.lower(&object) } else { Self.raise(&object) }
        object["apiVersion"] = .string(target)
        let version = isToFirst ? "v1" : "v2"
        _ = try Self.canonicalize(&object, as: version + ".HorizontalPodAutoscaler")
        return object
    }

    private static func canonicalize(_ value: inout JSON, as type: String) throws -> [String] {
        try TypeLibrary.builtIn.schema(named: package + type)?.canonicalize(&value) ?? []
    }

    // MARK: To the first version

    private static func lower(_ object: inout JSON) {
        let annotations = object["metadata"]?["annotations"]?.objectValue ?? [:]
        var kept = JSONObject(uniqueMembers: annotations.members.filter { !Annotation.all.contains($0.key) })
        let metrics = object.at("spec", "metrics")?.arrayValue ?? []
        if let utilization = metrics.first(where: isUtilizationOfCPU)?.at("resource", "target", "averageUtilization") {
            object["spec"]?["targetCPUUtilizationPercentage"] = utilization
        }
        let others = metrics.filter { !isUtilizationOfCPU($0) }
        kept[Annotation.metrics] = text(of: others.map { lowered($0, prefix: "target") }, each: "v1.MetricSpec")
        kept[Annotation.behavior] = object.at("spec", "behavior").map { .string(goEncoded(behavior: $0)) }

        let current = object.at("status", "currentMetrics")?.arrayValue ?? []
        if let utilization = current.first(where: { $0.at("resource", "name") == "cpu" })?
            .at("resource", "current", "averageUtilization")
        {
            object["status"]?["currentCPUUtilizationPercentage"] = utilization
        }
        kept[Annotation.currentMetrics] = text(
            of: current.map { lowered($0, prefix: "current") }, each: "v1.MetricStatus")
        kept[Annotation.conditions] = text(
            of: object.items("status", "conditions"), each: "v1.HorizontalPodAutoscalerCondition")

        remove(["metrics", "behavior"], from: "spec", of: &object)
        remove(["currentMetrics", "conditions"], from: "status", of: &object)
        if kept.isEmpty, annotations.isEmpty { return }
        object["metadata"]?["annotations"] = .object(kept)
    }

    private static func isUtilizationOfCPU(_ metric: JSON) -> Bool {
        metric["type"] == "Resource" && metric.at("resource", "name") == "cpu"
            && metric.at("resource", "target", "averageUtilization") != nil
    }

    /// - Returns: `nil` for an empty list, which needs no annotation.
    private static func text(of items: [JSON], each type: String) -> JSON? {
        guard !items.isEmpty else { return nil }
        let canonical = items.map { item in
            var item = item
            // An item of a valid object converts to a valid item; one that does not stays as it is.
            _ = try? canonicalize(&item, as: type)
            return item
        }
        return .string(JSON.array(canonical).description)
    }

    /// One metric, with `prefix` before the names of its amounts: `target` in a spec, `current` in a status.
    private static func lowered(_ metric: JSON, prefix: String) -> JSON {
        var result: JSONObject = [:]
        result["type"] = metric["type"]
        for (kind, value) in metric.objectValue?.members.map({ ($0.key, $0.value) }) ?? [] where kind != "type" {
            let amounts = value[prefix]
            var source: JSONObject = [:]
            source["name"] = value["name"]
            source["container"] = value["container"]
            source["target"] = value["describedObject"]
            source["metricName"] = value.at("metric", "name")
            source[kind == "external" ? "metricSelector" : "selector"] = value.at("metric", "selector")
            source[prefix + "Value"] = amounts?["value"]
            source[kind == "object" ? "averageValue" : prefix + "AverageValue"] = amounts?["averageValue"]
            source[prefix + "AverageUtilization"] = amounts?["averageUtilization"]
            result[kind] = .object(source)
        }
        return .object(result)
    }

    private static func remove(_ names: [String], from part: String, of object: inout JSON) {
        for name in names { object[part]?[name] = nil }
    }

    // MARK: From the first version

    private static func raise(_ object: inout JSON) {
        let annotations = object["metadata"]?["annotations"]?.objectValue ?? [:]
        var metrics = list(annotations[Annotation.metrics]).map { raised($0, prefix: "target") }
        if let utilization = object.at("spec", "targetCPUUtilizationPercentage"), !utilization.isNull {
            metrics.append([
                "type": "Resource",
                "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": utilization]],
            ])
        }
        if !metrics.isEmpty { object["spec"]?["metrics"] = .array(metrics) }
        if let behavior = value(annotations[Annotation.behavior]) {
            object["spec"]?["behavior"] = goDecoded(behavior)
        }
        raiseStatus(&object, annotations)
        remove(["targetCPUUtilizationPercentage"], from: "spec", of: &object)
        remove(["currentCPUUtilizationPercentage"], from: "status", of: &object)
        for name in Annotation.all { object["metadata"]?["annotations"]?[name] = nil }
    }

    private static func raiseStatus(_ object: inout JSON, _ annotations: JSONObject) {
        var metrics = list(annotations[Annotation.currentMetrics]).map { raised($0, prefix: "current") }
        if metrics.isEmpty, let utilization = object.at("status", "currentCPUUtilizationPercentage"),
            !utilization.isNull
        {
            metrics = [
                ["type": "Resource", "resource": ["name": "cpu", "current": ["averageUtilization": utilization]]]
            ]
        }
        let conditions = list(annotations[Annotation.conditions])
        if object["status"] == nil, !(metrics.isEmpty && conditions.isEmpty) { object["status"] = [:] }
        if !metrics.isEmpty { object["status"]?["currentMetrics"] = .array(metrics) }
        if !conditions.isEmpty { object["status"]?["conditions"] = .array(conditions) }
    }

    /// What an annotation holds; one that cannot be read says nothing, as clients may write what they like there.
    private static func value(_ annotation: JSON?) -> JSON? {
        annotation?.stringValue.flatMap { try? JSON(parsing: $0) }
    }

    private static func list(_ annotation: JSON?) -> [JSON] { value(annotation)?.arrayValue ?? [] }

    private static func raised(_ metric: JSON, prefix: String) -> JSON {
        var result: JSONObject = [:]
        result["type"] = metric["type"]
        for (kind, value) in metric.objectValue?.members.map({ ($0.key, $0.value) }) ?? [] where kind != "type" {
            var source: JSONObject = [:]
            source["name"] = value["name"]
            source["container"] = value["container"]
            source["describedObject"] = value["target"]
            if let name = value["metricName"] {
                var identifier: JSONObject = ["name": name]
                identifier["selector"] = value[kind == "external" ? "metricSelector" : "selector"]
                source["metric"] = .object(identifier)
            }
            source[prefix] = amounts(of: value, prefix: prefix)
            result[kind] = .object(source)
        }
        return .object(result)
    }

    private static func amounts(of metric: JSON, prefix: String) -> JSON {
        let average = metric["averageValue"] ?? metric[prefix + "AverageValue"]
        let utilization = metric[prefix + "AverageUtilization"]
        var amounts: JSONObject = [:]
        if prefix == "target" {
            amounts["type"] = utilization != nil ? "Utilization" : average != nil ? "AverageValue" : "Value"
            // A total beside an average is there only because the first version always writes one.
            if average == nil, utilization == nil { amounts["value"] = metric["targetValue"] }
        } else {
            amounts["value"] = metric["currentValue"]
        }
        amounts["averageValue"] = average
        amounts["averageUtilization"] = utilization
        return .object(amounts)
    }

    // MARK: The behavior

    // The annotation holds Kubernetes' internal type, whose members go by their Go names and are all written.

    private static let behaviorMembers = ["ScaleUp", "ScaleDown"]
    private static let rulesMembers = ["StabilizationWindowSeconds", "SelectPolicy", "Policies", "Tolerance"]
    private static let policyMembers = ["Type", "Value", "PeriodSeconds"]

    private static func goEncoded(behavior: JSON) -> String {
        encoded(behavior, behaviorMembers) { rules in
            encoded(rules, rulesMembers) { value in
                guard let policies = value.arrayValue else { return value }
                return .array(policies.map { encoded($0, policyMembers) { $0 } })
            }
        }.description
    }

    private static func encoded(_ object: JSON, _ members: [String], _ each: (JSON) -> JSON) -> JSON {
        let pairs = members.map { name in
            let value = object[name.prefix(1).lowercased() + name.dropFirst()] ?? .null
            return JSONObject.Member(key: name, value: value.isNull ? .null : each(value))
        }
        return .object(JSONObject(uniqueMembers: pairs))
    }

    private static func goDecoded(_ value: JSON) -> JSON {
        switch value {
        case .array(let items): return .array(items.map(goDecoded))
        case .object(let object):
            var result: JSONObject = [:]
            for member in object {
                result[member.key.prefix(1).lowercased() + member.key.dropFirst()] = goDecoded(member.value)
            }
            return .object(result)
        default: return value
        }
    }
}
