import Foundation
import JSON
import TestSupport

/// Requests of some kind to a running server, which has to answer each of them and to live on.
final class RequestTarget: FuzzTarget {
    let name: String
    private let conversation: ServerConversation
    private let make: (inout SeededGenerator) -> RandomRequest

    init(
        _ name: String, _ conversation: ServerConversation, _ make: @escaping (inout SeededGenerator) -> RandomRequest
    ) {
        self.name = name
        self.conversation = conversation
        self.make = make
    }

    func run(_ random: inout SeededGenerator, _ note: FuzzNote) throws {
        var request = make(&random)
        var bytes = request.bytes
        if random.chance(oneIn: 12) {
            request.isBroken = true
            bytes = random.mutated(Array(bytes.prefix(400))) + bytes.dropFirst(400)
        }
        note.input(bytes)
        try conversation.hold(bytes, request)
    }

    /// All kinds of requests, to one server.
    static func all(server: String, port: UInt16, output: String) throws -> [RequestTarget] {
        let conversation = try ServerConversation(server: server, port: port, output: output)
        let tokens = RandomToken(valid: try conversation.serviceAccountToken())
        let customs = RandomCustomRequest()
        return [
            RequestTarget("request", conversation) { RandomRequest(&$0) },
            RequestTarget("list", conversation) { RandomListRequest.make(&$0) },
            RequestTarget("token", conversation) { tokens.request(&$0) },
            RequestTarget("headers", conversation) { RandomHeaders.request(&$0) },
            RequestTarget("custom", conversation) { customs.request(&$0) },
            RequestTarget("managers", conversation) { RandomManagers.request(&$0) },
        ]
    }
}

/// The connections to a server under test, and what was sent last.
final class ServerConversation {
    private let server: FuzzedServer
    private var connection: RawConnection?
    private var history: [[UInt8]] = []

    /// Requests that are kept for when the last one alone does not tell why the server ended.
    private static let historyCount = 40

    init(server: String, port: UInt16, output: String) throws {
        self.server = try FuzzedServer(executable: server, port: port, output: output)
        try self.server.waitUntilReady()
    }

    /// Sends a request and looks at the answer.
    func hold(_ bytes: [UInt8], _ request: RandomRequest) throws {
        history.append(bytes)
        if history.count > Self.historyCount { history.removeFirst() }
        do {
            try exchange(bytes, request)
        } catch {
            try server.checkAlive(keeping: history)
            throw error
        }
        // A connection that was cut off may be the first sign of a server that is about to be gone.
        if connection == nil { try server.checkAlive(keeping: history) }
    }

    /// A token that the server has signed.
    func serviceAccountToken() throws -> String {
        let account: JSON = ["metadata": ["name": "fuzz"]]
        let accounts = "/api/v1/namespaces/default/serviceaccounts"
        _ = try answer(to: RandomRequest("POST", accounts, body: ("application/json", account.encoded)))
        let path = accounts + "/fuzz/token"
        let answer = try answer(to: RandomRequest("POST", path, body: ("application/json", Array("{}".utf8))))
        guard let body = answer?.body, let token = try JSON(parsing: body)["status"]?["token"]?.stringValue else {
            throw FuzzFailure("the server gives no token")
        }
        return token
    }

    private func answer(to request: RandomRequest) throws -> RawAnswer? {
        let connection = try RawConnection(port: server.plainPort)
        _ = connection.send(request.bytes)
        return try connection.readAnswer(isHead: false, isStream: false)
    }

    private func exchange(_ bytes: [UInt8], _ request: RandomRequest) throws {
        let kept = connection
        connection = nil
        // The server may have ended an idle connection just then.
        if let kept, try exchange(bytes, request, on: kept) { return }
        if try exchange(bytes, request, on: RawConnection(port: server.plainPort)) || request.isBroken { return }
        // Nor may an answer arrive that was given before the server had read all of a large body.
        if bytes.count < 64 * 1024 { throw FuzzFailure("no answer to a well-formed request") }
    }

    /// - Returns: whether there was an answer.
    private func exchange(_ bytes: [UInt8], _ request: RandomRequest, on connection: RawConnection) throws -> Bool {
        _ = connection.send(bytes)
        if request.isBroken || request.isStream { connection.endSending() }
        guard let answer = try connection.readAnswer(isHead: request.method == "HEAD", isStream: request.isStream)
        else { return false }
        if answer.isKeptAlive, !request.isBroken, !request.isStream { self.connection = connection }
        try check(answer, request)
        return true
    }

    private func check(_ answer: RawAnswer, _ request: RandomRequest) throws {
        guard (100..<600).contains(answer.status) else { throw FuzzFailure("status \(answer.status)") }
        // Kubernetes answers some bad input with 500 as well, but then says what is bad about it.
        let text = String(decoding: answer.body.prefix(500), as: UTF8.self)
        if answer.status == 500, text.contains("InternalError") { throw FuzzFailure(text) }
        guard answer.status >= 400, !request.isBroken, !request.isStream, request.method != "HEAD",
            request.expectsStatus,
            answer.contentType.hasPrefix("application/json")
        else { return }
        guard let status = try? JSON(parsing: answer.body), status["kind"] == "Status",
            status["code"] == .int(Int64(answer.status))
        else {
            throw FuzzFailure("\(answer.status) without a Status: \(text)")
        }
    }
}
