import APIMachinery
import JSON

/// The selector that a job is given so that it owns its pods and no others.
enum JobSelector {
    static let controllerUIDLabel = "batch.kubernetes.io/controller-uid"
    static let jobNameLabel = "batch.kubernetes.io/job-name"
    /// The labels of the time before the prefix.
    static let legacyControllerUIDLabel = "controller-uid"
    static let legacyJobNameLabel = "job-name"

    /// Labels the pods of a new job with its uid, and selects them by it, unless the job brings its own selector.
    static func generate(for job: inout JSONObject) {
        guard job.object("spec")?.bool("manualSelector") != true else { return }
        let metadata = job.object("metadata") ?? [:]
        let (name, uid) = (metadata["name"] ?? "", metadata["uid"] ?? "")
        let labels = WorkloadDefaults.templateLabels(of: job)
        // A job without labels of its own shows those of its template, those added here too.
        let sharesLabels = metadata["labels"] == labels
        job.editCreating("spec") { spec in
            spec.editCreating("template") { template in
                template.editCreating("metadata") { metadata in
                    // Other values that the writer gave are refused when the job is validated.
                    metadata.editCreating("labels") { labels in
                        labels.setDefault(legacyJobNameLabel, name)
                        labels.setDefault(jobNameLabel, name)
                        labels.setDefault(legacyControllerUIDLabel, uid)
                        labels.setDefault(controllerUIDLabel, uid)
                    }
                }
            }
            spec.editCreating("selector") { selector in
                selector.editCreating("matchLabels") { labels in
                    labels.setDefault(controllerUIDLabel, uid)
                }
            }
        }
        if sharesLabels, let labels = WorkloadDefaults.templateLabels(of: job) {
            job.editCreating("metadata") { $0["labels"] = labels }
        }
    }
}
