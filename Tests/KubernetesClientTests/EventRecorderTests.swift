import JSON
import KubernetesClient
import Synchronization
import Testing

@Suite struct EventRecorderTests {
    private static let pod = KubernetesObject(
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "p", "namespace": "x", "uid": "u", "resourceVersion": "4"],
        ])

    private func server() -> ScriptedServer {
        ScriptedServer { request in .json(try JSON(parsing: request.body ?? [])) }
    }

    @Test func writesAnEventAboutAnObject() async throws {
        let server = server()
        var options = EventRecorder.Options()
        options.timeSource = ManualTimeSource()
        let recorder = EventRecorder(
            client: APIClient(transport: server), component: "test", instance: "host", options: options)
        recorder.record(Self.pod, .warning, reason: "Failed", message: "It broke")
        let task = Task { await recorder.run() }
        await eventually("the event is written") { server.requests.count == 1 }
        task.cancel()
        await task.value
        let request = try #require(server.requests.first)
        #expect(request.method == .post)
        #expect(request.target == "/api/v1/namespaces/x/events")
        let event = try JSON(parsing: #require(request.body))
        #expect(event["metadata"]?["name"]?.stringValue?.hasPrefix("p.") == true)
        let involved: JSON = [
            "kind": "Pod", "namespace": "x", "name": "p", "uid": "u", "apiVersion": "v1", "resourceVersion": "4",
        ]
        #expect(event["involvedObject"] == involved)
        #expect(event["reason"] == "Failed")
        #expect(event["message"] == "It broke")
        #expect(event["type"] == "Warning")
        #expect(event["count"] == 1)
        #expect(event["source"] == ["component": "test", "host": "host"])
        #expect(event["firstTimestamp"] == "2026-01-01T00:00:00Z")
    }

    @Test func countsARepeatedEventUp() async throws {
        let server = server()
        let recorder = EventRecorder(client: APIClient(transport: server), component: "test")
        for _ in 0..<3 { recorder.record(Self.pod, .normal, reason: "Again", message: "m") }
        recorder.record(Self.pod, .normal, reason: "Other", message: "m")
        let task = Task { await recorder.run() }
        await eventually("the events are written") { server.requests.count == 4 }
        task.cancel()
        await task.value
        #expect(server.requests.map(\.method) == [.post, .patch, .patch, .post])
        let patch = try JSON(parsing: #require(server.requests[2].body))
        #expect(patch["count"] == 3)
    }

    @Test func holdsBackAFloodOfOneObject() async throws {
        let server = server()
        var options = EventRecorder.Options()
        options.burstPerObject = 5
        options.timeSource = ManualTimeSource()
        let recorder = EventRecorder(client: APIClient(transport: server), component: "test", options: options)
        for number in 0..<20 { recorder.record(Self.pod, .normal, reason: "R\(number)", message: "m") }
        var other = Self.pod
        other.uid = "v"
        recorder.record(other, .normal, reason: "R", message: "m")
        let task = Task { await recorder.run() }
        await eventually("the other object's event is written") { server.requests.count == 6 }
        task.cancel()
        await task.value
    }

    @Test func dropsWhatItsQueueCannotHold() {
        var options = EventRecorder.Options()
        options.queueLimit = 10
        let recorder = EventRecorder(client: APIClient(transport: server()), component: "test", options: options)
        for _ in 0..<15 { recorder.record(Self.pod, .normal, reason: "R", message: "m") }
        #expect(recorder.droppedCount == 5)
    }
}
