import JSON
import KubernetesClient
import Synchronization

/// A transport whose answers a test gives, request by request.
final class ScriptedServer: APITransport {
    typealias Handler = @Sendable (TransportRequest) async throws -> TransportResponse

    private let handler: Handler
    private let log = Mutex<[TransportRequest]>([])

    init(_ handler: @escaping Handler) { self.handler = handler }

    var requests: [TransportRequest] { log.withLock { $0 } }
    var targets: [String] { requests.map(\.target) }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        log.withLock { $0.append(request) }
        return try await handler(request)
    }
}

/// Answers in order, one a request; the requests after the last wait until they are cancelled.
final class AnswerScript: Sendable {
    private let answers: Mutex<[@Sendable (TransportRequest) throws -> TransportResponse]>

    init(_ answers: [@Sendable (TransportRequest) throws -> TransportResponse]) { self.answers = Mutex(answers) }

    func answer(_ request: TransportRequest) async throws -> TransportResponse {
        let next = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let next else {
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        }
        return try next(request)
    }

    var isUsedUp: Bool { answers.withLock { $0.isEmpty } }
}

extension TransportResponse {
    static func json(_ json: JSON, status: Int = 200, headers: [TransportHeader] = []) -> TransportResponse {
        TransportResponse(status: status, headers: headers, body: TransportBody(json.encoded))
    }

    static func failure(_ code: Int, _ reason: String, _ message: String = "") -> TransportResponse {
        json(
            [
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
                "code": .int(Int64(code)), "message": .string(message),
            ], status: code)
    }

    static func stream(_ stream: ScriptedStream) -> TransportResponse {
        TransportResponse(status: 200, body: TransportBody(stream))
    }
}

/// A body that a test writes while it is read.
final class ScriptedStream: TransportBody.Source {
    private let pieces: AsyncThrowingStream<[UInt8], any Error>
    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation

    /// - Parameter events: sent at once.
    init(_ events: [JSON] = [], isEnded: Bool = false) {
        (pieces, continuation) = AsyncThrowingStream.makeStream()
        for event in events { send(event) }
        if isEnded { end() }
    }

    func send(_ event: JSON) { continuation.yield(event.encoded + [UInt8(ascii: "\n")]) }
    func send(raw text: String) { continuation.yield(Array(text.utf8)) }
    func end() { continuation.finish() }
    func fail(_ error: any Error) { continuation.finish(throwing: error) }

    func next() async throws -> [UInt8]? {
        for try await piece in pieces { return piece }
        try Task.checkCancellation()
        return nil
    }
}

/// Objects and events as the API writes them.
enum Sample {
    static func configMap(
        _ name: String, version: Int, namespace: String = "default", uid: String? = nil, owner: String? = nil
    ) -> JSON {
        var metadata: JSONObject = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid ?? "uid-" + name),
            "resourceVersion": .string(String(version)),
        ]
        if let owner { metadata["ownerReferences"] = [["uid": .string(owner), "kind": "ConfigMap", "name": "owner"]] }
        return ["apiVersion": "v1", "kind": "ConfigMap", "metadata": .object(metadata)]
    }

    static func event(_ type: String, _ object: JSON) -> JSON { ["type": .string(type), "object": object] }

    static func bookmark(_ version: Int, endsInitialEvents: Bool = false) -> JSON {
        var metadata: JSONObject = ["resourceVersion": .string(String(version))]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return event("BOOKMARK", ["kind": "ConfigMap", "apiVersion": "v1", "metadata": .object(metadata)])
    }

    static let expired = event(
        "ERROR", ["kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old"])

    static func list(_ items: [JSON], version: Int, continueToken: String = "") -> JSON {
        var metadata: JSONObject = ["resourceVersion": .string(String(version))]
        if !continueToken.isEmpty { metadata["continue"] = .string(continueToken) }
        return [
            "kind": "ConfigMapList", "apiVersion": "v1", "metadata": .object(metadata),
            "items": .array(
                items.map { item in
                    var item = item
                    item["kind"] = nil
                    item["apiVersion"] = nil
                    return item
                }),
        ]
    }
}
