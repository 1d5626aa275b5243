import HTTPTransport
import KubernetesClient
import PKI
import Testing

/// Long answers at the same time over HTTP/2, from the project's own transport.
@Suite struct ConcurrentAnswerTests {
    /// Longer than what waits for a reader, so that a slow one holds the server back.
    fileprivate static let size = 1_300_000

    /// The ends of such answers once never came, when they shared a connection.
    @Test func readsManyLargeAnswersAtOnce() async throws {
        try await Self.withServer { configuration in
            let transport = try CurlTransport(configuration)
            let lengths = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        var length = 0
                        for _ in 0..<5 {
                            length += try await Self.get(transport).body.collect(limit: 2 * Self.size).count
                        }
                        return length
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(lengths == Array(repeating: 5 * Self.size, count: 16))
        }
    }

    @Test func servesOthersWhileAnAnswerIsNotRead() async throws {
        try await Self.withServer { configuration in
            let transport = try CurlTransport(configuration)
            let unread = try await Self.get(transport)
            for _ in 0..<20 { #expect(try await Self.get(transport).body.collect(limit: Self.size).count == Self.size) }
            #expect(try await unread.body.collect(limit: Self.size).count == Self.size)
        }
    }

    private static func get(_ transport: CurlTransport) async throws -> TransportResponse {
        try await transport.send(TransportRequest(method: .get, target: "/", timeout: .seconds(30)))
    }

    private static func withServer(_ body: (ClientConfiguration) async throws -> Void) async throws {
        let authority = try CertificateAuthority(commonName: "test-ca")
        let identity = try authority.issue(
            CertificateSubject(commonName: "server"), for: .server(names: ["localhost"], addresses: ["127.0.0.1"]))
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(
                listeners: [.https(host: "127.0.0.1", port: 0)],
                tls: TLSConfiguration(
                    certificateChain: try identity.certificate.pem(), privateKey: try identity.key.pem()),
                reactorCount: 2),
            handler: LargeAnswer())
        let address = try #require(try server.start().first)
        let outcome: Result<Void, any Error>
        do {
            try await body(
                ClientConfiguration(
                    server: "https://" + address,
                    tls: ClientConfiguration.TLS(certificateAuthorities: try authority.certificate.pem())))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await server.shutDown(grace: .milliseconds(50))
        try outcome.get()
    }

    private struct LargeAnswer: HTTPHandler {
        func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) async {
            exchange.respond(
                status: 200, headers: ["content-type": "text/plain"],
                body: ByteSegments([UInt8](repeating: 0x61, count: ConcurrentAnswerTests.size)))
        }
    }
}
