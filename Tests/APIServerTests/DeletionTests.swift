import APIMachinery
import JSON
import Testing

@testable import APIServer

@Suite struct DeletionTests {
    private static let now = KubernetesTime(epochSeconds: 1_000_000)
    private static let nowText = now.description

    /// What a step makes of an object's metadata, as text; the object itself carries only metadata.
    private func outcome(
        _ metadata: JSON, _ options: DeleteOptions = DeleteOptions(), policy: String = "background",
        grace: Int64? = nil
    ) throws -> String {
        let deletion = Deletion(
            options: options, now: Self.now, defaultPropagationPolicy: policy,
            gracePeriodSeconds: { _, requested in grace.map { requested ?? $0 } },
            kind: GroupKind(group: "", kind: "ConfigMap"))
        func text(_ object: JSON) -> String {
            let fields = MetadataFields(of: object)
            let time = fields[text: .deletionTimestamp]
            let moment = time == Self.nowText ? "now" : time
            return "\(moment) grace=\(fields[.deletionGracePeriodSeconds] ?? .null) \(fields.finalizers)"
        }
        return switch try deletion.step(for: ["metadata": metadata]) {
        case .isPending: "pending"
        case .mark(let object): "mark " + text(object)
        case .markAndRemove(let object): "mark and remove " + text(object)
        case .remove: "remove"
        }
    }

    private func options(_ change: (inout DeleteOptions) -> Void) -> DeleteOptions {
        var options = DeleteOptions()
        change(&options)
        return options
    }

    @Test func anObjectWithNothingToWaitForGoesAtOnce() throws {
        #expect(try outcome(["name": "a"]) == "remove")
    }

    @Test func finalizersHoldAnObject() throws {
        #expect(try outcome(["finalizers": ["x/y"]]) == #"mark now grace=0 ["x/y"]"#)
        let marked: JSON = [
            "deletionTimestamp": .string(Self.nowText), "deletionGracePeriodSeconds": 0, "finalizers": ["x/y"],
        ]
        #expect(try outcome(marked) == #"mark now grace=0 ["x/y"]"#, "again changes nothing")
    }

    @Test func policiesBecomeFinalizers() throws {
        let foreground = options { $0.propagationPolicy = .foreground }
        let orphan = options { $0.orphansDependents = true }
        let background = options { $0.propagationPolicy = .background }
        #expect(try outcome([:], foreground) == #"mark now grace=0 ["foregroundDeletion"]"#)
        #expect(try outcome([:], orphan) == #"mark now grace=0 ["orphan"]"#)
        #expect(try outcome([:], policy: "orphan") == #"mark now grace=0 ["orphan"]"#)
        #expect(try outcome([:], foreground, policy: "unsupported") == "remove")
        #expect(
            try outcome(["finalizers": ["x/y", "orphan"]], background) == #"mark now grace=0 ["x/y"]"#,
            "a later word overrides an earlier one")
        #expect(
            try outcome(["finalizers": ["foregroundDeletion"]]) == #"mark now grace=0 ["foregroundDeletion"]"#,
            "without a word the earlier one holds")
    }

    @Test func graceIsOnlyShortened() throws {
        #expect(try outcome([:], grace: 30) == "mark 1970-01-12T13:47:10Z grace=30 []")
        #expect(try outcome([:], options { $0.gracePeriodSeconds = 0 }, grace: 30) == "mark and remove now grace=0 []")
        #expect(
            try outcome([:], options { $0.gracePeriodSeconds = -5 }, grace: 30)
                == "mark 1970-01-12T13:46:41Z grace=1 []", "a negative grace is a second")
        let going: JSON = ["deletionTimestamp": "1970-01-12T13:47:10Z", "deletionGracePeriodSeconds": 30]
        #expect(try outcome(going, grace: 30) == "pending")
        #expect(try outcome(going, options { $0.gracePeriodSeconds = 50 }, grace: 30) == "pending")
        #expect(
            try outcome(going, options { $0.gracePeriodSeconds = 5 }, grace: 30)
                == "mark 1970-01-12T13:46:45Z grace=5 []", "counted from the first deletion")
        let over: JSON = ["deletionTimestamp": .string(Self.nowText), "deletionGracePeriodSeconds": 0]
        #expect(try outcome(over, grace: 30) == "remove")
    }

    @Test func graceOfAnyNumberStaysInBounds() throws {
        for seconds in [Int64.min, -1, 0, .max] {
            _ = try outcome(["generation": .int(.max)], options { $0.gracePeriodSeconds = seconds }, grace: 30)
            _ = try outcome(
                ["deletionTimestamp": "x", "deletionGracePeriodSeconds": .int(seconds)],
                options { $0.gracePeriodSeconds = 0 }, grace: 30)
        }
    }

    @Test func preconditionsAreHeldAgainstTheRecord() {
        let metadata: JSON = ["name": "a", "uid": "u", "resourceVersion": "7"]
        let error = #expect(throws: APIStatus.self) {
            _ = try outcome(metadata, options { $0.preconditions.resourceVersion = "6" })
        }
        #expect(error?.code == 409)
        #expect(
            error?.message
                == "Operation cannot be fulfilled on ConfigMap \"a\": the ResourceVersion in the precondition "
                + "(6) does not match the ResourceVersion in record (7). The object might have been modified")
        #expect(throws: Never.self) {
            _ = try outcome(metadata, options { $0.preconditions = .init(uid: "u", resourceVersion: "7") })
        }
    }
}
