import APIMachinery
import Testing

@testable import KubernetesAPI

/// What is said of the kinds that make pods, word for word and in order.
struct WorkloadMessagesTests {
    private static let template =
        #""template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}"#
    private static let alwaysTemplate =
        #""template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","containers":[{"name":"c","image":"n"}]}}"#
    private static let selector = #""selector":{"matchLabels":{"a":"b"}}"#

    /// A deployment, stateful set or daemon set with members of its own in its spec.
    private static func set(_ members: String) -> String {
        #"{"spec":{\#(members)\#(selector),\#(alwaysTemplate)}}"#
    }

    /// A job that was started and then suspended, with members of its own in the spec of its pods.
    private static func restingJob(_ members: String) -> String {
        #"{"spec":{"suspend":true,"manualSelector":true,\#(selector),"template":{"metadata":{"labels":{"a":"b"}},"spec":{\#(members)"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}},"status":{"startTime":"2026-01-01T00:00:00Z","conditions":[{"type":"Suspended","status":"True"}]}}"#
    }

    private static func job(_ members: String) -> String { #"{"spec":{\#(members)\#(template)}}"# }

    private static func cronJob(_ members: String) -> String {
        #"{"spec":{\#(members)"jobTemplate":{"spec":{\#(template)}}}}"#
    }

    static let sets: [RuleRow] = [
        RuleRow(
            "apps/Deployment", "a number that is written as a text counts",
            set(#""strategy":{"rollingUpdate":{"maxSurge":"5","maxUnavailable":0}},"#),
            #"spec.strategy.rollingUpdate.maxSurge: Invalid value: "5": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"#
        ),
        RuleRow(
            "apps/Deployment", "a percentage beyond all numbers",
            set(#""strategy":{"rollingUpdate":{"maxUnavailable":"99999999999999999999%"}},"#),
            #"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "99999999999999999999%": must not be greater than 100%"#
        ),
        RuleRow(
            "apps/Deployment", "an unknown strategy is shown with its settings",
            set(#""strategy":{"type":"Canary","rollingUpdate":{"maxSurge":1}},"#),
            #"spec.strategy: Unsupported value: {"Type":"Canary","RollingUpdate":{"MaxUnavailable":null,"MaxSurge":1}}: supported values: "Recreate", "RollingUpdate""#
        ),
        RuleRow(
            "apps/DaemonSet", "no selector selects no pod", #"{"spec":{\#(alwaysTemplate)}}"#,
            #"spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`"#),
        RuleRow(
            "apps/StatefulSet", "an unknown strategy", set(#""updateStrategy":{"type":"Canary"},"#),
            #"spec.updateStrategy: Invalid value: {"Type":"Canary","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'"#
        ),
        RuleRow(
            "apps/StatefulSet", "what is to become of claims",
            set(
                #""persistentVolumeClaimRetentionPolicy":{"whenScaled":"Maybe"},"ordinals":{"start":-1},"serviceName":"S","#
            ),
            #"spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Maybe": supported values: "Retain", "Delete""#,
            "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
            #"spec.serviceName: Invalid value: "S": \#(NameRules.problemsOfLabel("S")[0])"#),
        RuleRow(
            "apps/ControllerRevision", "no data", #"{"revision":-1}"#,
            "data: Required value: data is mandatory",
            "revision: Invalid value: -1: must be greater than or equal to 0"),
    ]

    static let jobs: [RuleRow] = [
        RuleRow(
            "batch/Job", "a selector of its own that is not there", job(#""manualSelector":true,"#),
            "spec.selector: Required value",
            #"spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`"#),
        RuleRow(
            "batch/Job", "an empty selector of its own selects all pods",
            job(#""manualSelector":true,"selector":{},"#)),
        RuleRow(
            "batch/Job", "a selector that the generated labels satisfy",
            job(#""selector":{"matchExpressions":[{"key":"job-name","operator":"Exists"}]},"#)),
        RuleRow(
            "batch/Job", "another name in the labels",
            #"{"spec":{"template":{"metadata":{"labels":{"a":"b","job-name":"x"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            #"spec.template.metadata.labels[job-name]: Invalid value: {"a":"b","job-name":"x","batch.kubernetes.io/job-name":"a","controller-uid":"u","batch.kubernetes.io/controller-uid":"u"}: must be 'a'"#
        ),
        RuleRow(
            "batch/Job", "an unknown mode has no say about indexes",
            job(#""completionMode":"Random","backoffLimitPerIndex":1,"#),
            #"spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed""#),
        RuleRow(
            "batch/Job", "a failure policy that says nothing",
            job(
                #""podFailurePolicy":{"rules":[{"action":"","onExitCodes":{"operator":"","values":[]}},{"action":"Count","onExitCodes":{"operator":"In","values":[3,1,1]}}]},"#
            ),
            #"spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]"#,
            #"spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]"#,
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required",
            "spec.podFailurePolicy.rules[1].onExitCodes.values[2]: Duplicate value: 1",
            "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: [3,1,1]: must be ordered"),
        RuleRow(
            "batch/Job", "a manager by another name than its own", job(#""managedBy":"A.b/c d","#),
            #"spec.managedBy: Invalid value: "A.b": \#(NameRules.problemsOfSubdomain("A.b")[0])"#,
            #"spec.managedBy: Invalid value: "c d": Invalid path (regex used for validation is '[A-Za-z0-9/\-._~%!$&'()*+,;=:]+')"#
        ),
    ]

    static let schedules: [RuleRow] =
        [
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"), ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            ("70-75/0 * * * *", "end of range (75) above maximum (59): 70-75/0"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("5/-1 * * * *", "negative number (-1) not allowed: -1"),
            (
                "* * * * 99999999999999999999",
                #"failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range"#
            ),
            ("* * * x *", #"failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax"#),
            ("* * * FEB sun-wed", nil), ("? 0 1,15 * *", nil),
            ("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"),
            ("* *", "expected exactly 5 fields, found 2: [* *]"), ("@never", "unrecognized descriptor: @never"),
            ("@every 5", #"failed to parse duration @every 5: time: missing unit in duration "5""#),
            ("@every 5x", #"failed to parse duration @every 5x: time: unknown unit "x" in duration "5x""#),
            ("@every 1h30m", nil),
        ].map { schedule, problem in
            row(schedule, problem.map { [$0] } ?? [])
        } + [
            row("TZ=UTC 0 * * * *", [zoneRule]),
            row(
                "CRON_TZ=Mars/North 0 * *",
                ["provided bad location Mars/North: unknown time zone Mars/North", zoneRule]),
        ]

    private static let zoneRule = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"

    private static func row(_ schedule: String, _ problems: [String]) -> RuleRow {
        var row = RuleRow("batch/CronJob", schedule, cronJob(#""schedule":"\#(schedule)","#))
        row.problems = problems.map { #"spec.schedule: Invalid value: "\#(schedule)": \#($0)"# }
        return row
    }

    static let zones: [RuleRow] =
        ["UTC", "Europe/Berlin", "EST", "Zulu", "Etc/GMT+5"].map { zone in
            RuleRow("batch/CronJob", zone, cronJob(#""schedule":"@daily","timeZone":"\#(zone)","#))
        }
        + ["PST", "europe/berlin", "GMT+5", "../UTC"].map { zone in
            RuleRow(
                "batch/CronJob", zone, cronJob(#""schedule":"@daily","timeZone":"\#(zone)","#),
                #"spec.timeZone: Invalid value: "\#(zone)": unknown time zone \#(zone)"#)
        } + [
            RuleRow(
                "batch/CronJob", "local", cronJob(#""schedule":"@daily","timeZone":"local","#),
                #"spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"#,
                #"spec.timeZone: Invalid value: "local": unknown time zone local"#)
        ]

    static let changes: [ChangeRow] = [
        ChangeRow(
            "apps/ReplicaSet", "a wrong number is told of by the check of a set and that of an update",
            set(""), set(#""replicas":-1,"#),
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ChangeRow(
            "apps/Deployment", "a wrong number is told of once", set(""), set(#""replicas":-1,"#),
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ChangeRow(
            "apps/StatefulSet", "more available than ready", set(""),
            #"{"status":{"replicas":2,"readyReplicas":1,"availableReplicas":2}}"#, subresource: "status",
            "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas"),
        ChangeRow(
            "apps/Deployment", "a generation before a count", set(""),
            #"{"status":{"replicas":-1,"observedGeneration":-1}}"#, subresource: "status",
            "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0",
            "status.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ChangeRow(
            "batch/Job", "another start of a job that runs",
            #"{"spec":{\#(template)},"status":{"startTime":"2026-01-01T00:00:00Z","failed":2}}"#,
            #"{"status":{"startTime":"2026-01-01T00:00:01Z","failed":1}}"#, subresource: "status",
            "status.failed: Invalid value: 1: cannot decrease the failed counter",
            #"status.startTime: Invalid value: "2026-01-01T00:00:01Z": startTime cannot be modified for unsuspended job"#
        ),
        ChangeRow(
            "batch/Job", "another place for the pods of a job that rests", restingJob(""),
            restingJob(#""nodeSelector":{"a":"b"},"#)),
        ChangeRow(
            "batch/Job", "more pods ready than there are",
            #"{"spec":{\#(template)}}"#, #"{"status":{"ready":1,"startTime":"2026-01-01T00:00:00Z"}}"#,
            subresource: "status", "status.ready: Invalid value: 1: cannot set more ready pods than active"),
        ChangeRow(
            "batch/Job", "indexes of a job without any", #"{"spec":{\#(template)}}"#,
            #"{"status":{"completedIndexes":"1","failedIndexes":"0"}}"#, subresource: "status",
            #"status.completedIndexes: Invalid value: "1": error parsing completedIndexes: too large index: "1""#,
            #"status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed completion mode"#,
            #"status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null"#
        ),
    ]

    @Test(arguments: sets)
    func setsAreSpokenOf(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: jobs)
    func jobsAreSpokenOf(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: schedules)
    func schedulesAreRead(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: zones)
    func zonesAreThoseOfTheDatabase(_ row: RuleRow) throws { try row.checkMessages() }

    @Test(arguments: changes)
    func changesAreSpokenOf(_ row: ChangeRow) throws { try row.checkMessages() }

    @Test func aChangeOfTheSpecWarnsOfTheTemplateAgain() throws {
        let old =
            #"{"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"c","image":"n"}]}}}}"#
        let subject = try RuleSubject("apps/Deployment")
        let new = old.replacing(#""replicas":1"#, with: #""replicas":2"#)
        #expect(try subject.warnings(updating: old, to: new).count == 1)
        #expect(try subject.warnings(updating: old, to: old) == [])
    }
}
