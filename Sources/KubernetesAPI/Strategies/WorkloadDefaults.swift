import APIMachinery
import JSON

/// Defaults of the kinds that make pods (`apps/v1`, `batch/v1`, `core/v1`).
enum WorkloadDefaults {
    static func podTemplate(_ object: inout JSONObject) { PodDefaults.template(in: &object) }

    static func deployment(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            PodDefaults.template(in: &spec)
            spec.setDefault("replicas", 1)
            spec.editCreating("strategy") { strategy in
                strategy.setDefaultIfBlank("type", "RollingUpdate")
                guard strategy.string("type") == "RollingUpdate" else { return }
                strategy.editCreating("rollingUpdate") { rolling in
                    rolling.setDefault("maxUnavailable", "25%")
                    rolling.setDefault("maxSurge", "25%")
                }
            }
            spec.setDefault("revisionHistoryLimit", 10)
            spec.setDefault("progressDeadlineSeconds", 600)
        }
    }

    static func replicaSet(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            PodDefaults.template(in: &spec)
            spec.setDefault("replicas", 1)
        }
    }

    static func statefulSet(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            PodDefaults.template(in: &spec)
            spec.setDefaultIfBlank("podManagementPolicy", "OrderedReady")
            spec.editCreating("updateStrategy") { strategy in
                if strategy.isBlank("type") {
                    strategy["type"] = "RollingUpdate"
                    strategy.setDefault("rollingUpdate", [:])
                }
                guard strategy.string("type") == "RollingUpdate" else { return }
                strategy.edit("rollingUpdate") { $0.setDefault("partition", 0) }
            }
            spec.editCreating("persistentVolumeClaimRetentionPolicy") { policy in
                policy.setDefaultIfBlank("whenDeleted", "Retain")
                policy.setDefaultIfBlank("whenScaled", "Retain")
            }
            spec.setDefault("replicas", 1)
            spec.setDefault("revisionHistoryLimit", 10)
            spec.editItems(of: "volumeClaimTemplates") { claim in
                claim["apiVersion"] = "v1"
                claim["kind"] = "PersistentVolumeClaim"
                StorageDefaults.claim(&claim)
            }
        }
    }

    static func daemonSet(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            PodDefaults.template(in: &spec)
            spec.editCreating("updateStrategy") { strategy in
                strategy.setDefaultIfBlank("type", "RollingUpdate")
                guard strategy.string("type") == "RollingUpdate" else { return }
                strategy.editCreating("rollingUpdate") { rolling in
                    rolling.setDefault("maxUnavailable", 1)
                    rolling.setDefault("maxSurge", 0)
                }
            }
            spec.setDefault("revisionHistoryLimit", 10)
        }
    }

    static func replicationController(_ object: inout JSONObject) {
        var labels: JSON?
        object.editCreating("spec") { spec in
            if spec.has("template") { PodDefaults.template(in: &spec) }
            labels = spec.object("template")?.value(at: ["metadata", "labels"])
            if (spec.object("selector") ?? [:]).isEmpty, let labels { spec["selector"] = labels }
            spec.setDefault("replicas", 1)
        }
        takeLabels(labels, for: &object)
    }

    static func job(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            PodDefaults.template(in: &spec)
            if !spec.has("completions"), !spec.has("parallelism") { spec["completions"] = 1 }
            spec.setDefault("parallelism", 1)
            let countsPerIndex = spec.has("backoffLimitPerIndex")
            spec.setDefault("backoffLimit", countsPerIndex ? .int(Int64(Int32.max)) : 6)
            spec.setDefault("completionMode", "NonIndexed")
            spec.setDefault("suspend", false)
            spec.setDefault("manualSelector", false)
            let hasFailurePolicy = spec.has("podFailurePolicy")
            spec.setDefault("podReplacementPolicy", hasFailurePolicy ? "Failed" : "TerminatingOrFailed")
            jobSpec(&spec)
        }
        takeLabels(templateLabels(of: object), for: &object)
    }

    static func cronJob(_ object: inout JSONObject) {
        object.editCreating("spec") { spec in
            spec.editCreating("jobTemplate") { template in
                template.editCreating("spec") { spec in
                    PodDefaults.template(in: &spec)
                    jobSpec(&spec)
                }
            }
            spec.setDefaultIfBlank("concurrencyPolicy", "Allow")
            spec.setDefault("suspend", false)
            spec.setDefault("successfulJobsHistoryLimit", 3)
            spec.setDefault("failedJobsHistoryLimit", 1)
        }
    }

    static func templateLabels(of object: JSONObject) -> JSON? {
        object.value(at: ["spec", "template", "metadata", "labels"])
    }

    /// An object without labels has those of its template.
    static func takeLabels(_ labels: JSON?, for object: inout JSONObject) {
        guard let labels, case .object(let entries) = labels, !entries.isEmpty else { return }
        object.editCreating("metadata") { metadata in
            if (metadata.object("labels") ?? [:]).isEmpty { metadata["labels"] = labels }
        }
    }

    /// What a job's spec has filled in wherever it stands.
    private static func jobSpec(_ spec: inout JSONObject) {
        spec.edit("podFailurePolicy") { policy in
            policy.editItems(of: "rules") { rule in
                rule.editItems(of: "onPodConditions") { $0.setDefaultIfBlank("status", "True") }
            }
        }
    }
}
