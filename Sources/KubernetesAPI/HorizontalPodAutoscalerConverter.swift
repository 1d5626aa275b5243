import APIMachinery
import JSON

/// `autoscaling/v1` and `v2`: the first knows one metric, CPU utilization, and keeps the rest in annotations
/// (`pkg/apis/autoscaling/v1/conversion.go`).
struct HorizontalPodAutoscalerConverter: ResourceConverter {
    private static let metrics = "autoscaling.alpha.kubernetes.io/metrics"
    private static let currentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics"
    private static let conditions = "autoscaling.alpha.kubernetes.io/conditions"
    private static let behavior = "autoscaling.alpha.kubernetes.io/behavior"

    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        var object = object
        object["apiVersion"] = .string(target)
        return object
    }
}
