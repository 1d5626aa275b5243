import APIMachinery
import JSON

/// Defaults of `autoscaling/v2`.
enum AutoscalingDefaults {
    /// Percent of the requested CPU that an autoscaler without metrics aims at.
    static let cpuUtilization: Int64 = 80

    static func autoscaler(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.setDefault("minReplicas", 1)
            if spec.items("metrics").isEmpty { spec["metrics"] = [cpuMetric] }
            spec.edit("behavior") { behavior in
                behavior.editCreating("scaleUp", scaleUp)
                behavior.editCreating("scaleDown", scaleDown)
            }
        }
    }

    private static var cpuMetric: JSON {
        [
            "type": "Resource",
            "resource": [
                "name": "cpu", "target": ["type": "Utilization", "averageUtilization": .int(cpuUtilization)],
            ],
        ]
    }

    private static func scaleUp(_ rules: inout JSONObject) {
        rules.setDefault("stabilizationWindowSeconds", 0)
        rules.setDefault("selectPolicy", "Max")
        guard rules.items("policies").isEmpty else { return }
        rules["policies"] = [
            ["type": "Pods", "value": 4, "periodSeconds": 15], ["type": "Percent", "value": 100, "periodSeconds": 15],
        ]
    }

    private static func scaleDown(_ rules: inout JSONObject) {
        rules.setDefault("selectPolicy", "Max")
        guard rules.items("policies").isEmpty else { return }
        rules["policies"] = [["type": "Percent", "value": 100, "periodSeconds": 15]]
    }
}
