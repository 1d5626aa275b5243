import APIMachinery
import JSON

extension Tables {
    static func apps(_ resource: String) -> [TableColumn] {
        switch resource {
        case "deployments": deployment
        case "replicasets": replicas(selector: selectorColumn)
        case "statefulsets": statefulSet
        case "daemonsets": daemonSet
        case "controllerrevisions": controllerRevision
        default: standard
        }
    }

    static func batch(_ resource: String) -> [TableColumn] {
        switch resource {
        case "jobs": job
        case "cronjobs": cronJob
        default: standard
        }
    }

    static func replicas(selector: TableColumn) -> [TableColumn] {
        [
            .name,
            .integer("Desired", "How many replicas are asked for.", at: "spec", "replicas"),
            .integer("Current", "How many replicas there are.", at: "status", "replicas"),
            .integer("Ready", "How many replicas are ready.", at: "status", "readyReplicas"),
            .age,
        ] + containerColumns("spec", "template", "spec") + [selector]
    }

    static func containerColumns(_ path: String...) -> [TableColumn] {
        [
            .text("Containers", wide: true, "Names of the template's containers.") {
                CellText.containers($0.at(path), "name")
            },
            .text("Images", wide: true, "Images of the template's containers.") {
                CellText.containers($0.at(path), "image")
            },
        ]
    }

    private static let selectorDescription = "Labels by which pods are chosen."

    private static let selectorColumn = TableColumn.text("Selector", wide: true, selectorDescription) {
        CellText.selector($0.at("spec", "selector"))
    }

    private static let deployment: [TableColumn] =
        [
            .name,
            .text("Ready", "Pods that are ready, of those asked for.") { object in
                "\(object.integer("status", "readyReplicas"))/\(object.integer("spec", "replicas"))"
            },
            .integer("Up-to-date", type: "string", "Pods of the newest template.", at: "status", "updatedReplicas"),
            .integer(
                "Available", type: "string", "Pods that have been ready for long enough.", at: "status",
                "availableReplicas"),
            .age,
        ] + containerColumns("spec", "template", "spec") + [
            .text("Selector", wide: true, selectorDescription) {
                CellText.selector($0.at("spec", "selector"), ifInvalid: "<invalid>")
            }
        ]

    private static let statefulSet: [TableColumn] =
        [
            .name,
            .text("Ready", "Pods that are ready, of those asked for.") { object in
                "\(object.integer("status", "readyReplicas"))/\(object.integer("spec", "replicas"))"
            },
            .age,
        ] + containerColumns("spec", "template", "spec")

    private static let daemonSet: [TableColumn] =
        [
            .name,
            .integer("Desired", "Nodes that should run a pod.", at: "status", "desiredNumberScheduled"),
            .integer("Current", "Nodes that should run a pod and do.", at: "status", "currentNumberScheduled"),
            .integer("Ready", "Nodes whose pod is ready.", at: "status", "numberReady"),
            .integer("Up-to-date", "Nodes with a pod of the newest template.", at: "status", "updatedNumberScheduled"),
            .integer("Available", "Nodes whose pod has been ready for long enough.", at: "status", "numberAvailable"),
            .text("Node Selector", "Labels that a node must have.") {
                CellText.labels($0.at("spec", "template", "spec", "nodeSelector"))
            },
            .age,
        ] + containerColumns("spec", "template", "spec") + [selectorColumn]

    private static let controllerRevision: [TableColumn] = [
        .name,
        .text("Controller", "What the revision belongs to.", controllerReference),
        .integer("Revision", type: "string", "The number of the revision.", at: "revision"),
        .age,
    ]

    private static func controllerReference(_ object: JSON) -> String {
        let owners = object.items("metadata", "ownerReferences")
        guard let owner = owners.first(where: { $0["controller"]?.boolValue == true }) else { return CellText.none }
        let group = GroupVersion(apiVersion: owner.text("apiVersion"))?.group ?? ""
        return "\(GroupKind(group: group, kind: owner.text("kind")))".lowercased() + "/" + owner.text("name")
    }

    private static let job: [TableColumn] =
        [
            .name,
            .text("Status", "How far the job has come.", jobStatus),
            .text("Completions", "Pods that succeeded, of those that must.", jobCompletions),
            TableColumn(name: "Duration", type: "string", description: "How long the job ran.") { object, now in
                .string(jobDuration(object, now))
            },
            .age,
        ] + containerColumns("spec", "template", "spec") + [selectorColumn]

    private static func jobStatus(_ job: JSON) -> String {
        if job.isConditionTrue("Complete") { return "Complete" }
        if job.isConditionTrue("Failed") { return "Failed" }
        if job.at("metadata", "deletionTimestamp") != nil { return "Terminating" }
        for condition in ["Suspended", "FailureTarget", "SuccessCriteriaMet"] where job.isConditionTrue(condition) {
            return condition
        }
        return "Running"
    }

    private static func jobCompletions(_ job: JSON) -> String {
        let succeeded = job.integer("status", "succeeded")
        if let completions = job.at("spec", "completions")?.intValue { return "\(succeeded)/\(completions)" }
        let parallelism = job.integer("spec", "parallelism")
        return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    }

    private static func jobDuration(_ job: JSON, _ now: Int64) -> String {
        guard let start = Age.moment(job.text("status", "startTime")) else { return "" }
        let end = Age.moment(job.text("status", "completionTime")) ?? KubernetesTime(epochSeconds: now)
        return start.age(at: end)
    }

    private static let cronJob: [TableColumn] =
        [
            .name,
            .text("Schedule", "When jobs start, in cron's form.", at: "spec", "schedule"),
            .text("Timezone", "The time zone of the schedule.", at: "spec", "timeZone", or: CellText.none),
            TableColumn(name: "Suspend", type: "boolean", description: "Whether no job is started.") { object, _ in
                switch object.at("spec", "suspend")?.boolValue {
                case true?: "True"
                case false?: "False"
                case nil: .string(CellText.unset)
                }
            },
            .count("Active", "Jobs that run now.", of: "status", "active"),
            TableColumn(name: "Last Schedule", type: "string", description: "When a job was last started.") {
                object, now in
                let last = object.at("status", "lastScheduleTime")
                return .string(last.map { Age.since($0, now) } ?? CellText.none)
            },
            .age,
        ] + containerColumns("spec", "jobTemplate", "spec", "template", "spec") + [
            .text("Selector", wide: true, selectorDescription) {
                CellText.selector($0.at("spec", "jobTemplate", "spec", "selector"))
            }
        ]

    static let disruptionBudget: [TableColumn] = [
        .name,
        .text("Min Available", "Pods that must stay.") {
            CellText.intOrString($0.at("spec", "minAvailable"), or: "N/A")
        },
        .text("Max Unavailable", "Pods that may be away.") {
            CellText.intOrString($0.at("spec", "maxUnavailable"), or: "N/A")
        },
        .integer("Allowed Disruptions", "Pods that may be evicted now.", at: "status", "disruptionsAllowed"),
        .age,
    ]
}
