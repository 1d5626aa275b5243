import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct EventStrategyTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var change: @Sendable (inout JSON) -> Void
        /// By way of the core group, and of `events.k8s.io`.
        var core: [String]
        var events: [String]
        var testDescription: String { remark }
    }

    private static let event: JSON = [
        "metadata": ["name": "a", "namespace": "n", "resourceVersion": "5"],
        "involvedObject": ["kind": "Pod", "namespace": "n", "name": "p"],
        "eventTime": "2026-01-01T00:00:00.000000Z", "reason": "r", "action": "a", "type": "Normal", "source": [:],
        "reportingComponent": "x.io/c", "reportingInstance": "i", "firstTimestamp": .null, "lastTimestamp": .null,
    ]

    static let rows: [Row] = [
        Row(remark: "right", change: { _ in }, core: [], events: []),
        Row(
            remark: "a type of one's own", change: { $0["type"] = "Loud" }, core: [],
            events: ["type: Invalid value: \"\": has invalid value: Loud"]),
        Row(
            remark: "no reporter", change: { $0["reportingComponent"] = "" },
            core: [
                "reportingComponent: Required value",
                "reportingComponent: Invalid value: \"\": name part must be non-empty",
                "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ],
            events: [
                "reportingController: Required value",
                "reportingController: Invalid value: \"\": name part must be non-empty",
                "reportingController: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ]),
        Row(
            remark: "a count", change: { $0["count"] = 3 }, core: [],
            events: ["count: Invalid value: \"\": needs to be unset"]),
        Row(
            remark: "no time",
            change: {
                $0["eventTime"] = .null
                $0["reason"] = nil
            }, core: [], events: ["eventTime: Required value"]),
        Row(
            remark: "about a node, elsewhere than in default",
            change: { $0["involvedObject"] = ["kind": "Node", "name": "m"] },
            core: ["involvedObject.namespace: Invalid value: \"\": does not match event.namespace"],
            events: ["involvedObject.namespace: Invalid value: \"\": does not match event.namespace"]),
    ]

    @Test(arguments: rows)
    func newEvents(_ row: Row) {
        var event = Self.event
        row.change(&event)
        #expect(EventStrategy(isStrict: false).validateCreation(event).map(\.description) == row.core)
        #expect(EventStrategy(isStrict: true).validateCreation(event).map(\.description) == row.events)
    }

    @Test func onlyTheSeriesOfAnEventChanges() {
        var changed = Self.event
        changed["message"] = "other"
        changed["series"] = ["count": 2, "lastObservedTime": "2026-01-01T00:00:00.000000Z"]
        #expect(EventStrategy(isStrict: false).validateUpdate(changed, from: Self.event).isEmpty)
        #expect(
            EventStrategy(isStrict: true).validateUpdate(changed, from: Self.event).map(\.description)
                == ["message: Invalid value: \"other\": field is immutable"])
        changed["message"] = nil
        #expect(EventStrategy(isStrict: true).validateUpdate(changed, from: Self.event).isEmpty)
    }
}
