import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct PodDeletionOrderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var goes: Pod
        var stays: Pod
        var testDescription: String { remark }
    }

    static let rows = [
        Row(
            remark: "unassigned before assigned", goes: pod("a", node: "", phase: "Pending"),
            stays: pod("b", phase: "Pending")),
        Row(remark: "pending before running", goes: pod("a", phase: "Pending"), stays: pod("b")),
        Row(remark: "unknown before running", goes: pod("a", phase: "Unknown"), stays: pod("b")),
        Row(remark: "not ready before ready", goes: pod("a", readyFor: nil), stays: pod("b")),
        Row(
            remark: "lower cost first, though ready longer",
            goes: pod("a", annotations: cost("-5")), stays: pod("b", readyFor: 1)),
        Row(remark: "ready for a shorter time first", goes: pod("a", readyFor: 10), stays: pod("b", readyFor: 1000)),
        Row(remark: "more restarts first", goes: pod("a", restarts: 3), stays: pod("b")),
        Row(remark: "younger first", goes: pod("a", age: 10), stays: pod("b", age: 7200)),
        Row(remark: "about the same age: by uid", goes: pod("a", age: 3000), stays: pod("b", age: 2900)),
        Row(
            remark: "a cost that is no number counts as none",
            goes: pod("a", annotations: cost("-1")),
            stays: pod("b", annotations: cost("x"))),
    ]

    @Test(arguments: rows) func picksTheOneThatIsMissedLeast(_ row: Row) {
        let order = PodDeletionOrder(related: [row.goes, row.stays], now: start)
        #expect(order.podsToDelete(1, of: [row.stays, row.goes]).map(\.name) == [row.goes.name])
        #expect(order.podsToDelete(1, of: [row.goes, row.stays]).map(\.name) == [row.goes.name])
    }

    @Test func spreadsOverNodes() {
        let pods = [pod("a", node: "one"), pod("b", node: "two"), pod("c", node: "two")]
        let order = PodDeletionOrder(related: pods, now: start)
        #expect(order.podsToDelete(1, of: pods).map(\.nodeName) == ["two"])
    }

    @Test func takesAllWhereNoneIsTooMany() {
        let pods = [pod("a"), pod("b")]
        #expect(PodDeletionOrder(related: pods, now: start).podsToDelete(5, of: pods).count == 2)
        #expect(PodDeletionOrder(related: pods, now: start).podsToDelete(0, of: pods).isEmpty)
    }
}

private func cost(_ value: String) -> JSON {
    .object(JSONObject(uniqueMembers: [.init(key: PodDeletionOrder.costAnnotation, value: .string(value))]))
}
